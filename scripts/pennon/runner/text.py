"""What GitHub Actions reads from files and log lines, as text. Pure."""

from __future__ import annotations

SUMMARY_LIMIT = 1_000_000
"""Bytes of one step's summary; GitHub stops at 1 MiB and then shows nothing of it."""


def output(name: str, value: str, delimiter: str) -> str:
    """A line for GITHUB_OUTPUT; any text may follow, because the delimiter is unguessable."""
    if delimiter in value or "\n" in name:
        raise ValueError("the delimiter is part of the value")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def annotation(level: str, message: str, *, file: str = "", line: int = 0) -> str:
    """`::error file=gates.yaml,line=3::message` with everything escaped that GitHub would read."""
    where = [f"file={_property(file)}"] if file else []
    where += [f"line={line}"] if line else []
    properties = f" {','.join(where)}" if where else ""
    return f"::{level}{properties}::{_data(message)}"


def summary(markdown: str) -> str:
    """The Markdown, or a line that says why it is not shown: half a table is worse than none."""
    if len(markdown.encode()) <= SUMMARY_LIMIT:
        return f"{markdown}\n"
    return "The report is too long for a step summary; it is in the artifacts of this run.\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
