"""The comment: every variant as it stands in golden/, hostile names, and the limit of length."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from itertools import groupby
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pennon.forge import marker
from pennon.forge.stamps import order_of
from pennon.forge.sticky import complete
from pennon.report import Kind, ReviewView, Run, comment
from pennon.report.comment import DROPS, LIMIT

Gold = Callable[[str, str], None]

MEANT = ["details", "summary", "sub", "b", "br"]
FRAGMENTS = (
    *("|", "`", "``", "```", "~~~", "@octocat", "#12", "<img src=x>", "</details>", "<!--", "-->"),
    *("]]>", "\n", "\n\n# h\n", "\n- x", "---", "[a](http://e.vil)", "www.e.vil", "\\", "$", "*"),
    *("_", "\r", "\u2028", "\u202e", "> q", "&lt;", "{{ view }}", "{% if %}"),
)
NASTY = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), min_size=1, max_size=5)
NASTY_TEXT = NASTY.map("".join).filter(str.strip)
SHAPES = ("worse-slice", "data-broken", "training-failed", "first", "gates-changed", "same")

gfm = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def poisoned(value: Any, text: str) -> Any:  # noqa: ANN401  a record, or what is in one
    """The same record with `text` as every string in it that is not ours."""
    if isinstance(value, msgspec.Struct):
        ours = {"model", "metric"} if isinstance(value, ReviewView) else {"metric"}
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return msgspec.structs.replace(
            value, **{k: poisoned(v, text) for k, v in fields.items() if k not in ours}
        )
    if isinstance(value, tuple):
        return tuple(poisoned(item, text) for item in value)
    if isinstance(value, dict):
        return {poisoned(k, text): poisoned(v, text) for k, v in value.items()}
    return text if isinstance(value, str) and value and not isinstance(value, Enum) else value


def shape(markdown: str) -> list[str]:
    """What GitHub would build, without the words: block and inline tokens, tags by name."""
    found: list[str] = []
    for token in gfm.parse(markdown):
        for part in token.children or [token]:
            tags = re.findall(r"<(/?\w+|!--)", part.content) if "html" in part.type else []
            found += tags or [part.type]
    text = " ".join(found).replace("code text /code", "code_inline")
    return [kind for kind, _ in groupby(text.split())]


def texts(markdown: str) -> str:
    """The text outside of code."""
    inline = [part for token in gfm.parse(markdown) for part in token.children or []]
    return "\n".join(part.content for part in inline if part.type == "text")


def test_every_variant_looks_as_it_did(variant: str, view: ReviewView, gold: Gold) -> None:
    gold(f"{variant}.md", comment(view))


def test_the_first_line_marks_the_comment_and_the_last_is_for_programs(view: ReviewView) -> None:
    lines = comment(view).splitlines()
    assert lines[0] == marker(f"{view.model}/review")
    assert lines[-2].startswith("<sub>")
    assert lines[-2].endswith("</sub>")
    assert order_of(comment(view)) == (4821, 1)


def test_posting_adds_nothing_to_it(view: ReviewView) -> None:
    text = comment(view)
    assert complete(f"{view.model}/review", text, run=4821, attempt=1) == text.rstrip()


def test_a_heading_says_the_verdict(view: ReviewView) -> None:
    assert sum(line.startswith("## ") for line in comment(view).splitlines()) == 1


def test_there_is_at_most_one_alert(view: ReviewView) -> None:
    assert comment(view).count("> [!") <= 1


def test_only_the_footer_changes_when_the_same_is_measured_again(view: ReviewView) -> None:
    run = Run(id=5000, attempt=3, at="2027-01-01T00:00:00Z", pennon="9.9.9")
    again = msgspec.structs.replace(view, run=run)
    assert comment(again).splitlines()[:-2] == comment(view).splitlines()[:-2]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=NASTY_TEXT,
    name=st.sampled_from(["worse-slice", "data-broken", "training-failed", "first"]),
)
def test_no_name_changes_the_shape_of_a_comment(
    text: str, name: str, views: dict[str, ReviewView]
) -> None:
    assert shape(comment(poisoned(views[name], text))) == shape(comment(poisoned(views[name], "a")))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=NASTY_TEXT, name=st.sampled_from(["worse-slice", "gates-changed", "data-broken", "same"])
)
def test_no_name_calls_anybody_or_links_anywhere(
    text: str, name: str, views: dict[str, ReviewView]
) -> None:
    assert not re.search(r"[@#]\w|://|\bwww\.", texts(comment(poisoned(views[name], text))))


@pytest.mark.parametrize("limit", [800, 1500, 2500, 3500, 5000])
def test_a_long_comment_loses_whole_sections(limit: int, views: dict[str, ReviewView]) -> None:
    text = comment(views["better"], limit=limit)
    assert len(text) <= max(limit, 1100)
    assert text.count("<details") == text.count("</details>")
    assert "Left out" in text or limit == 5000


def test_a_comment_that_fits_loses_nothing(view: ReviewView) -> None:
    text = comment(view)
    assert "Left out" not in text
    assert len(text) < LIMIT


def test_what_decides_is_the_last_to_go(views: dict[str, ReviewView]) -> None:
    text = comment(views["worse-slice"], limit=1)
    assert "do not promote" in text
    assert "[!CAUTION]" in text
    assert "metrics" in text.partition("Left out")[2]
    assert DROPS[-1] == "metrics"


def test_a_thousand_slices_still_fit(views: dict[str, ReviewView]) -> None:
    view = views["worse-slice"]
    many = msgspec.structs.replace(view, slices=view.slices * 500, worst=view.worst * 500)
    assert len(comment(many)) < LIMIT


def test_a_failed_run_keeps_the_last_report_with_numbers(views: dict[str, ReviewView]) -> None:
    good, failed = comment(views["better"]), views["training-failed"]
    once = comment(failed, standing=good)
    twice = comment(failed, standing=once)
    assert "ready to promote: ROC AUC" in once
    assert once == twice
    assert order_of(twice) == (4821, 1)


def test_a_good_run_keeps_nothing_of_the_failed_one(views: dict[str, ReviewView]) -> None:
    failed = comment(views["training-failed"], standing=comment(views["better"]))
    assert comment(views["better"], standing=failed) == comment(views["better"])


def test_a_foreign_comment_is_not_kept(views: dict[str, ReviewView]) -> None:
    failed = views["training-failed"]
    assert comment(failed, standing="## looks good to me\n\nship it") == comment(failed)


def test_no_mark_stands_alone_in_a_cell(view: ReviewView) -> None:
    cells = [cell.strip() for line in comment(view).splitlines() for cell in line.split("|")]
    assert not {cell for cell in cells if len(cell) in {1, 2} and not cell.isascii()} - {"—"}


def test_every_kind_has_a_golden_comment(views: dict[str, ReviewView]) -> None:
    assert {view.kind for view in views.values()} == set(Kind)
