"""One comment for many models: a row each, what is worst first. Whole reports are elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pennon.forge import marker
from pennon.forge.stamps import state_line
from pennon.report.comment import LIMIT
from pennon.report.unread import TITLE
from pennon.report.view import Change, GateView, Kind, MetricRow, ReviewView, Run, View
from pennon.report.words import TITLES

KEY = "review"
"""That of a model has its name before it."""
FEW_FINE = 8
"""Rows without a worry that are not worth folding."""

_FAILS = (Kind.WORSE, Kind.DATA_BROKEN, Kind.TRAINING_FAILED)
_LOOK = (Kind.CHAMPION_UNSCORED, Kind.WORN, Kind.UNSURE, Kind.SAME)
_FINE = (Kind.BETTER, Kind.FIRST, Kind.NO_DIFFERENCE, Kind.NOTHING_CHANGED)
_UNREAD = "unread"
_ORDER = (*_FAILS, _UNREAD, *_LOOK, *_FINE)
_BY_GATES = {Kind.WORSE, Kind.WORN, Kind.UNSURE}
_WITHOUT_NUMBERS = {Kind.DATA_BROKEN, Kind.TRAINING_FAILED, Kind.CHAMPION_UNSCORED}


class Row(View, frozen=True, kw_only=True):
    """A model: its verdict, what is in the way (`gates`, or words), and the decision metric.

    `champion` is what it is compared with; empty for the constant baseline.
    """

    model: str
    icon: str
    verdict: str
    place: int  # among all that can be said: what is worst comes first
    why: str = ""
    gates: tuple[tuple[MetricRow, GateView], ...] = ()
    metric: MetricRow | None = None
    champion: str = ""
    rows: int = 0

    @property
    def fails(self) -> bool:
        return self.place < len(_FAILS)

    @property
    def fine(self) -> bool:
        return self.place >= len(_ORDER) - len(_FINE)


class Index(View, frozen=True, kw_only=True):
    """`unchanged` counts the models that the pull request leaves alone: they have no row."""

    run: Run
    head: str
    rows: tuple[Row, ...]
    reports: str  # the address where the whole reports are
    unchanged: int = 0
    confidence: float = 0.95
    gate_changes: tuple[Change, ...] = ()
    outsider: bool = False

    @property
    def failing(self) -> int:
        return sum(row.fails for row in self.rows)

    @property
    def odd(self) -> int:
        """Those that somebody should look at."""
        return sum(not row.fails and not row.fine for row in self.rows)


def row(view: ReviewView) -> Row:
    icon, title = TITLES[view.kind]
    return Row(
        model=view.model,
        icon=icon,
        verdict=title.partition(";")[0],
        place=_ORDER.index(view.kind),
        why=_why(view) if view.kind in _WITHOUT_NUMBERS else "",
        gates=view.blocking if view.kind in _BY_GATES else (),
        metric=view.deciding,
        champion=view.champion,
        rows=view.rows,
    )


def unread_row(model: str, why: str) -> Row:
    """A report of an outsider that could not be shown."""
    return Row(model=model, icon="⚠️", verdict=TITLE, place=_ORDER.index(_UNREAD), why=why)


def ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Failures first, then what needs a look; alike ones by name."""
    return tuple(sorted(rows, key=lambda it: (it.place, it.model)))


def gate_changes(views: Iterable[ReviewView]) -> tuple[Change, ...]:
    """Each once: most gates are those of many models."""
    return tuple(dict.fromkeys(change for view in views for change in view.gate_changes))


def index(it: Index, *, limit: int = LIMIT) -> str:
    """The whole comment. The last rows are only counted where it would be longer than `limit`."""
    fits, too_many = 0, len(it.rows) + 1
    text = _render(it, len(it.rows))
    if len(text) <= limit:
        return text
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if len(_render(it, middle)) <= limit:
            fits = middle
        else:
            too_many = middle
    return _render(it, fits)


def instead(key: str, run: Run, head: str, *, words: str, url: str = "") -> str:
    """What a comment says that another one has taken the place of: in words, with a link to it."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    text = render_markdown(
        "instead.md.j2", marker=marker(key), run=run, head=head, words=words, url=url
    )
    return text + state_line({"run": run.id, "attempt": run.attempt}) + "\n"


def _why(view: ReviewView) -> str:
    """The reason, or the first promise that the data breaks."""
    if view.reason or not view.findings:
        return view.reason
    first, more = view.findings[0], len(view.findings) - 1
    return f"{first.column}: {first.what}" + (f", and {more} more" if more else "")


def _render(it: Index, shown: int) -> str:
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    rows, rest = it.rows[:shown], it.rows[shown:]
    folded = [row for row in rows if row.fine]
    if len(folded) <= FEW_FINE:
        folded = []
    body = render_markdown(
        "index.md.j2",
        view=it,
        marker=marker(KEY),
        counts=_counts(it.rows),
        tables=[rows[: len(rows) - len(folded)], folded],
        rest=_counts(rest),
        left=len(rest),
    )
    state = {"run": it.run.id, "attempt": it.run.attempt, "head": it.head, "verdict": "index"}
    return f"{body}{state_line(state)}\n"


def _counts(rows: Sequence[Row]) -> list[tuple[str, int, str]]:
    """Sign, number and word of each verdict that there is, in the order of the rows."""
    found = Counter((row.icon, row.verdict) for row in rows)
    return [(icon, number, word) for (icon, word), number in found.items()]
