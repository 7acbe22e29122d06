"""The review as one HTML page that needs nothing else: inline style and pictures, one small script.

Its security policy allows this style and this script by their digests, and no request at all.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from pennon.report.comment import sections
from pennon.report.exhibits import Exhibits
from pennon.report.view import ReviewView

TEMPLATES = Path(__file__).parent / "templates" / "page"

NAMES = {
    "gates": "Gates",
    "changes": "Changes",
    "curves": "Predictions",
    "confusion": "Confusion matrix",
    "quantiles": "Residuals",
    "groups": "Groups",
    "parts": "Where it differs",
    "weakest": "Weakest spots",
    "data": "Data",
    "provenance": "Provenance",
}
"""Of the sections, in their order on the page."""
FEW = 3


def page(view: ReviewView, shown: Exhibits | None = None) -> str:
    """The facts of the comment, unabridged, and the exhibits."""
    # jinja2, and what draws: only where a page is made.
    from pennon.report.plots.draw import draw  # noqa: PLC0415
    from pennon.report.render import render_html  # noqa: PLC0415

    shown = shown or Exhibits()
    style, script = _text("style.css"), _text("script.js") if shown.curves else ""
    return render_html(
        "page.html.j2",
        view=view,
        drawn=draw(view, shown),
        sections=sections(view),
        contents=_contents(view, shown),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def _policy(style: str, script: str) -> str:
    allowed = ["default-src 'none'", f"style-src '{_digest(style)}'"]
    if script:
        allowed.append(f"script-src '{_digest(script)}'")
    return "; ".join((*allowed, "base-uri 'none'", "form-action 'none'"))


def _contents(view: ReviewView, shown: Exhibits) -> tuple[tuple[str, str], ...]:
    """The sections that are there, for pages long enough to need it."""
    there = {
        "gates": view.metrics,
        "changes": view.changes,
        "curves": shown.curves,
        "confusion": view.confusion,
        "quantiles": view.residuals,
        "groups": view.fairness,
        "parts": view.slices or view.features or (view.deciding and view.history),
        "weakest": view.discovery,
        "data": shown.profile,
        "provenance": view.provenance,
    }
    found = tuple((id_, NAMES[id_]) for id_, content in there.items() if content)
    return found if len(found) > FEW else ()


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
