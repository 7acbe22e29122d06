"""A baked repository is whole, small and green on its first run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pennon.errors import ConfigError
from pennon.flows.check import check
from pennon.flows.data import check as check_data
from pennon.flows.new import bake, questions
from shop import world
from worlds import run_git

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module", params=["classification", "regression"])
def baked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake(tmp_path_factory.mktemp("new") / "flights", {"problem": request.param})


def files(folder: Path) -> list[Path]:
    return [folder / name for name in run_git(folder, "ls-files").splitlines()]


def test_a_baked_repository_is_small_and_committed(baked: Path) -> None:
    assert len(files(baked)) < 60
    assert run_git(baked, "status", "--porcelain") == ""


def test_no_template_variable_is_left(baked: Path) -> None:
    assert [f for f in files(baked) if f.suffix != ".csv" and "cookiecutter" in f.read_text()] == []


def test_its_configuration_is_sound(baked: Path) -> None:
    config = check(world(baked))
    assert list(config.project.models) == ["delay"]


def test_its_data_is_what_was_locked(baked: Path) -> None:
    (found,) = check_data(world(baked), None)
    assert found.findings == ()
    assert (baked / "data" / "flights.csv").stat().st_size <= 1_500_000


def test_its_own_tests_pass_and_every_folder_has_some(baked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--verbose"],
        cwd=baked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for folder in ("unit", "data", "model", "contract"):
        assert f"tests/{folder}/" in done.stdout


FEATURES = "src/flights/features.py"
DEFECTS = {
    "a feature is lost": (FEATURES, '"dest", "carrier"]', '"dest"]'),
    "a feature looks at the other rows": (
        FEATURES,
        "    return features",
        '    features["minute"] -= features["minute"].mean()\n    return features',
    ),
    "a feature is no part of a request": (FEATURES, "*WEATHER]", '"late", *WEATHER]'),
    "the model learns nothing": ("params.yaml", "[origin, month, minute, distance]", "[distance]"),
    "the data leaves its contract": ("data/flights.csv", ",LGA,", ",XXX,"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_its_tests_find_a_planted_defect(defect: str, tmp_path: Path) -> None:
    folder = bake(tmp_path / "flights", {})
    name, old, new = DEFECTS[defect]
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--quiet"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1


def test_its_code_is_clean(baked: Path) -> None:
    done = subprocess.run(
        [BIN / "ruff", "check", "--no-cache"], cwd=baked, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_its_lock_holds_no_address_and_all_that_pennon_needs(baked: Path) -> None:
    lock = (baked / "requirements.lock").read_text()
    assert "://" not in lock
    for name in ("scikit-learn", "skops", "starlette", "uvicorn", "click", "msgspec", "pygithub"):
        assert f"\n{name}==" in f"\n{lock}"


def test_the_validators_own_the_gates(baked: Path) -> None:
    owners = dict(
        line.split() for line in (baked / ".github" / "CODEOWNERS").read_text().splitlines()[1:]
    )
    assert owners["/gates.yaml"] == "@your-org/validators"


def test_the_intake_answers_are_kept(tmp_path: Path) -> None:
    folder = bake(tmp_path / "shop", {"owner": "@acme/shop", "consumption": "batch"})
    kept = yaml.safe_load((folder / "use-case.yaml").read_text())
    assert (kept["business_owner"], kept["consumption"]) == ("@acme/shop", "batch")


def test_the_template_asks_no_more_than_twelve_questions() -> None:
    assert 5 < len(questions()) <= 12


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"colour": "red"}, "does not ask for 'colour'"),
        ({"problem": "clustering"}, "is one of: classification, regression"),
        ({"model_name": "a.b"}, "model_name: 'a.b' is not possible"),
        ({"package_name": "class"}, "package_name: 'class' is not possible"),
        ({"validators": "somebody"}, "use @user or @organisation/team"),
    ],
)
def test_a_bad_answer_is_refused_and_nothing_is_left(
    answers: dict[str, str], words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        bake(tmp_path / "flights", answers)
    assert words in str(caught.value) + capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "flights").mkdir()
    with pytest.raises(ConfigError, match="exists already"):
        bake(tmp_path / "flights", {})
