"""A version as a wheel: whole, the same whenever it is made, and installed from a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.lock import runtime
from pennon.artifacts.wheel import Wheel
from pennon.cli import cli
from pennon.errors import ConfigError
from pennon.flows.register import Ask, register
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.wheel import TOOLS, Wheeled, wheel
from pennon.flows.world import World
from pennon.registry import Version, read_local, reference
from shop import MODEL, customers, shop, world

ROOT = Path(__file__).parents[3]
UV = Path(sys.executable).parent / "uv"
ASKED = reference(f"{MODEL}@v1.0.0")
ASK = """\
import json, sys
import pandas as pd
import churn_model
rows = pd.DataFrame(json.load(sys.stdin))
print(json.dumps([churn_model.__file__, churn_model.predict(rows).tolist()]))
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    found = shop(tmp_path_factory.mktemp("wheel"))
    register(found, Ask(dispatch=False))
    return world(found.root)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feed")


@pytest.fixture(scope="module")
def made(here: World, feed: Path) -> Wheeled:
    return wheel(here, ASKED, feed, dry_run=False)


def run(*command: object, stdin: str = "") -> str:
    done = subprocess.run(
        [str(part) for part in command], input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_a_clean_environment_installs_from_the_folder_predicts(
    here: World, feed: Path, made: Wheeled, tmp_path: Path
) -> None:
    """Pennon's own wheel lies in the folder; the libraries come from the index."""
    run(UV, "build", "--quiet", "--wheel", "--out-dir", feed, ROOT)
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    install = (UV, "pip", "install", "--quiet", "--python", python)
    run(*install, "--find-links", feed, f"{made.name}==1.0.0")
    rows = customers().head(20)
    told = run(python, "-I", "-c", ASK, stdin=rows.to_json(orient="records"))
    place, predictions = json.loads(told)
    assert Path(place).is_relative_to(tmp_path / "venv")
    version = Version("v1.0.0")
    folder = bundle(here, read_local(here.repo, MODEL), version)
    exact = Bundle(folder, compiled=False).predict(rows)  # the shop's lock has no ONNX Runtime
    assert np.allclose(predictions, exact, rtol=1e-9)


def test_it_is_the_same_whenever_it_is_made(here: World, made: Wheeled, tmp_path: Path) -> None:
    again = wheel(world(here.root), ASKED, tmp_path, dry_run=False)
    assert Path(again.file).read_bytes() == Path(made.file).read_bytes()


def test_it_asks_for_this_pennon_and_for_what_the_lock_pins(made: Wheeled) -> None:
    with ZipFile(made.file) as archive:
        text = archive.read("churn_model-1.0.0.dist-info/METADATA").decode()
    asked = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("Requires-D")]
    assert asked == ["pennon[ml]==0.1.0", "scikit-learn==1.9.1"]


def test_a_dry_run_writes_nothing(here: World, tmp_path: Path) -> None:
    found = wheel(here, ASKED, tmp_path / "feed", dry_run=True)
    assert found.file.endswith("feed/churn_model-1.0.0-py3-none-any.whl")
    assert not (tmp_path / "feed").exists()


def test_the_command_says_how_it_is_installed(
    here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.root)
    arguments = ["package", f"{MODEL}@v1.0.0", "--wheel", "--to", str(tmp_path)]
    monkeypatch.setenv("PENNON_FORGE", f"local:{here.root.parent / 'forge'}")
    done = CliRunner().invoke(cli, arguments)
    assert done.stdout == f"pip install --find-links {tmp_path} churn-model==1.0.0\n"
    assert CliRunner().invoke(cli, [*arguments, "--base", "x"]).exit_code == 2


def named(model: str, version: str = "v1.0.0") -> Wheel:
    at = (2026, 11, 21, 12, 0, 0)
    return Wheel(model=model, version=version, python="3.11", requires=(), at=at)


@pytest.mark.parametrize(
    ("model", "name", "package"),
    [
        ("fraud/eu", "fraud-eu-model", "fraud_eu_model"),
        ("dir/sub:Churn_2", "dir-sub-churn-2-model", "dir_sub_churn_2_model"),
        ("7up", "7up-model", "_7up_model"),
    ],
)
def test_any_name_of_a_model_is_one_of_a_package(model: str, name: str, package: str) -> None:
    assert (named(model).name, named(model).package) == (name, package)


@pytest.mark.parametrize(("version", "number"), [("v1.2.3", "1.2.3"), ("v1.0.0-rc.2", "1.0.0rc2")])
def test_a_version_is_one_of_pip(version: str, number: str) -> None:
    assert named("churn", version).number == number


def test_a_version_that_pip_has_no_form_for_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"pip has no version like v1\.0\.0-nightly"):
        _ = named("churn", "v1.0.0-nightly").file


def test_tools_and_what_only_they_need_are_left_out_of_a_lock() -> None:
    lock = next((ROOT / "template").glob("*/requirements.lock")).read_text()
    names = {pin.name for pin in runtime(lock, TOOLS)}
    assert names >= {"scikit-learn", "pandas", "joblib", "packaging", "starlette", "click"}
    assert names.isdisjoint({"pytest", "mypy", "ruff", "pytest-cov", "pluggy", "librt", "coverage"})
    twice = [pin for pin in runtime(lock, TOOLS) if pin.name == "numpy"]
    assert len({pin.marker for pin in twice}) == len(twice) > 1


def test_a_lock_without_comments_loses_the_tools_alone() -> None:
    names = [pin.name for pin in runtime("a==1\npytest==9\npluggy==1\n", TOOLS)]
    assert names == ["a", "pluggy"]
