"""docs/data.md is what the contracts say, or `pennon check` tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pennon.errors import ConfigError
from pennon.flows.check import check
from pennon.flows.upkeep.dictionary import PAGE, check_page, write_page
from pennon.flows.world import World
from shop import shop, write


@pytest.fixture
def here(tmp_path: Path) -> World:
    return shop(tmp_path / "world")


def other_contract(here: World) -> None:
    text = (here.root / "data/customers.yaml").read_text()
    write(here.root, "data/customers.yaml", text.replace("max: 120", "max: 130"))


def test_the_page_is_written_once(here: World) -> None:
    assert write_page(here).changed
    assert not write_page(here).changed
    assert "| `age` | number | ≥ 0, ≤ 120 |" in (here.root / PAGE).read_text()


def test_a_dry_run_writes_nothing(here: World) -> None:
    assert write_page(here, dry_run=True).changed
    assert not (here.root / PAGE).exists()


def test_check_is_silent_without_a_page(here: World) -> None:
    assert check(here).datasets


def test_check_is_silent_while_the_page_is_what_the_contract_says(here: World) -> None:
    write_page(here)
    assert check(here).datasets
    assert check_page(here).datasets == ("customers",)


@pytest.mark.parametrize("held", [check, check_page])
def test_a_page_that_is_out_of_date_is_told_with_the_command(
    here: World, held: Callable[[World], object]
) -> None:
    write_page(here)
    other_contract(here)
    with pytest.raises(ConfigError, match=r"docs/data\.md: is not what .* run: pennon data docs"):
        held(here)


def test_line_ends_of_a_checkout_do_not_matter(here: World) -> None:
    write_page(here)
    page = here.root / PAGE
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
    assert check(here).datasets


def test_a_page_that_somebody_wrote_is_left_alone(here: World) -> None:
    write(here.root, PAGE, "# Our data\n")
    assert check(here).datasets
    for held in (write_page, check_page):
        with pytest.raises(ConfigError, match="not written by pennon"):
            held(here)
    assert (here.root / PAGE).read_text() == "# Our data\n"


def test_a_page_that_is_asked_for_and_missing_is_told(here: World) -> None:
    with pytest.raises(ConfigError, match="is missing; run: pennon data docs"):
        check_page(here)
