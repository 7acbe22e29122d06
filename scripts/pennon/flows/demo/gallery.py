"""The comments of the demo as one HTML page, as a browser shows Markdown."""

from __future__ import annotations

import html
import re
from pathlib import Path

from pennon.errors import MissingExtraError
from pennon.flows.demo.theatre import Theatre

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The comments of the demo</title>
<style>
  body {{ font: 14px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; }}
  article {{ border: 1px solid #d0d7de; border-radius: 6px; padding: 0 1.2em; margin: 1em 0 3em; }}
  table {{ border-collapse: collapse; }}
  td, th {{ border: 1px solid #d0d7de; padding: 4px 10px; }}
  code, pre {{ background: #f0f2f4; border-radius: 4px; padding: .1em .3em; font-size: 85%; }}
  blockquote {{ border-left: 4px solid #cf222e; margin: 0; padding: 0 1em; }}
</style>
{body}
</html>
"""


_ALERT = re.compile(r"<blockquote>\s*<p>\[!([A-Z]+)\]\s*")
"""How GitHub's alerts begin, which no Markdown library knows."""


def _titled(found: re.Match[str]) -> str:
    return f"<blockquote><p><b>{found[1].capitalize()}</b></p>\n<p>"


def write_gallery(theatre: Theatre) -> Path:
    """Render every comment of every pull request. Raises MissingExtraError without the renderer."""
    try:
        from markdown_it import MarkdownIt  # noqa: PLC0415  only the demo needs it
    except ImportError:
        raise MissingExtraError(
            "the gallery needs markdown-it-py", hint="pip install 'pennon[demo]'"
        ) from None
    renderer = MarkdownIt("commonmark", {"html": True}).enable("table")
    parts = []
    for file in sorted((theatre.folder / "forge" / "pulls").glob("*.json")):
        number = int(file.stem)
        pull = theatre.forge.pull(number)
        parts.append(f"<h2>#{number} {html.escape(pull.title)}</h2>")
        parts += [
            f"<article>{_ALERT.sub(_titled, renderer.render(comment.body))}</article>"
            for comment in theatre.forge.comments(number)
        ]
    page = theatre.folder / "comments.html"
    page.write_text(_PAGE.format(body="\n".join(parts)), encoding="utf-8")
    return page
