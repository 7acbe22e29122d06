"""The review as one HTML page that needs nothing else: inline style, inline SVG, no script."""

from __future__ import annotations

from pennon.report.comment import sections
from pennon.report.view import ReviewView


def page(view: ReviewView) -> str:
    """The facts of the comment, unabridged."""
    from pennon.report.render import render_html  # noqa: PLC0415  jinja2

    return render_html("page.html.j2", view=view, sections=sections(view))
