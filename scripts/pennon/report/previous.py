"""The last report that has numbers, kept below the report of a run that has none."""

from __future__ import annotations

import re

import msgspec

from pennon.report.view import Kind

OPEN, CLOSE = "<!-- pennon:previous -->", "<!-- /pennon:previous -->"
WITHOUT_NUMBERS = frozenset({Kind.TRAINING_FAILED, Kind.DATA_BROKEN})

_STATE = re.compile(r"<!-- pennon:state (\{.*\}) -->")


def previous(body: str) -> str:
    """The Markdown to keep of our own comment that stands now; empty where there is none."""
    head, _, last = body.rstrip().rpartition("\n")
    if _verdict(last) in WITHOUT_NUMBERS:
        return head.rpartition(OPEN)[2].partition(CLOSE)[0].strip() if OPEN in head else ""
    return head.partition("\n")[2].strip() if _verdict(last) in set(Kind) else ""


def _verdict(line: str) -> str:
    found = _STATE.fullmatch(line)
    try:
        facts = msgspec.json.decode(found[1]) if found else {}
    except msgspec.DecodeError:
        return ""
    return str(facts.get("verdict", ""))
