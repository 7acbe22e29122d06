"""docs/security.md says what the workflows say, or `pennon check` tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pennon.errors import ConfigError
from pennon.flows.check import check
from pennon.flows.security import PAGE, check_page, write_page
from pennon.flows.world import World
from shop import shop, write

WORKFLOW = """\
on: push
permissions: {}
jobs:
  register:
    permissions:
      contents: write # the tag
    uses: pennon-ml/pennon/.github/workflows/register.yml@v0
"""
FILE = ".github/workflows/register.yml"


@pytest.fixture
def here(tmp_path: Path) -> World:
    found = shop(tmp_path / "world")
    write(found.root, FILE, WORKFLOW)
    return found


def page(here: World) -> str:
    return (here.root / PAGE).read_text()


def test_the_page_is_written_once_and_has_rights_and_pins(here: World) -> None:
    assert write_page(here).changed
    assert not write_page(here).changed
    row = "| `register.yml` | `register` | `push` | `contents: write` the tag |"
    assert row in page(here)
    assert "| `actions/checkout` v" in page(here)


def test_a_dry_run_writes_nothing(here: World) -> None:
    assert write_page(here, dry_run=True).changed
    assert not (here.root / PAGE).exists()


CHANGES = {
    "a right more": (FILE, "contents: write # the tag", "contents: write\n      packages: write"),
    "another reason": (FILE, "# the tag", "# whatever it likes"),
    "another start": (FILE, "on: push", "on: [push, pull_request_target]"),
    "a secret": (FILE, "jobs:", "env: {KEY: '${{ secrets.KEY }}'}\njobs:"),
    "all secrets": (FILE, "@v0", "@v0\n    secrets: inherit"),
    "other code": (FILE, "pennon-ml/pennon/.github", "mallory/pennon/.github"),
    "another place": ("pennon.yaml", "staging: {port: 1}", "staging: {port: 1, target: bundle}"),
    "another store": ("pennon.yaml", "kit: 1", "kit: 1\nregistry: {store: 'file:///srv'}"),
}


@pytest.mark.parametrize("held", [check, check_page])
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_right_makes_the_page_wrong(
    change: str, held: Callable[[World], object], here: World
) -> None:
    write_page(here)
    held(here)
    name, old, new = CHANGES[change]
    text = (here.root / name).read_text()
    assert old in text
    write(here.root, name, text.replace(old, new))
    with pytest.raises(ConfigError, match=r"docs/security\.md: is not what .* pennon security"):
        held(here)


def test_a_newer_pennon_with_other_pins_makes_no_page_wrong(here: World) -> None:
    write_page(here)
    changed = page(here).replace("| `actions/checkout` v", "| `actions/checkout` v1")
    write(here.root, PAGE, changed)
    assert check_page(here).workflows == ("register.yml",)


def test_a_workflow_that_nobody_can_read_is_a_problem(here: World) -> None:
    write_page(here)
    write(here.root, FILE, "on: [")
    with pytest.raises(ConfigError, match=r"register\.yml: not YAML"):
        check(here)


def test_a_page_of_somebody_else_is_left_alone(here: World) -> None:
    write(here.root, PAGE, "# Our own\n")
    check(here)
    with pytest.raises(ConfigError, match="was not written by pennon"):
        write_page(here)
    assert page(here) == "# Our own\n"


def test_without_a_page_check_is_silent_and_the_command_is_not(here: World) -> None:
    check(here)
    with pytest.raises(ConfigError, match="is missing; run: pennon security"):
        check_page(here)
