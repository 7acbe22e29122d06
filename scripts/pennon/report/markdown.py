"""Text that others wrote, made harmless in Markdown: names, prose, lines of a log.

Templates escape whatever they print (`finish`), unless a filter from here made it `Markdown`.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME, LONGEST_PROSE, LONGEST_LINE = 80, 400, 300

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_GAP = re.compile(r"\s+")
# A space of no width at these places keeps GitHub from making mentions, references and links.
_LINKS = re.compile(r"(?<=[@#])|(?<=\bGH)(?=-)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
_NO_WIDTH = "\u200b"
# Inside a line they mean nothing; leaving them alone keeps sources readable.
_HARMLESS = set("%'(),./:;?\"+-=")
_STARTS_BLOCK = re.compile(r"^(\d{0,9})([-+=.)])(?=[\s=-]|$)")
_ADDRESS = re.compile(r"https?://[\w.:@/?=&%~+#-]+")
_RUN = re.compile(r"/actions/runs/\d+$")
_INVISIBLE = {"Cc", "Cf", "Cs"}


class Markdown(str):
    """Markdown that is meant: it is printed as it is."""

    __slots__ = ()


def code(name: object, longest: int = LONGEST_NAME) -> Markdown:
    """A name, in a code span that works in a paragraph and in a table cell alike."""
    text = shorten(_visible(_GAP.sub(" ", str(name))), longest)
    if not text.strip():
        return Markdown("<code>(empty)</code>")
    if text.strip() == text and not re.search(r"[`|]", text):
        return Markdown(f"`{text}`")
    # GitHub makes links even inside this tag, but not inside backticks.
    return Markdown(f"<code>{_entities(_LINKS.sub(_NO_WIDTH, text))}</code>")


def plain(text: object) -> str:
    """The same without markup around it, for what is no Markdown: one line, nothing unseen."""
    return shorten(_visible(_GAP.sub(" ", str(text)).strip()), LONGEST_NAME)


def paragraphs(text: str) -> Markdown:
    """What somebody wrote at length, not shortened: paragraphs, and lists of lines with a dash."""
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    return Markdown("\n\n".join(_paragraph(block) for block in blocks if block))


def _paragraph(block: str) -> str:
    lines = [line.strip() for line in block.splitlines()]
    if all(line.startswith("- ") for line in lines):
        return "\n".join(f"- {prose(line[2:], len(line))}" for line in lines)
    return prose(block, len(block))


def prose(sentence: object, longest: int = LONGEST_PROSE) -> Markdown:
    """A sentence that somebody else wrote: no markup, no links, no mentions, one line."""
    text = shorten(_visible(_GAP.sub(" ", str(sentence)).strip()), longest)
    text = _entities(_LINKS.sub(_NO_WIDTH, text))
    return Markdown(_STARTS_BLOCK.sub(lambda found: f"{found[1]}&#{ord(found[2])};", text))


def change(name: str, old: object, new: object) -> Markdown:
    """`max_depth 6 → 8` in one code span."""
    parts = [shorten(str(part or "unset"), LONGEST_NAME) for part in (name, old, new)]
    return code("{} {} → {}".format(*parts), longest=4 * LONGEST_NAME)


def together(sentence: object) -> Markdown:
    """Prose that no line break tears apart: `≥ v1.0.0 − 0.01`."""
    return Markdown(prose(sentence).replace(" ", "&nbsp;"))


def block(lines: object, language: str = "") -> Markdown:
    """A fenced block whose fence no line inside can close."""
    text = str(lines).expandtabs(4)
    rows = [shorten(_visible(line), LONGEST_LINE) for line in text.splitlines()]
    longest = max((len(run) for row in rows for run in re.findall("`+", row)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markdown("\n".join([f"{fence}{language}", *rows, fence]))


def link(text: object, url: str) -> Markdown:
    """A link where the address is a plain one, else the words alone."""
    return Markdown(f"[{prose(text)}]({url})") if address(url) else prose(text)


def address(url: str) -> str:
    """The address if it is a plain web address, else nothing: `javascript:` is none."""
    return url if _ADDRESS.fullmatch(url) else ""


def repository(run: str) -> str:
    """The address of the repository whose run has this one; empty for any other."""
    return _RUN.sub("", run) if address(run) and _RUN.search(run) else ""


def finish(value: object) -> str:
    """What the template engine does with every printed value."""
    return value if isinstance(value, Markdown) else prose(value)


def shorten(text: str, longest: int) -> str:
    """The beginning and the end of what is too long to be read."""
    if len(text) <= longest:
        return text
    end = longest // 4
    return f"{text[: longest - end - 3]} … {text[-end:]}"


def _entities(text: str) -> str:
    """Character references are never markup, wherever they stand (CommonMark 0.31, 2.5)."""
    return _PUNCTUATION.sub(lambda found: _reference(found[0]), text)


def _reference(character: str) -> str:
    return character if character in _HARMLESS else f"&#{ord(character)};"


def _visible(text: str) -> str:
    """Control and format characters replaced: some of them reorder the text around them.

    And no text begins an HTML comment: ours are read back, also those inside of code (previous.py).
    """
    seen = "".join("\ufffd" if unicodedata.category(c) in _INVISIBLE else c for c in text)
    return seen.replace("<!--", f"<{_NO_WIDTH}!--")
