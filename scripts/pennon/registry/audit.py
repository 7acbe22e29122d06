"""Is a model's ledger what its writers wrote? Every event against every other. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain as joined

import msgspec

from pennon.registry.grammar import EventKind, Version
from pennon.registry.state import Event, ModelState

_PREVIOUS = re.compile(r"^previous: (?:null|['\"]?([0-9a-f]{40,64})['\"]?)$", re.MULTILINE)
_COMMIT = re.compile(r"^  commit: ['\"]?([0-9a-f]{40,64})['\"]?$", re.MULTILINE)
_STAGE = re.compile(r"^stage: ['\"]?([\w/-]+)['\"]?$", re.MULTILINE)
_VERSION = re.compile(r"^version: ['\"]?(v[0-9A-Za-z.+-]+)['\"]?$", re.MULTILINE)
_OTHER_CLONE = "compare with another clone: git ls-remote --tags there shows what it has"


class Alarm(msgspec.Struct, frozen=True):
    """One thing that cannot be so if nobody tampered. `code` is for programs."""

    code: str
    tag: str
    what: str
    fix: str = _OTHER_CLONE


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What others than the model's tags know of it.

    `head` is the id in its head ref on the remote (empty: there is none). `seen` are ids of events
    that records outside of the tags have named: deployments and releases. `writers` are the names
    that may write, all where it is empty.
    """

    head: str = ""
    seen: Collection[str] = ()
    writers: Collection[str] = ()


def audit(state: ModelState, known: Known) -> list[Alarm]:
    """Everything that is wrong with the ledger of a model, in the order of its events."""
    found = joined(
        _contents(state.events, known.writers),
        _assignments(state.events),
        _outside(state, known),
    )
    return [*chain(state), *found]


def chain(state: ModelState) -> list[Alarm]:
    """Where the chain breaks, and the tags that are no part of it. GTO's events break none."""
    return [*unusable(state), *_chain(state.events)]


def unusable(state: ModelState) -> list[Alarm]:
    """The tags that look like events of the model and are none."""
    return [Alarm("unusable", it.tag, it.what, it.fix) for it in state.findings]


def _chain(events: tuple[Event, ...]) -> Iterator[Alarm]:
    """Each event names the one before it; its id hashes its content, so this is a record."""
    before: Event | None = None
    for event in events:
        said = _PREVIOUS.search(event.message)
        if said and said[1] != (before.oid if before else None):
            was = before.tag if before else "nothing"
            what = f"was written after {(said[1] or 'nothing')[:7]}, and comes after {was}"
            yield Alarm("chain", event.tag, what)
        if before and event.seconds <= before.seconds and said:
            yield Alarm("date", event.tag, f"is not dated after {before.tag}")
        before = event


def _contents(events: tuple[Event, ...], writers: Collection[str]) -> Iterator[Alarm]:
    counters: dict[int, str] = {}
    for event in events:
        text = event.message
        if not _PREVIOUS.search(text):
            fix = "pennon writes every event with its reason; was it GTO, or a hand?"
            yield Alarm("no-payload", event.tag, "says neither what came before it nor why", fix)
        yield from _names(event, text)
        counter = event.name.counter
        if counter is not None and counter in counters:
            yield Alarm("counter", event.tag, f"has the number of {counters[counter]}")
        if counter is not None:
            counters[counter] = event.tag
        if writers and event.tagger not in writers:
            fix = "see registry.writers in pennon.yaml"
            yield Alarm("writer", event.tag, f"was written by {event.tagger}, who may not", fix)


def _names(event: Event, text: str) -> Iterator[Alarm]:
    """What the payload says of itself, against the name of the tag and its place."""
    version, stage, commit = (it.search(text) for it in (_VERSION, _STAGE, _COMMIT))
    name = event.name
    if name.version and version and version[1] != str(name.version):
        yield Alarm("name", event.tag, f"speaks of version {version[1]} in its payload")
    if name.stage and stage and stage[1] != name.stage:
        yield Alarm("name", event.tag, f"speaks of stage {stage[1]} in its payload")
    if name.kind is EventKind.REGISTER and commit and commit[1] != event.commit:
        what = f"is on {event.commit[:7]}, its manifest on {commit[1][:7]}"
        yield Alarm("commit", event.tag, what)


def _assignments(events: tuple[Event, ...]) -> Iterator[Alarm]:
    """A stage is given to a version that is registered and not retired at that moment."""
    ever: set[Version] = set()
    alive: set[Version] = set()
    for event in events:
        version = event.version
        if version is None:
            continue
        if event.name.kind is EventKind.REGISTER:
            ever.add(version)
            alive.add(version)
        elif event.name.kind is EventKind.RETIRE:
            alive.discard(version)
        elif event.name.kind is EventKind.ASSIGN and version not in alive:
            why = "is retired" if version in ever else "was never registered"
            fix = "assign another version: pennon promote, or pennon rollback"
            yield Alarm("version", event.tag, f"gives a stage to {version}, which {why}", fix)


def _outside(state: ModelState, known: Known) -> Iterator[Alarm]:
    """The end of a chain can be cut off without a trace in it: others remember it."""
    last = state.last
    ours = any(_PREVIOUS.search(event.message) for event in state.events)
    if ours and last and known.head != last.oid:
        there = known.head[:7] or "missing"
        what = f"the head ref of {state.model} is {there}, the newest event {last.oid[:7]}"
        yield Alarm("head", last.tag, what)
    if last is None and known.head:
        yield Alarm("head", state.model, "has a head ref and no event")
    here = {event.oid for event in state.events}
    for oid in sorted(set(known.seen) - here):
        yield Alarm("deleted", state.model, f"had the event {oid}, which is gone")
