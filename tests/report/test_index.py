"""The comment for many models, what stands in for others, and a report that is marked as older."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest

from pennon.forge import Mark, marker
from pennon.forge.stamps import marked, order_of, unmarked
from pennon.forge.sticky import complete
from pennon.report import Change, Kind, ReviewView, Run, comment
from pennon.report.index import (
    KEY,
    Index,
    Row,
    gate_changes,
    index,
    instead,
    ordered,
    row,
    unread_row,
)
from pennon.report.previous import previous

Gold = Callable[[str, str], None]

HEAD = "3f2c9ab41d0e7788990011223344556677889900"
URL = "https://github.com/acme/flights/actions/runs/4821"
RUN = Run(id=4821, url=URL, at="2026-11-21T14:02:09Z", pennon="0.1.0")
COMMENT = "https://github.com/acme/flights/pull/7#issuecomment-12"
HOSTILE = "`x` | <img src=x> @everyone #12 www.e.vil ![a](https://e.vil) </details> <!-- --> " * 5


def of(*rows: Row, **more: object) -> Index:
    facts = {"run": RUN, "head": HEAD, "reports": URL, "rows": ordered(rows)} | more
    return Index(**facts)  # type: ignore[arg-type]  # of several types


def every(views: dict[str, ReviewView]) -> list[Row]:
    """Each variant under its own name, and a report that could not be read."""
    rows = [row(msgspec.structs.replace(view, model=name)) for name, view in views.items()]
    return [*rows, unread_row("forged", "the report has the format 2, and this reads 1")]


def test_every_verdict_has_a_row(views: dict[str, ReviewView], gold: Gold) -> None:
    found = of(*every(views), unchanged=3, gate_changes=gate_changes(views.values()))
    gold("index.md", index(found))


def test_an_overview_without_failures_is_short(views: dict[str, ReviewView], gold: Gold) -> None:
    names = ("better", "no-difference", "first", "regression")
    rows = (row(msgspec.structs.replace(views[name], model=name)) for name in names)
    gold("index-fine.md", index(of(*rows)))


def test_what_fails_comes_first_and_then_what_needs_a_look(views: dict[str, ReviewView]) -> None:
    places = [it.place for it in of(*every(views)).rows]
    assert places == sorted(places)
    kinds = [row(views[name]).fails for name in ("worse-slice", "training-failed", "data-broken")]
    assert kinds == [True] * 3
    assert not row(views["unsure"]).fails
    assert not row(views["unsure"]).fine


def test_every_kind_has_a_place(views: dict[str, ReviewView]) -> None:
    assert len({row(view).place for view in views.values()}) == len(Kind)


def test_a_change_of_a_gate_of_many_models_is_said_once(views: dict[str, ReviewView]) -> None:
    assert len(gate_changes([views["gates-changed"]] * 5)) == 2


def test_its_first_line_marks_it_and_its_last_is_for_programs(
    views: dict[str, ReviewView],
) -> None:
    text = index(of(*every(views)))
    assert text.splitlines()[0] == marker(KEY)
    assert text.splitlines()[-2].startswith("<sub>")
    assert order_of(text) == (4821, 1)
    assert complete(KEY, text, run=4821, attempt=1) == text.rstrip()


def test_five_hundred_models_of_any_name_fit_and_the_failures_are_shown(
    views: dict[str, ReviewView],
) -> None:
    worst = views["worse-slice"]
    rows = [
        row(msgspec.structs.replace(views["better"], model=f"{HOSTILE}{n}")) for n in range(497)
    ]
    rows += [row(msgspec.structs.replace(worst, model=f"bad-{n}")) for n in range(3)]
    changes = [Change(name=HOSTILE, old=HOSTILE, new=HOSTILE)] * 50
    text = index(of(*rows, gate_changes=tuple(changes)))
    assert len(text) <= 60_000
    assert [f"`bad-{n}`" in text for n in range(3)] == [True] * 3
    assert text.count("<details") == text.count("</details>")
    shown = len(re.findall(r"^\| (?:<code>|`bad)", text, re.MULTILINE))
    (left,) = re.findall(r"\*\*(\d+) more rows do not fit", text)
    assert shown + int(left) == 500
    assert f"✅ {left} ready to promote" in text
    assert "<img" not in text


def test_three_hundred_plain_models_all_fit(views: dict[str, ReviewView]) -> None:
    rows = [row(msgspec.structs.replace(views["better"], model=f"model-{n}")) for n in range(300)]
    assert "not fit" not in index(of(*rows))


@pytest.mark.parametrize("name", ["worse-slice", "training-failed", "data-broken", "first"])
def test_no_name_makes_a_cell_or_a_row(name: str, views: dict[str, ReviewView]) -> None:
    view = msgspec.structs.replace(views[name], model="m", reason=HOSTILE)
    (line,) = [it for it in index(of(row(view))).splitlines() if it.startswith("| `m`")]
    assert len(re.findall(r"(?<!\\)\|", line)) == 5


def test_what_stands_in_for_a_report_links_to_it(gold: Gold) -> None:
    text = instead("delay/review", RUN, HEAD, words="`delay` is one of many", url=COMMENT)
    gold("instead.md", text)
    assert order_of(text) == (4821, 1)
    assert previous(text) == ""


def test_what_stands_in_for_a_report_is_never_marked() -> None:
    text = instead("delay/review", RUN, HEAD, words="`delay` is one of many", url=COMMENT)
    assert marked(text, Mark(run=5000, attempt=1, head="ab" * 20)) is None


def test_a_report_of_an_older_commit_says_so_first(
    views: dict[str, ReviewView], gold: Gold
) -> None:
    mark = Mark(run=4830, attempt=1, head="abc1234" * 5, url=URL.replace("4821", "4830"))
    text = marked(comment(views["better"]), mark) or ""
    gold("stale.md", text)
    assert previous(unmarked(text)) == previous(comment(views["better"]))
