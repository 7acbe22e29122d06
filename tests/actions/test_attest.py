"""The provenance of a registration: recorded, or said not to be. The real action, run by act."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pennon.assets import export
from pennon.flows.demo import act as runner
from pennon.flows.demo.act import Act
from worlds import commit_all, new_clone

BIN = Path(sys.executable).parent
WORKFLOW = """\
name: small
on: workflow_dispatch
jobs:
  small:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: pennon-ml/pennon/actions/register@v0
      - run: echo "registered all the same"
"""
INSTALL = """\
#!/usr/bin/env bash
echo "$FAKES" >>"$GITHUB_PATH"
"""
PENNON = """\
#!/usr/bin/env bash
if [ "$REGISTERED" = something ]; then
  echo "00ff  churn@v1.0.0/model.skops" >"$PENNON_ORIGIN.sums"
  echo "subjects=$PENNON_ORIGIN.sums" >>"$GITHUB_OUTPUT"
fi
"""


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def ran(tmp_path: Path, registered: str) -> str:
    """The log of a job whose pennon registers something, or nothing."""
    clone = new_clone(tmp_path)
    (clone / ".github" / "workflows").mkdir(parents=True)
    (clone / ".github" / "workflows" / "small.yml").write_text(WORKFLOW)
    commit_all(clone, "a workflow")
    subprocess.run(["git", "push", "--quiet"], cwd=clone, check=True)
    kit = export(tmp_path / "kit")
    program(kit / "actions" / "setup" / "install.sh", INSTALL)
    program(tmp_path / "fakes" / "pennon", PENNON)
    variables = {
        "FAKES": str(tmp_path / "fakes"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PENNON_ARTIFACTS": str(tmp_path / "kept"),
        "PENNON_ORIGIN": str(tmp_path / "origin.git"),
        "REGISTERED": registered,
    }
    done = Act(kit, tmp_path / "cache", variables).run(clone, "small.yml", "workflow_dispatch", {})
    assert done.ok, done.log
    assert "registered all the same" in done.log
    return done.log


def test_what_was_registered_is_attested(tmp_path: Path) -> None:
    assert "no provenance" not in ran(tmp_path, "something")
    (kept,) = (tmp_path / "kept" / "attested").iterdir()
    assert kept.read_text() == "00ff  churn@v1.0.0/model.skops\n"


def test_where_nothing_was_registered_nothing_is_attested(tmp_path: Path) -> None:
    assert "no provenance" not in ran(tmp_path, "nothing")
    assert not (tmp_path / "kept").exists()


def test_a_plan_without_provenance_fails_no_registration_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a private repository without Enterprise Cloud, where GitHub's own action fails."""
    refusing = tmp_path / "stand-ins"
    shutil.copytree(runner.STAND_INS, refusing)
    (attest,) = refusing.glob("actions/attest-build-provenance@*/action.yml")
    attest.write_text(
        re.sub(r"run: '.*'", "run: echo 'Feature not available'; exit 1", attest.read_text())
    )
    monkeypatch.setattr(runner, "STAND_INS", refusing)
    log = ran(tmp_path, "something")
    assert "no provenance" in log
    assert "Enterprise Cloud" in log
