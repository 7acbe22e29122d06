"""The runner of the demo: small workflows, run by the real act."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pennon.assets import export
from pennon.flows.demo.act import Act, readable
from worlds import commit_all, new_clone

BIN = Path(sys.executable).parent
WORKFLOW = """\
name: small
on:
  workflow_dispatch:
    inputs:
      model:
        type: string
concurrency:
  group: small
  queue: max # needs its reason
jobs:
  small:
    runs-on: ubuntu-latest
    environment:
      name: staging
      deployment: false
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: test -f README.md && echo "told $GREETING about $MODEL" >"$PENNON_ARTIFACTS"
        env:
          MODEL: ${{ inputs.model }}
      - run: test "$MODEL" != broken
        env:
          MODEL: ${{ inputs.model }}
"""


@pytest.fixture
def small(tmp_path: Path) -> tuple[Act, Path]:
    """An act, and a clone with one workflow."""
    clone = new_clone(tmp_path)
    folder = clone / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "small.yml").write_text(WORKFLOW)
    commit_all(clone, "a workflow")
    subprocess.run(["git", "push", "--quiet"], cwd=clone, check=True)
    variables = {
        "GREETING": "hello",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PENNON_ARTIFACTS": str(tmp_path / "told"),
        "PENNON_ORIGIN": str(tmp_path / "origin.git"),
    }
    return Act(export(tmp_path / "kit"), tmp_path / "cache", variables), clone


def test_inputs_and_variables_reach_a_step_in_a_checkout(small: tuple[Act, Path]) -> None:
    act, clone = small
    ran = act.run(clone, "small.yml", "workflow_dispatch", {"inputs": {"model": "delay"}})
    assert ran.ok, ran.log
    assert (clone.parent / "told").read_text() == "told hello about delay\n"


def test_a_step_that_fails_fails_the_run_and_its_log_is_kept(small: tuple[Act, Path]) -> None:
    act, clone = small
    ran = act.run(clone, "small.yml", "workflow_dispatch", {"inputs": {"model": "broken"}})
    assert not ran.ok
    assert 'test "$MODEL" != broken' in ran.log


def test_the_clone_keeps_its_workflow_as_it_is(small: tuple[Act, Path]) -> None:
    act, clone = small
    act.run(clone, "small.yml", "workflow_dispatch", {"inputs": {"model": "delay"}})
    assert (clone / ".github" / "workflows" / "small.yml").read_text() == WORKFLOW


def test_only_what_act_does_not_know_is_taken_out() -> None:
    known = yaml.safe_load(WORKFLOW)
    del known["concurrency"]["queue"]
    del known["jobs"]["small"]["environment"]["deployment"]
    assert yaml.safe_load(readable(WORKFLOW)) == known
