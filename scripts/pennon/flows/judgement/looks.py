"""How often the sealed rows have been looked at: the ledger knows. Pure."""

from __future__ import annotations

from pennon.registry import EventKind, ModelState, registrations


def looks(state: ModelState, rule: str, rows: int) -> float:
    """Versions of the model that were judged on `rows` sealed rows, those that were retired too.

    A version that was judged when there were half as many rows counts half: under one rule (its
    digest) rows stay sealed when the data grows, so the others are fresh.
    """
    events = [event for event in state.events if event.name.kind is EventKind.REGISTER]
    lineages = [it.manifest for it in registrations(events).values() if it is not None]
    seen = [it.holdout_rows for it in lineages if it.holdout_rule == rule]
    return sum(min(1.0, known / rows) for known in seen)
