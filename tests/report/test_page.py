"""The page: one file, no script, nothing from elsewhere, and every fact of the comment."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.report import ReviewView, comment, page

Gold = Callable[[str, str], None]
VOID = {"meta", "br", "circle", "line", "polyline"}
NUMBER = re.compile(r"[+−]?\d+\.\d+")


class Tree(HTMLParser):
    """Balanced or an assertion; keeps tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}
        ]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


@pytest.mark.parametrize("variant", ["worse-slice", "regression", "data-broken"])
def test_the_page_looks_as_it_did(variant: str, views: dict[str, ReviewView], gold: Gold) -> None:
    gold(f"{variant}.html", page(views[variant]))


def test_the_page_is_whole_and_needs_nothing_else(view: ReviewView) -> None:
    tree = Tree(page(view))
    assert tree.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(tree.tags)
    assert all(link.startswith("https://github.com/") for link in tree.links)
    assert "url(" not in page(view)
    assert "@import" not in page(view)


def test_the_page_has_the_numbers_of_the_comment(view: ReviewView) -> None:
    said = comment(view).partition("```mermaid")
    numbers = set(NUMBER.findall(said[0] + said[2].partition("```")[2]))
    assert numbers <= set(NUMBER.findall(Tree(page(view)).text))


def test_every_difference_has_a_picture_that_says_the_same(views: dict[str, ReviewView]) -> None:
    view = views["worse-slice"]
    text = page(view)
    assert text.count('role="img"') == len(view.metrics + view.worst + view.slices) + 1
    assert text.count('aria-label="worse beyond noise"') == 2


@settings(max_examples=30, deadline=None)
@given(text=st.text(min_size=1).filter(str.strip))
def test_no_name_becomes_markup(text: str, views: dict[str, ReviewView]) -> None:
    from msgspec.structs import replace  # noqa: PLC0415

    view = views["training-failed"]
    nasty = f'{text}"><script>alert(1)</script></pre>'
    harmless = replace(view, reason="x", log="x", step="x")
    poisoned = replace(view, reason=nasty, log=nasty, step=nasty)
    assert Tree(page(poisoned)).tags == Tree(page(harmless)).tags
