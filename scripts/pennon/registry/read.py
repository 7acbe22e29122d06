"""Tags of a repository as model states. One `for-each-ref`; payloads only where they decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec

from pennon.errors import RegistryError
from pennon.git import Repo, Tag, fetch, ids, messages, remote_refs, tags
from pennon.registry.grammar import EventKind, EventName, Version, parse
from pennon.registry.grammar import version as parse_version
from pennon.registry.payload import Assignment, P, Registration, Retirement
from pennon.registry.payload import parse as parse_payload
from pennon.registry.state import Event, Finding, ModelState, replay

_SECTIONS = ("@", "#")


def read(
    repo: Repo, model: str | None = None, *, only: Collection[str] | None = None
) -> dict[str, ModelState]:
    """Model -> its state, from the tags of this clone: of one model, and of the refs `only`."""
    grouped: dict[str, list[tuple[Tag, EventName]]] = defaultdict(list)
    for tag in tags(repo, *_patterns(model)):
        event = parse(tag.name)
        if event is None or model not in (None, event.model):
            continue
        if only is None or f"refs/tags/{tag.name}" in only:
            grouped[event.model].append((tag, event))
    return {name: _state(repo, name, grouped[name]) for name in sorted(grouped)}


def _patterns(model: str | None) -> tuple[str, ...]:
    """What for-each-ref shall look at: its `*` stops at a slash, and stages may hold one."""
    name = (model or "").replace(":", "=")
    return (f"{name}@*", f"{name}#*", f"{name}#*/**") if name else ()


def read_model(repo: Repo, model: str) -> ModelState:
    """The state of one model. Raises RegistryError where no tag speaks of it."""
    state = read(repo, model).get(model)
    if state is not None and (state.events or state.findings):
        return state
    known = ", ".join(read(repo)) or "none yet"
    hint = f"registered models: {known}"
    if repo.is_shallow():
        hint += "; this clone is shallow and may lack tags: git fetch --tags"
    raise RegistryError(f"no version of {model!r} is registered here", hint=hint)


def read_remote(repo: Repo, model: str) -> tuple[ModelState, str]:
    """The state of one model on the remote, and the id that its head ref holds (or "").

    Brings the tags into this clone; tags of this clone that the remote lacks do not count.
    """
    name = model.replace(":", "=")
    head = head_ref(model)
    listed = remote_refs(repo, f"refs/tags/{name}@*", f"refs/tags/{name}#*", head)
    events = [ref for ref in listed if ref.startswith("refs/tags/") and parse(ref[10:])]
    here = ids(repo, *_patterns(model))
    missing = [ref for ref in events if here.get(ref) != listed[ref]]
    if missing:
        fetch(repo, *(f"+{ref}:{ref}" for ref in missing))
    state = read(repo, model, only=events).get(model) or replay(model, ())
    return state, listed.get(head, "")


def head_ref(model: str) -> str:
    """The ref that holds the id of the model's newest event tag (docs/adr/0002)."""
    return f"refs/pennon/{model.replace(':', '=')}@head"


def _state(repo: Repo, model: str, found: list[tuple[Tag, EventName]]) -> ModelState:
    findings = [finding for tag, _ in found if (finding := _defect(tag))]
    bad = {finding.tag for finding in findings}
    sound = [(tag, event) for tag, event in found if tag.name not in bad]
    needed = [tag.oid for tag, event in sound if event.version is None]
    texts = messages(repo, needed) if needed else {}
    registered: dict[str, list[Version]] = defaultdict(list)
    for tag, event in sound:
        if event.kind is EventKind.REGISTER and event.version:
            registered[tag.target].append(event.version)
    events = []
    for tag, name in sound:
        version = name.version or _version(tag, name, texts, registered[tag.target])
        if version is None and name.kind is EventKind.ASSIGN:
            what = "assigns a stage, but neither its payload nor its commit tells to which version"
            fix = f"assign again with `pennon promote {model}`; the tag is ignored"
            findings.append(Finding(tag.name, what, fix))
            continue
        events.append(_event(tag, name, version))
    return replay(model, events, findings)


def _event(tag: Tag, name: EventName, version: Version | None) -> Event:
    return Event(
        name=name,
        tag=tag.name,
        oid=tag.oid,
        commit=tag.target,
        seconds=tag.seconds or 0,
        tagger=tag.tagger,
        version=version,
    )


def _defect(tag: Tag) -> Finding | None:
    """Why a tag with a registry's name cannot be one of its events."""
    fix = "remove it, and use pennon to write the event"
    if tag.kind != "tag":
        return Finding(tag.name, "is a lightweight tag: it says neither who, when nor why", fix)
    if tag.target_kind != "commit":
        return Finding(tag.name, f"is on a {tag.target_kind}, not on a commit", fix)
    if tag.inner != tag.name:
        return Finding(tag.name, f"is called {tag.inner} inside: the names do not agree", fix)
    if tag.seconds is None:
        return Finding(tag.name, "has no tagger and no date, so it has no place in the order", fix)
    return None


def _version(
    tag: Tag, name: EventName, texts: dict[str, str], on_commit: list[Version]
) -> Version | None:
    """The payload's version wins; a tag without one (GTO's own) means the one on its commit."""
    if name.kind not in (EventKind.ASSIGN, EventKind.UNASSIGN):
        return None
    text = texts.get(tag.oid, "")
    try:
        if name.kind is EventKind.ASSIGN:
            return Version(parse_payload(text, Assignment, tag.name).version)
        return Version(parse_payload(text, Retirement, tag.name).version)
    except RegistryError:
        return max(on_commit) if on_commit else None


def registration(repo: Repo, state: ModelState, version: Version) -> Registration:
    """The payload of a version. Raises RegistryError for a tag made by hand without one."""
    event = state.find(version)
    return parse_payload(messages(repo, [event.oid])[event.oid], Registration, event.tag)


def registrations(repo: Repo, events: Iterable[Event]) -> dict[str, Registration | None]:
    """Tag object id -> the payload of a version; None where the tag has none."""
    return _payloads(repo, events, EventKind.REGISTER, Registration)


def assignments(repo: Repo, events: Iterable[Event]) -> dict[str, Assignment | None]:
    """Tag object id -> the payload of an assignment; None where the tag has none."""
    return _payloads(repo, events, EventKind.ASSIGN, Assignment)


def _payloads(
    repo: Repo, events: Iterable[Event], event_kind: EventKind, kind: type[P]
) -> dict[str, P | None]:
    events = [event for event in events if event.name.kind is event_kind]
    texts = messages(repo, [event.oid for event in events])
    found: dict[str, P | None] = {}
    for event in events:
        try:
            found[event.oid] = parse_payload(texts[event.oid], kind, event.tag)
        except RegistryError:
            found[event.oid] = None
    return found


class Reference(msgspec.Struct, frozen=True):
    """`MODEL`, `MODEL@VERSION` or `MODEL#STAGE`, as typed."""

    model: str
    version: str = ""
    stage: str = ""


def reference(text: str) -> Reference:
    for sign in _SECTIONS:
        model, found, rest = text.partition(sign)
        if found and not (model and rest):
            hint = "MODEL, MODEL@VERSION or MODEL#STAGE"
            raise RegistryError(f"{text!r} names no version", hint=hint)
        if found:
            return Reference(model, rest, "") if sign == "@" else Reference(model, "", rest)
    return Reference(text)


def resolve(repo: Repo, wanted: Reference) -> tuple[ModelState, Version]:
    """The version that a reference means: by number, by stage, or the champion.

    Raises RegistryError where it means none.
    """
    state = read_model(repo, wanted.model)
    if wanted.version:
        version = parse_version(wanted.version)
        state.find(version)
        return state, version
    stage = wanted.stage or "champion"
    holder = state.holder(stage)
    if holder is None:
        held = ", ".join(f"{name} is {e.version}" for name, e in state.stages.items())
        raise RegistryError(
            f"no version of {wanted.model} holds the stage {stage!r}",
            hint=f"held now: {held or 'no stage at all'}",
        )
    return state, holder
