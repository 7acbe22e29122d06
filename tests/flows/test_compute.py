"""Which runner trains which model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.config import Config, load
from pennon.errors import ConfigError
from pennon.flows.compute import Job, compute, jobs
from shop import FILES, world, write
from worlds import new_clone

MODEL = FILES["pennon.yaml"].partition("  churn:\n")[2].partition("environments:")[0]
GPU = ("self-hosted", "gpu")


def said(compute: str) -> str:
    models = "".join(f"  {name}:\n{MODEL}" for name in ("churn", "deep", "deeper"))
    return f"kit: 1\nmodels:\n{models}compute: {compute}\n"


def config(compute: str) -> Config:
    return load((FILES | {"pennon.yaml": said(compute)}).get)


SETTINGS = "{deep: {runner: [self-hosted, gpu]}, deeper: {runner: [self-hosted, gpu]}}"


def test_models_of_one_runner_share_a_job() -> None:
    found = jobs(config(SETTINGS), (), "ubuntu-latest")
    assert found == [Job("churn", "ubuntu-latest"), Job("deep deeper", GPU)]


def test_only_the_models_that_are_asked_for_train() -> None:
    assert jobs(config(SETTINGS), ("deeper",), "ubuntu-latest") == [Job("deeper", GPU)]


def test_without_a_word_all_train_where_the_variable_says() -> None:
    assert jobs(config("{}"), (), "cpu-large") == [Job("churn deep deeper", "cpu-large")]


@pytest.mark.parametrize(
    ("compute", "problem"),
    [
        ("{nobody: {runner: gpu}}", "compute.nobody: no model of this name"),
        ("{deep: {runner: []}}", "compute.deep.runner"),
        ("{deep: {}}", "compute.deep.runner: required"),
    ],
)
def test_a_runner_of_nobody_or_none_is_a_problem(compute: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        config(compute)


def test_a_step_hands_its_jobs_to_a_matrix(tmp_path: Path) -> None:
    work = new_clone(tmp_path)
    for name, text in (FILES | {"pennon.yaml": said(SETTINGS)}).items():
        write(work, name, text)
    output = tmp_path / "output"
    compute(world(work, GITHUB_OUTPUT=str(output)), (), "")
    _, text, _ = output.read_text().splitlines()
    assert json.loads(text)[1] == {"models": "deep deeper", "runner": list(GPU)}
