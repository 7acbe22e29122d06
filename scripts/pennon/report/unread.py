"""The comment where a report could not be shown: what is wrong with it, and nothing else of it."""

from __future__ import annotations

from pennon.forge import marker
from pennon.report.markdown import code, link, prose
from pennon.report.numbers import moment, short_commit
from pennon.report.view import Run

COMMENT_DOCS = "https://github.com/pennon-ml/pennon/blob/v0/docs/comment.md"
OUTSIDE = (
    "The numbers come from code of an outside contributor, so they are read from the files of its "
    "run and held to what they can be:"
)
TITLE = "the report of this run is not shown"


def unread(model: str, run: Run, head: str, why: str) -> str:
    """`why` may quote what the artifact says: it is shown as text."""
    footer = (
        f"{link(f'run {run.id}', run.url)}, attempt {run.attempt}",
        f"commit {code(short_commit(head))}",
        f"updated {prose(moment(run.at))}",
        f"pennon {prose(run.pennon)}",
        "one comment per model, edited in place",
    )
    lines = (
        marker(f"{model}/review"),
        f"## ⚠️ {code(model)} — {TITLE}",
        "",
        f"{prose(why[:1].upper() + why[1:])}.",
        "",
        f"{OUTSIDE} [how]({COMMENT_DOCS}). No gate was decided.",
        "",
        "**Next:** see the summary of the run; a new push runs the review again.",
        "",
        f"<sub>{' · '.join(footer)}</sub>",
    )
    return "\n".join(lines) + "\n"
