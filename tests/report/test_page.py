"""The page: one file, nothing from elsewhere, and every fact of the comment."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exhibits
from pennon.report import ReviewView, comment, page
from pennon.report.exhibits import Exhibits

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
    text = re.sub(r"<style>.*?</style>", "<style></style>", page(views[variant]), flags=re.DOTALL)
    gold(f"{variant}.html", re.sub(r"sha256-[\w+/=]{44}", "sha256-", text))


def test_the_page_is_whole_and_needs_nothing_else(view: ReviewView) -> None:
    tree = Tree(page(view))
    assert tree.open == []
    assert not {"link", "img", "iframe", "object"} & set(tree.tags)
    assert all(link.startswith(("https://github.com/", "#")) for link in tree.links)
    assert "url(" not in page(view)
    assert "@import" not in page(view)


def test_the_page_has_the_numbers_of_the_comment(view: ReviewView) -> None:
    said = comment(view).partition("```mermaid")
    numbers = set(NUMBER.findall(said[0] + said[2].partition("```")[2]))
    assert numbers <= set(NUMBER.findall(Tree(page(view)).text))


def test_every_difference_has_a_picture_that_says_the_same(views: dict[str, ReviewView]) -> None:
    view = views["worse-slice"]
    text = page(view)
    figures = 3  # slices, features, history
    assert text.count('role="img"') == len(view.metrics + view.worst) + figures
    assert text.count('aria-label="worse beyond noise"') == 1


def test_a_page_without_curves_has_no_script(view: ReviewView) -> None:
    assert "script" not in Tree(page(view)).tags
    assert "script-src" not in page(view)


@pytest.mark.parametrize(
    ("variant", "shown"),
    [("worse-slice", exhibits.classification()), ("regression", exhibits.regression())],
)
def test_the_policy_allows_what_the_page_holds_and_nothing_else(
    variant: str, shown: Exhibits, views: dict[str, ReviewView]
) -> None:
    text = page(views[variant], shown)
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    for name in ("style", "script"):
        (inside,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = b64encode(sha256(inside.encode()).digest()).decode()
        assert f"{name}-src &#39;sha256-{digest}&#39;" in policy[0]
    assert policy[0].startswith("default-src &#39;none&#39;;")


def test_every_link_inside_the_page_has_a_target(views: dict[str, ReviewView]) -> None:
    for variant, shown in (
        ("worse-slice", exhibits.classification()),
        ("regression", exhibits.regression()),
        ("worse-slice", Exhibits()),
    ):
        text = page(views[variant], shown)
        links = re.findall(r'href="#([\w-]+)"', text)
        assert links
        assert set(links) <= set(re.findall(r' id="([\w-]+)"', text))


def test_no_section_is_there_twice(views: dict[str, ReviewView]) -> None:
    ids = re.findall(r' id="([\w-]+)"', page(views["regression"], exhibits.regression()))
    assert len(ids) == len(set(ids))


def test_exhibits_are_read_back_as_they_were() -> None:
    for shown in (exhibits.classification(), exhibits.regression(), Exhibits()):
        assert msgspec.json.decode(msgspec.json.encode(shown), type=Exhibits) == shown


@settings(max_examples=30, deadline=None)
@given(text=st.text(min_size=1).filter(str.strip))
def test_no_name_becomes_markup(text: str, views: dict[str, ReviewView]) -> None:
    view = views["training-failed"]
    nasty = f'{text}"><script>alert(1)</script></pre>'
    harmless = msgspec.structs.replace(view, reason="x", log="x", step="x")
    poisoned = msgspec.structs.replace(view, reason=nasty, log=nasty, step=nasty)
    assert Tree(page(poisoned)).tags == Tree(page(harmless)).tags
