"""Tags of a repository as model states: names and ids, then contents, model by model."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pennon.errors import RegistryError
from pennon.git import Repo, Tag, fetch, ids, listing, objects, remote_listing, remote_refs
from pennon.registry.blocks import Block, blocks
from pennon.registry.grammar import EventKind, EventName, Version, parse
from pennon.registry.grammar import version as parse_version
from pennon.registry.payload import Assignment, Retirement
from pennon.registry.payload import parse as parse_payload
from pennon.registry.reference import Reference, meant
from pennon.registry.state import Event, Finding, ModelState, replay

_TAGS = "refs/tags/"
_HEADS = "refs/pennon/"
_PLAIN = re.compile(rb"\A[^\n]*\n\nversion: (v[0-9A-Za-z.+-]+)\nstage: ")
"""An assignment as pennon writes it: no need to parse its YAML. What GTO writes is free text."""


def read(repo: Repo) -> Iterator[ModelState]:
    """The state of every model in this clone, by name; one at a time in memory."""
    return read_blocks(repo, blocks(listing(repo)))


def read_blocks(repo: Repo, wanted: Iterable[Block]) -> Iterator[ModelState]:
    """The states of these models, all tags in one process."""
    models = list(wanted)
    with objects(repo, (block.ids() for block in models)) as ask:
        for block in models:
            state = _state(block.model, (ask(name, oid) for name, oid in block.refs()))
            if state.events or state.findings:
                yield state
            del state  # large models: never two at a time


def read_model(repo: Repo, model: str) -> ModelState:
    """The state of one model. Raises RegistryError where no tag speaks of it."""
    state = _of(repo, model, ids(repo, *_patterns(model)))
    if state.events or state.findings:
        return state
    known = [block.model for block in blocks(listing(repo))]
    hint = f"registered models: {_some(known) or 'none yet'}"
    if repo.is_shallow():
        hint += "; this clone is shallow and may lack tags: git fetch --tags"
    raise RegistryError(f"no version of {model!r} is registered here", hint=hint)


def read_local(repo: Repo, model: str) -> ModelState:
    """The state of one model as this clone has it, empty where no tag speaks of it."""
    return _of(repo, model, ids(repo, *_patterns(model)))


def read_remote(repo: Repo, model: str) -> tuple[ModelState, str]:
    """The state of one model on the remote, and the id that its head ref holds (or "").

    Brings the tags into this clone; tags of this clone that the remote lacks do not count.
    """
    head = head_ref(model)
    listed = remote_refs(repo, *_patterns(model), head)
    refs = {ref: oid for ref, oid in listed.items() if ref.startswith(_TAGS) and parse(ref[10:])}
    here = ids(repo, *_patterns(model))
    missing = [ref for ref, oid in refs.items() if here.get(ref) != oid]
    if missing:
        fetch(repo, *(f"+{ref}:{ref}" for ref in missing))
    return _of(repo, model, refs), listed.get(head, "")


def bring(repo: Repo, model: str | None = None) -> None:
    """Fetch the registry's tags (of one model) with their commits and no history or files.

    For a repository that is there for reading alone: a clone would lose history by it.
    """
    name = (model or "").replace(":", "=")
    patterns = (f"{name}@*", f"{name}#*") if model else ("*",)
    fetch(repo, *(f"+{_TAGS}{it}:{_TAGS}{it}" for it in patterns), shallow=True)


def read_all_remote(repo: Repo, *, shallow: bool = False) -> Iterator[tuple[ModelState, str]]:
    """Every model on the remote with the id in its head ref, one at a time in memory.

    `shallow` is for a repository that is there for reading alone (`bring`). Where there is no
    remote (a bare repository on a server) this repository is the registry.
    """
    here = listing(repo)
    if repo.has_remote():
        heads = _heads(remote_refs(repo, f"{_HEADS}*"))
        listed = remote_listing(repo, f"{_TAGS}*")
        if listed != here:
            fetch(repo, f"+{_TAGS}*:{_TAGS}*", shallow=shallow)
    else:
        heads, listed = _heads(ids(repo, _HEADS)), here
    for state in read_blocks(repo, blocks(listed)):
        head = heads.pop(state.model, "")
        yield state, head
        del state  # as above
    for model, oid in heads.items():
        yield ModelState(model, ()), oid


def _heads(refs: Mapping[str, str]) -> dict[str, str]:
    """Model -> the id in its head ref."""
    names = {ref.removeprefix(_HEADS).removesuffix("@head"): oid for ref, oid in refs.items()}
    return {name.replace("=", ":"): oid for name, oid in names.items()}


def resolve(repo: Repo, wanted: Reference) -> tuple[ModelState, Version]:
    """The version that a reference means: by number, by stage, or the champion.

    Raises RegistryError where it means none.
    """
    state = read_model(repo, wanted.model)
    return state, meant(state, wanted)


def head_ref(model: str) -> str:
    """The ref that holds the id of the model's newest event tag (docs/adr/0002)."""
    return f"{_HEADS}{model.replace(':', '=')}@head"


def _patterns(model: str) -> tuple[str, ...]:
    """What for-each-ref shall look at: its `*` stops at a slash, and stages may hold one."""
    name = model.replace(":", "=")
    return tuple(f"{_TAGS}{pattern}" for pattern in (f"{name}@*", f"{name}#*", f"{name}#*/**"))


def _some(names: list[str]) -> str:
    """A few of them: nobody reads thousands in an error."""
    most = 20
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _of(repo: Repo, model: str, refs: dict[str, str]) -> ModelState:
    with objects(repo, (f"{oid}\n".encode() for oid in refs.values())) as ask:
        return _state(model, [ask(ref.removeprefix(_TAGS), oid) for ref, oid in refs.items()])


def _state(model: str, tags: Iterable[Tag]) -> ModelState:
    findings, events = [], []
    registered: dict[str, list[Version]] = defaultdict(list)
    for tag in tags:
        name = parse(tag.name)
        if name is None or name.model != model:
            continue
        if found := _defect(tag):
            findings.append(found)
            continue
        events.append(_event(tag, name))
        if name.kind is EventKind.REGISTER and name.version:
            registered[tag.target].append(name.version)
    told = [event if event.version else _told(event, registered) for event in events]
    for event in told:
        if event.version is None and event.name.stage:
            what = "is about a stage, but neither its payload nor its commit tells to which version"
            fix = f"assign again with `pennon promote {model}`; the tag is ignored"
            findings.append(Finding(event.tag, what, fix))
    unclear = {finding.tag for finding in findings}
    return replay(model, (event for event in told if event.tag not in unclear), findings)


def _event(tag: Tag, name: EventName) -> Event:
    return Event(
        name=name,
        tag=tag.name,
        oid=tag.oid,
        commit=tag.target,
        seconds=tag.seconds or 0,
        tagger=tag.tagger,
        version=_plain(tag.body) if name.stage else name.version,
        body=tag.body,
    )


def _plain(body: bytes) -> Version | None:
    found = _PLAIN.match(body)
    try:
        return parse_version(found[1].decode()) if found else None
    except RegistryError:
        return None


def _told(event: Event, registered: Mapping[str, list[Version]]) -> Event:
    """With the version that its payload or else (a tag that GTO wrote) its commit tells."""
    if event.name.kind not in (EventKind.ASSIGN, EventKind.UNASSIGN):
        return event
    try:
        payload: Assignment | Retirement
        if event.name.kind is EventKind.ASSIGN:
            payload = parse_payload(event.message, Assignment, event.tag)
        else:
            payload = parse_payload(event.message, Retirement, event.tag)
        version: Version | None = parse_version(payload.version)
    except RegistryError:
        version = max(registered.get(event.commit, ()), default=None)
    return msgspec.structs.replace(event, version=version)


def _defect(tag: Tag) -> Finding | None:
    """Why a tag with a registry's name cannot be one of its events."""
    fix = "remove it, and use pennon to write the event"
    if tag.kind == "missing":
        hint = "git fsck; fetch it from another clone"
        return Finding(tag.name, f"names the object {tag.oid[:7]}, which is not here", hint)
    if tag.kind != "tag":
        return Finding(tag.name, "is a lightweight tag: it says neither who, when nor why", fix)
    if tag.target_kind != "commit":
        return Finding(tag.name, f"is on a {tag.target_kind}, not on a commit", fix)
    if tag.inner != tag.name:
        return Finding(tag.name, f"is called {tag.inner} inside: the names do not agree", fix)
    if tag.seconds is None:
        return Finding(tag.name, "has no tagger and no date, so it has no place in the order", fix)
    return None
