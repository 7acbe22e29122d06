"""The demo is the end-to-end test: the generated repository's own YAML, run by the real act."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module", params=["--act", "--no-act"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was played to its end."""
    folder = tmp_path_factory.mktemp("demo") / "stage"
    done = subprocess.run(
        [sys.executable, "-m", "pennon", "demo", "--keep", str(folder), str(request.param)],
        env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 7 scenes did what they said" in done.stdout
    return folder


def printed(stage: Path, *command: str) -> Any:  # noqa: ANN401  whatever the command prints
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=stage / "flights",
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_gto_and_pennon_agree_on_the_registry_of_the_demo(stage: Path) -> None:
    (ours,) = printed(stage, "pennon", "show", "--json")
    theirs = printed(stage, "gto", "show", "--json")["delay"]
    assert (theirs["version"], theirs["stage"]) == (ours["latest"], ours["stages"])


def test_gto_and_pennon_agree_on_its_history(stage: Path) -> None:
    ours = [event["tag"] for event in printed(stage, "pennon", "history", "delay", "--json")]
    rows = printed(stage, "gto", "history", "delay", "--json", "--ascending")
    assert [row["ref"] for row in rows if row["event"] != "commit"] == ours


def test_every_pull_request_has_one_comment_with_its_verdict(stage: Path) -> None:
    titles = []
    for number in (1, 2, 3):
        (file,) = (stage / "forge" / "comments" / str(number)).glob("*.json")
        titles.append(json.loads(file.read_text())["body"].splitlines()[1])
    assert "ready to promote" in titles[0]
    assert "do not promote" in titles[1]
    assert "origin=JFK" in titles[1]
    assert "[!" not in (stage / "comments.html").read_text()
    assert "nothing was trained" in titles[2]


def test_a_release_holds_model_lineage_evidence_and_papers(stage: Path) -> None:
    assets = stage / "forge" / "releases" / "delay@v1.1.0" / "assets"
    names = {file.name for file in assets.iterdir()}
    assert names >= {
        "model.skops",
        "manifest.json",
        "evaluation.json",
        "model-card.md",
        "report.html",
        "verdict.json",
        "sbom.cdx.json",
    }
    told = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=assets, check=False)
    assert told.returncode == 0
