"""A baked repository is whole, small and green on its first run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from pennon.config import Principles, read
from pennon.errors import ConfigError
from pennon.flows.check import check
from pennon.flows.data import check as check_data
from pennon.flows.new import bake, questions
from pennon.flows.upkeep.dictionary import check_page
from shop import world
from worlds import run_git

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
READERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


@pytest.fixture(scope="module", params=["classification", "regression"])
def baked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake(tmp_path_factory.mktemp("new") / "flights", {"problem": request.param})


def files(folder: Path) -> list[Path]:
    return [folder / name for name in run_git(folder, "ls-files").splitlines()]


def complaints(folder: Path, program: str, *arguments: str) -> str:
    """What a linter says of a folder, if it finds anything wrong."""
    command = [str(BIN / program), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_a_baked_repository_is_small_and_committed(baked: Path) -> None:
    assert len(files(baked)) < 60
    assert run_git(baked, "status", "--porcelain") == ""


def test_no_template_variable_is_left(baked: Path) -> None:
    assert [f for f in files(baked) if f.suffix != ".csv" and "cookiecutter" in f.read_text()] == []


def test_every_file_of_settings_can_be_read(baked: Path) -> None:
    settings = [file for file in files(baked) if file.suffix in READERS]
    assert len(settings) > 10
    for file in settings:
        assert READERS[file.suffix](file.read_text()), file


LINTERS = {
    "actionlint": ("actionlint", "-no-color"),
    "zizmor": ("zizmor", "--offline", "--persona=pedantic", "."),
    "schema of dependabot": (
        "check-jsonschema",
        "--builtin-schema",
        "vendor.dependabot",
        ".github/dependabot.yml",
    ),
}


@pytest.mark.parametrize("linter", LINTERS)
def test_its_workflows_are_clean_where_they_lie(linter: str, baked: Path) -> None:
    program, *arguments = LINTERS[linter]
    assert complaints(baked, program, *arguments) == ""


def test_its_configuration_is_sound(baked: Path) -> None:
    config = check(world(baked))
    assert list(config.project.models) == ["delay"]


def test_its_data_is_what_was_locked(baked: Path) -> None:
    (found,) = check_data(world(baked), None)
    assert found.findings == ()
    assert (baked / "data" / "flights.csv").stat().st_size <= 1_500_000


def test_its_dictionary_is_what_its_contract_says(baked: Path) -> None:
    assert check_page(world(baked)).datasets == ("flights",)


def test_its_check_finds_a_contract_that_its_dictionary_has_not(tmp_path: Path) -> None:
    folder = bake(tmp_path / "flights", {})
    contract = folder / "data" / "flights.yaml"
    contract.write_text(contract.read_text().replace('about: "miles"', 'about: "sea miles"'))
    with pytest.raises(ConfigError, match="run: pennon data docs"):
        check(world(folder))


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
    assert complaints(baked, "ruff", "check", "--no-cache") == ""
    assert complaints(baked, "mypy", "--cache-dir=/dev/null") == ""


def test_its_tests_reach_the_floor_of_coverage_and_code_without_tests_does_not(
    tmp_path: Path,
) -> None:
    folder = bake(tmp_path / "flights", {})
    tested = ("pytest", "-p", "no:cacheprovider", "--quiet", "--cov")
    assert complaints(folder, *tested) == ""
    lines = "\n".join(f"    print({i})" for i in range(30))
    (folder / "src" / "flights" / "more.py").write_text(f"def more() -> None:\n{lines}\n")
    assert "not reached" in complaints(folder, *tested)


def needed() -> set[str]:
    """What pennon needs in an environment that trains and serves: `click>=8.2`, …"""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {*project["dependencies"], *project["optional-dependencies"]["ml"]}


def test_its_lock_holds_no_address_and_all_that_pennon_needs(baked: Path) -> None:
    lock = (baked / "requirements.lock").read_text()
    assert "://" not in lock
    tools = {"mypy", "pytest", "pytest-cov", "ruff"}
    for name in {it.partition(">=")[0] for it in needed()} | tools:
        assert f"\n{name}==" in f"\n{lock}", name


def test_its_requirements_ask_for_no_older_libraries_than_pennon(baked: Path) -> None:
    asked = set((baked / "requirements.in").read_text().splitlines())
    assert needed() - asked == set()


def test_the_roles_have_the_people_of_the_intake(tmp_path: Path) -> None:
    folder = bake(tmp_path / "shop", {"owner": "@acme/shop", "validators": "@acme/risk"})
    roles = yaml.safe_load((folder / "roles.yaml").read_text())["roles"]
    assert roles["business owner"]["who"] == "@acme/shop"
    assert roles["model validator"]["who"] == "@acme/risk"


def test_the_validators_own_the_gates_and_what_asks_for_them(baked: Path) -> None:
    owners = dict(
        line.split() for line in (baked / ".github" / "CODEOWNERS").read_text().splitlines()[1:]
    )
    held = {owners[f"/{name}.yaml"] for name in ("gates", "principles", "use-case")}
    assert held == {"@your-org/validators"}


def test_its_principles_name_all_gates_and_nobody_s_word(baked: Path) -> None:
    """A statement that a template brings would be signed by nobody."""
    config = world(baked).config()
    found = config.principles.principles
    assert {gate for it in found for gate in it.gates} == {it.id for it in config.gates.gates}
    assert [it.id for it in found if it.statement] == []


def test_the_statement_that_its_principles_show_is_one(baked: Path) -> None:
    text = (baked / "principles.yaml").read_text()
    shown = text.partition("#\n")[2].replace("\n#", "\n").removeprefix("#")
    (found,) = read(f"principles:\n{shown}", Principles, "principles.yaml").principles
    assert found.statement is not None


def test_the_intake_answers_are_kept(tmp_path: Path) -> None:
    folder = bake(tmp_path / "shop", {"owner": "@acme/shop", "consumption": "batch"})
    kept = yaml.safe_load((folder / "use-case.yaml").read_text())
    assert (kept["business_owner"], kept["consumption"]) == ("@acme/shop", "batch")


@pytest.mark.parametrize("risk", ["medium", "high"])
def test_what_a_risk_asks_for_is_there(risk: str, tmp_path: Path) -> None:
    folder = bake(tmp_path / "shop", {"risk": risk, "validators": "@vera"})
    config = check(world(folder))
    by = ("vera",) if risk == "high" else ()
    assert (config.gates.approvals.needed, config.gates.approvals.by) == (1, by)
    promotion = "manual" if risk == "high" else "automatic"
    assert config.project.models["delay"].promotion == promotion


def test_of_a_team_only_the_names_are_missing(tmp_path: Path) -> None:
    folder = bake(tmp_path / "shop", {"risk": "high", "validators": "@acme/risk"})
    with pytest.raises(ConfigError) as caught:
        check(world(folder))
    (line,) = caught.value.what.splitlines()[1:]
    assert "gates.yaml: approvals.by: the risk is high: name the people" in line


def test_the_template_asks_no_more_than_twelve_questions() -> None:
    assert 5 < len(questions()) <= 12


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"colour": "red"}, "does not ask for 'colour'"),
        ({"problem": "clustering"}, "is one of: classification, regression"),
        ({"model_name": "a.b"}, "model_name: 'a.b' is not possible"),
        ({"model_name": "2024-01-01"}, "model_name: '2024-01-01' is not possible"),
        ({"model_name": "No"}, "model_name: 'No' means something else already"),
        ({"package_name": "class"}, "package_name: 'class' means something else already"),
        ({"package_name": "pandas"}, "package_name: 'pandas' means something else already"),
        ({"validators": "somebody"}, "use @user or @organisation/team"),
    ],
)
def test_a_bad_answer_is_refused_and_nothing_is_left(
    answers: dict[str, str], words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        bake(tmp_path / "flights", answers)
    said = str(caught.value) + capfd.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answers", [{}, {"model_name": "a.b"}])
def test_nothing_is_left_in_the_temporary_folder(
    answers: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with suppress(ConfigError):
        bake(tmp_path / "flights", answers)
    assert list(temporary.iterdir()) == []


def test_a_folder_may_have_a_name_that_python_keeps_for_itself(tmp_path: Path) -> None:
    assert bake(tmp_path / "lambda", {}).is_dir()


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "flights").mkdir()
    with pytest.raises(ConfigError, match="exists already"):
        bake(tmp_path / "flights", {})
