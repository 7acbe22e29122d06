"""Which rollout runs, and the steps it took: read from the assignments of its stage. Pure."""

from __future__ import annotations

import msgspec

from pennon.registry.payload import Traffic
from pennon.registry.payloads import assignments
from pennon.registry.state import Event, ModelState


class Taken(msgspec.Struct, frozen=True):
    """A step and the second in which it began."""

    seconds: int
    traffic: Traffic


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout in progress, with its steps in their order."""

    version: str
    live: str
    steps: tuple[Taken, ...]

    @property
    def now(self) -> Taken:
        return self.steps[-1]

    @property
    def began(self) -> int:
        return self.steps[0].seconds


def running(state: ModelState, stage: str, live_stage: str) -> Running | None:
    """The rollout of the version that holds `stage` beside the one that holds `live_stage`.

    There is one where the newest assignment of its stage says so and nobody was given the live
    stage since: whoever promotes or rolls back ends what compared with the version of before.
    """
    holder, live = state.stages.get(stage), state.stages.get(live_stage)
    if holder is None or live is None or holder.order < live.order:
        return None
    steps: list[Taken] = []
    for event in _since(state.assignments(stage), holder, live):
        made = assignments([event])[event.oid]
        traffic = made.traffic if made else msgspec.UNSET
        if not isinstance(traffic, Traffic):
            steps = []
            continue
        if traffic.step == 1:
            steps = []
        steps.append(Taken(event.seconds, traffic))
    if not steps or steps[-1].traffic.live != str(live.version):
        return None
    return Running(version=str(holder.version), live=str(live.version), steps=tuple(steps))


def _since(events: list[Event], holder: Event, live: Event) -> list[Event]:
    """The holder's assignments after the last one of another version, and after the live one's."""
    found: list[Event] = []
    for event in events:
        if event.order <= live.order or event.version != holder.version:
            found = []
            continue
        found.append(event)
    return found
