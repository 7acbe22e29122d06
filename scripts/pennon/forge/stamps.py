"""What a comment of ours carries besides its report: the marker, the state, and the mark.

The marker is its first line and says what it is about; the state is its last one and says which run
wrote it. The mark is the line below the marker, as long as a newer run is under way.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pennon.errors import ForgeError

Order = tuple[int, int]
"""Run, then attempt: what is newer compares greater."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:=@+-]*")
_STATE = re.compile(r"<!-- pennon:state (\{.*\}) -->")
_MARK = re.compile(r"⏳ .*<!-- pennon:training (\{.*\}) -->")
_HEAD = re.compile(r"[0-9a-f]{7,64}")
_ADDRESS = re.compile(r"https?://[\w.:@/?=&%~+-]+")
_SHORT = 7


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A run that has begun: which, on what commit, and where it can be watched."""

    run: int
    attempt: int
    head: str
    url: str = ""

    @property
    def order(self) -> Order:
        return (self.run, self.attempt)


class _State(msgspec.Struct, frozen=True):
    run: int
    attempt: int
    head: str = ""


def marker(key: str) -> str:
    """The first line of every report of this key, such as `churn/review`."""
    if not _KEY.fullmatch(key):
        raise ForgeError(
            f"{key!r} cannot mark a comment",
            hint="a key is <model>/<verb>: letters, digits and _./:=@+-",
        )
    return f"<!-- pennon:report:v1 key={key} -->"


def order_of(body: str) -> Order:
    """The run and attempt that wrote a report; before all others where it does not say."""
    state = _state_of(body)
    return (state.run, state.attempt) if state else (-1, -1)


def split_state(body: str) -> tuple[str, dict[str, Any]]:
    """The text without its last line where that is a state, and the state."""
    text = body.rstrip()
    head, _, last = text.rpartition("\n")
    found = _STATE.fullmatch(last)
    if not found:
        return text, {}
    try:
        facts = msgspec.json.decode(found[1])
    except msgspec.DecodeError:
        return text, {}
    return head.rstrip(), facts if isinstance(facts, dict) else {}


def state_line(facts: dict[str, Any]) -> str:
    return f"<!-- pennon:state {_unseen(facts)} -->"


def marked(body: str, mark: Mark) -> str | None:
    """A report that stands, marked as that of an older commit; None where it stays as it is.

    That is: it is of this run or a newer one, a newer run has marked it, or it is no report.
    """
    state, there = _state_of(body), mark_of(body)
    if state is None or not state.head or (state.run, state.attempt) >= mark.order:
        return None
    if there is not None and there.order >= mark.order:
        return None
    if state.head == mark.head:
        return unmarked(body) if there else None
    return _above(unmarked(body), mark, state.head)


def mark_of(body: str) -> Mark | None:
    found = _MARK.fullmatch(_second(body))
    try:
        return msgspec.json.decode(found[1], type=Mark) if found else None
    except msgspec.DecodeError:
        return None


def unmarked(body: str) -> str:
    """The report alone."""
    if not _MARK.fullmatch(_second(body)):
        return body
    first, _, rest = body.partition("\n")
    report = rest.partition("\n")[2].lstrip()
    return f"{first}\n{report}"


def carried(old: str, new: str) -> str:
    """The new report with the mark of the old one, if that is of a run that is newer than both."""
    state, mark = _state_of(new), mark_of(old)
    if state is None or mark is None or mark.order <= (state.run, state.attempt):
        return new
    return new if mark.head == state.head else _above(new, mark, state.head)


def _above(report: str, mark: Mark, reported: str) -> str:
    first, _, rest = report.partition("\n")
    where = f" ([run {mark.run}]({mark.url}))" if _ADDRESS.fullmatch(mark.url) else ""
    told = f"**Training on {_short(mark.head)}**{where} — the report below is for"
    line = f"⏳ {told} {_short(reported)}. <!-- pennon:training {_unseen(mark)} -->"
    return f"{first}\n{line}\n\n{rest}"


def _short(commit: str) -> str:
    """Whoever may edit comments could have written it."""
    return f"`{commit[:_SHORT]}`" if _HEAD.fullmatch(commit) else "another commit"


def _state_of(body: str) -> _State | None:
    _, facts = split_state(body)
    try:
        return msgspec.convert(facts, _State)
    except msgspec.ValidationError:
        return None


def _second(body: str) -> str:
    return body.partition("\n")[2].partition("\n")[0].rstrip()


def _unseen(facts: object) -> str:
    """JSON without `>`, which would end the HTML comment around it."""
    return msgspec.json.encode(facts).decode().replace("<", "\\u003c").replace(">", "\\u003e")
