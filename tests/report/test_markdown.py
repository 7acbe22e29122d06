"""Names and sentences of others stay text, wherever a template puts them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pennon.report.markdown import address, block, code, link, paragraphs, prose

FRAGMENTS = (
    *("|", "`", "``", "```", "~~~", "@octocat", "#12", "GH-1", "<b>", "</details>", "<!--", "-->"),
    *("]]>", "#", "-", "1.", "1)", "---", "===", ">", "+", "*", "_", "**", "$x$", "[a](b)"),
    *("![a](b)", "http://e.vil", "www.e.vil", "&lt;", "\\", "\\|", "\u202e", "\x00", "\u2028"),
    *(" ", "    ", "\t", "\n", "\n\n", "\r\n"),
)
NASTY = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), min_size=1, max_size=6).map(
    "".join
)
BREAKS = re.compile(r"[@#]\w|://|\bwww\.|\bGH-\d", re.IGNORECASE)

gfm = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def inline(markdown: str) -> list[tuple[str, str]]:
    """Type and content of the one inline run that a paragraph may hold."""
    tokens = gfm.parse(f"x {markdown} y")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return [(token.type, token.content) for token in tokens[1].children or []]


@given(NASTY)
def test_prose_is_one_run_of_plain_text(sentence: str) -> None:
    assert {kind for kind, _ in inline(prose(sentence))} == {"text"}


@given(NASTY)
def test_prose_makes_no_mention_no_reference_and_no_link(sentence: str) -> None:
    assert not BREAKS.search("".join(content for _, content in inline(prose(sentence))))


@given(NASTY)
def test_prose_starts_no_block_at_the_start_of_a_line(sentence: str) -> None:
    tokens = gfm.parse(f"{prose(sentence) or 'x'}\n")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]


@given(NASTY)
def test_a_name_is_one_code_span_and_nothing_else(name: str) -> None:
    kinds = [kind for kind, _ in inline(code(name))]
    assert kinds in (
        ["text", "code_inline", "text"],
        ["text", "html_inline", "text", "html_inline", "text"],
    )


@given(NASTY)
def test_a_name_stays_in_its_cell(name: str) -> None:
    tokens = gfm.parse(f"| a | b |\n|---|---|\n| {code(name)} | {prose(name)} |\n")
    assert [token.type for token in tokens].count("td_open") == 2


@given(NASTY)
def test_nothing_in_a_block_closes_it(lines: str) -> None:
    fence, after = gfm.parse(f"{block(lines, 'text')}\n\nafter\n")[:2]
    assert (fence.type, after.type) == ("fence", "paragraph_open")


@pytest.mark.parametrize("name", ["origin=LGA", "max_depth", "a b", "x*y", "<b>"])
def test_an_ordinary_name_is_an_ordinary_code_span(name: str) -> None:
    assert code(name) == f"`{name}`"


def test_an_empty_name_is_still_visible() -> None:
    assert code(" ") == "<code>(empty)</code>"


def test_a_long_name_keeps_both_ends() -> None:
    text = code("start" + "x" * 500 + "end")
    assert text.startswith("`start")
    assert text.endswith("end`")
    assert len(text) < 90


def test_an_ordinary_sentence_is_not_disfigured() -> None:
    sentence = "below 50, for example -2475 (41 rows): 0.5 % at 10:30"
    assert prose(sentence) == sentence


def test_only_web_addresses_become_links() -> None:
    assert link("run 7", "https://example.com/a?b=1") == "[run 7](https://example.com/a?b=1)"
    assert link("run 7", "javascript:alert(1)") == "run 7"
    assert address("https://example.com/) [x](y") == ""


def test_long_words_keep_their_paragraphs_and_lists_and_nothing_else() -> None:
    text = "One\nline, # no heading\n\n- a *b*\n- c\n\n\n" + "long " * 200
    first, items, long = paragraphs(text).replace("\u200b", "").split("\n\n")
    assert first == "One line, &#35; no heading"
    assert items == "- a &#42;b&#42;\n- c"
    assert long == ("long " * 200).strip()
