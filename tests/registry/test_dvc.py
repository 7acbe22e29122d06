"""DVC is the third reader: `dvc artifacts get --stage` and pennon mean the same commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pennon.registry import Version, read_model
from worlds import Ledger

ROOT = Path(__file__).parents[2]
ASK = """
import json, sys, dvc.api
ask = lambda **what: dvc.api.artifacts_show(sys.argv[1], repo=".", **what)["rev"]
stages, versions = sys.argv[2].split(), sys.argv[3].split()
found = {stage: ask(stage=stage) for stage in stages} | {v: ask(version=v) for v in versions}
print(json.dumps(found | {"newest": ask()}))
"""


@pytest.fixture(scope="module")
def dvc(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment for a process of its own, which finds DVC: it pins what ours does not."""
    folder = tmp_path_factory.mktemp("dvc")
    lock = ROOT / "scripts" / "locks" / "dvc.txt"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*uv, "--target", str(folder), "-r", str(lock)], check=True)
    own = {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder / "cache")}
    return dict(os.environ) | own | {"PYTHONPATH": str(folder)}


def rolled_back(clone: Path, model: str) -> Ledger:
    """v1.0.0, then v1.1.0, then v1.0.0 again are champion; v1.1.0 is challenger."""
    folder = clone / model.rpartition(":")[0]
    folder.mkdir(exist_ok=True)
    (clone / ".dvc").mkdir()
    (clone / ".dvc" / "config").write_text("")
    (folder / "dvc.yaml").write_text("artifacts:\n  churn:\n    path: model.skops\n")
    ledger = Ledger(clone, model)
    for version in ("v1.0.0", "v1.1.0"):
        (folder / "model.skops").write_text(version)
        ledger.register(version)
        ledger.assign(version)
    ledger.assign("v1.1.0", "challenger")
    ledger.assign("v1.0.0", rollback=True)
    return ledger


@pytest.mark.slow
@pytest.mark.parametrize("model", ["churn", "models:churn"])
def test_dvc_finds_the_commit_of_every_stage_and_version(
    clone: Path, model: str, dvc: dict[str, str]
) -> None:
    ledger = rolled_back(clone, model)
    state = read_model(ledger.repo, ledger.model)
    wanted = ["champion challenger", " ".join(map(str, state.versions))]
    command = [sys.executable, "-c", ASK, ledger.model, *wanted]
    found = subprocess.run(command, cwd=ledger.repo.root, env=dvc, capture_output=True, check=True)
    ours = {stage: event.commit for stage, event in state.stages.items()}
    ours |= {str(version): event.commit for version, event in state.versions.items()}
    assert json.loads(found.stdout) == ours | {"newest": state.find(Version("v1.1.0")).commit}


@pytest.mark.slow
def test_dvc_gets_the_file_of_the_champion_after_a_rollback(
    clone: Path, dvc: dict[str, str], tmp_path: Path
) -> None:
    ledger = rolled_back(clone, "churn")
    get = [sys.executable, "-m", "dvc", "artifacts", "get", str(ledger.repo.root), ledger.model]
    subprocess.run([*get, "--stage", "champion", "--out", "got"], cwd=tmp_path, env=dvc, check=True)
    assert (tmp_path / "got").read_text() == "v1.0.0"
