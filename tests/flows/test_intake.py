"""A card that lacks words is a problem of the check; one that cannot be written stops early."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.errors import ConfigError
from pennon.flows.check import check
from pennon.flows.register import Ask, register
from pennon.flows.world import World
from shop import FILES, write
from shop import world as world_of
from worlds import commit_all, new_clone

USE_CASE = FILES["use-case.yaml"]


@pytest.fixture
def here(tmp_path: Path) -> World:
    """The shop's files without its rows."""
    work = new_clone(tmp_path)
    for name, text in FILES.items():
        write(work, name, text)
    commit_all(work, "a model repository")
    return world_of(work)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (USE_CASE.replace("risks:", "harms:"), "use-case.yaml: harms: unknown key"),
        (f"{USE_CASE}risk: huge\n", "use-case.yaml: risk: invalid enum value 'huge'"),
        (USE_CASE.replace("risks: What was", "risks: '' # "), "use-case.yaml: risks: the model"),
        (USE_CASE.replace("name:", "# name:"), "use-case.yaml: name: required, but missing"),
    ],
)
def test_an_answer_that_the_card_needs_is_a_problem_at_its_key(
    text: str, problem: str, here: World
) -> None:
    write(here.root, "use-case.yaml", text)
    with pytest.raises(ConfigError, match=problem):
        check(here)


def test_the_file_itself_is_needed(here: World) -> None:
    (here.root / "use-case.yaml").unlink()
    with pytest.raises(ConfigError, match=r"use-case\.yaml: missing; the model card takes"):
        check(here)


def test_nothing_is_trained_for_a_card_that_cannot_be_written(here: World) -> None:
    """There are no rows at all: a training would fail in another way."""
    write(here.root, "roles.yaml", "roles: [somebody]\n")
    commit_all(here.root, "roles")
    with pytest.raises(ConfigError, match=r"roles\.yaml: roles"):
        register(here, Ask())


def test_prose_that_cannot_be_read_stops_no_other_command(here: World) -> None:
    write(here.root, "use-case.yaml", "name: [")
    assert list(here.config().project.models) == ["churn"]


def test_a_risk_asks_for_more(here: World) -> None:
    write(here.root, "use-case.yaml", f"{USE_CASE}risk: medium\n")
    with pytest.raises(ConfigError, match=r"gates\.yaml: approvals\.needed: the risk is medium"):
        check(here)
