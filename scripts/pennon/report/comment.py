"""The comment of a review: one per model, verdict first, everything that decides on one screen."""

from __future__ import annotations

import msgspec

from pennon.forge import marker
from pennon.report.previous import WITHOUT_NUMBERS, previous
from pennon.report.view import ReviewView

LIMIT = 60_000
"""Code points; GitHub refuses more than 65,536 characters, and the sticky comment stops here."""

SECTIONS = (
    "changes",
    "checks",
    "log",
    "confusion",
    "residuals",
    "slices",
    "weakest",
    "fairness",
    "features",
    "history",
    "provenance",
)
"""What follows the verdict and its table; one template of this name each."""

DROPS = (
    "previous",
    "features",
    "history",
    "weakest",
    "fairness",
    "confusion",
    "residuals",
    "slices",
    "provenance",
    "log",
    "changes",
    "checks",
    "findings",
    "metrics",
)
"""What a comment can do without, in the order in which it goes."""


def comment(view: ReviewView, *, standing: str = "", limit: int = LIMIT) -> str:
    """The whole comment, from the marker to the hidden state.

    `standing` is the body of our own comment that this one replaces: a run without numbers keeps
    the last report that has some. Where the text is longer than `limit`, whole sections go; text
    is never cut.
    """
    kept = previous(standing) if view.kind in WITHOUT_NUMBERS else ""
    gone: tuple[str, ...] = ()
    text = _render(view, gone, kept)
    for section in DROPS:
        if len(text) <= limit:
            break
        gone += (section,)
        text = _render(view, gone, kept)
    return text


def sections(view: ReviewView) -> tuple[str, ...]:
    """Those of SECTIONS that this view has something for."""
    return tuple(
        name
        for name in SECTIONS
        if getattr(view, name) and not (name == "history" and view.deciding is None)
    )


def _render(view: ReviewView, dropped: tuple[str, ...], kept: str) -> str:
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    there = {*sections(view), *(("previous",) if kept else ())}
    there |= {name for name in ("metrics", "findings") if getattr(view, name)}
    body = render_markdown(
        "comment.md.j2",
        view=view,
        marker=marker(f"{view.model}/review"),
        sections=[name for name in sections(view) if name not in dropped],
        dropped=[name for name in dropped if name in there],
        previous="" if "previous" in dropped else kept,
    )
    return f"{body}{_state(view)}\n"


def _state(view: ReviewView) -> str:
    """For programs. `>` would end the HTML comment, so it is written as JSON may write it."""
    facts = {
        "run": view.run.id,
        "attempt": view.run.attempt,
        "head": view.head,
        "verdict": view.kind,
    }
    text = msgspec.json.encode(facts).decode().replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<!-- pennon:state {text} -->"
