"""Everything that a flow may do to the world, as values; `apply` is the only writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import assert_never

import msgspec

from pennon.artifacts import verify
from pennon.errors import ForgeError
from pennon.flows.world import World
from pennon.forge import Comment as Listed
from pennon.forge import Mark, NewDeployment, Release, Sticky, mark, upsert
from pennon.registry import ModelState
from pennon.registry.write import NewEvent, append
from pennon.stores import open_store


class DraftRelease(msgspec.Struct, frozen=True):
    """Make the draft that will hold the version's files, or find the one of an earlier try."""

    name: str
    title: str
    body: str
    commit: str

    def __str__(self) -> str:
        return f"draft the release of {self.title}"


class Upload(msgspec.Struct, frozen=True):
    draft: str
    path: Path
    digest: str

    def __str__(self) -> str:
        return f"upload {self.path.name} to the draft, download it again and compare digests"


class Keep(msgspec.Struct, frozen=True):
    """Put a file into a store of artifacts, under its digest."""

    store: str
    path: Path
    digest: str

    def __str__(self) -> str:
        return f"store {self.path.name} in {self.store}, read it again and compare digests"


class Discard(msgspec.Struct, frozen=True):
    """Delete a draft that will never be a version."""

    draft: str

    def __str__(self) -> str:
        return f"delete {self.draft}, left by a registration that did not end"


class Append(msgspec.Struct, frozen=True):
    """Add an event to the ledger, if the ledger still is what it was when we decided."""

    event: NewEvent
    state: ModelState
    head: str
    elsewhere: str | None = None  # a branch; see registry.append

    def __str__(self) -> str:
        return f"push tag {self.event.name(self.state)} on {self.event.commit[:7]}"


class Publish(msgspec.Struct, frozen=True):
    draft: str
    tag: str

    def __str__(self) -> str:
        return f"publish release {self.tag}"


class Comment(msgspec.Struct, frozen=True):
    """`listed`: the comments of the pull request, where somebody has just read them."""

    pull: int
    key: str
    body: str
    run: int
    attempt: int
    listed: tuple[Listed, ...] | None = None

    def __str__(self) -> str:
        return f"comment on pull request {self.pull} ({self.key})"


class Gather(msgspec.Struct, frozen=True):
    """One comment in the place of others: `instead(key, url)` is what each of those says then."""

    comment: Comment
    keys: tuple[str, ...]
    instead: Callable[[str, str], str]

    def __str__(self) -> str:
        others = f", in the place of {len(self.keys)} others" if self.keys else ""
        return f"{self.comment}{others}"


class Announce(msgspec.Struct, frozen=True):
    """Say above the reports that stand that a newer run has begun."""

    pull: int
    keys: tuple[str, ...]
    listed: tuple[Listed, ...]
    mark: Mark

    def __str__(self) -> str:
        where = f"pull request {self.pull} ({', '.join(self.keys)})"
        return f"mark what stands on {where} as older than {self.mark.head[:7]}"


class Dispatch(msgspec.Struct, frozen=True):
    workflow: str
    ref: str
    inputs: dict[str, str]

    def __str__(self) -> str:
        inputs = " ".join(f"{name}={value}" for name, value in self.inputs.items())
        return f"start {self.workflow} on {self.ref} with {inputs}"


class Record(msgspec.Struct, frozen=True):
    deployment: NewDeployment

    def __str__(self) -> str:
        it = self.deployment
        return f"record {it.model}@{it.version} in {it.environment}: {it.state}"


Said = Comment | Gather | Announce
Step = DraftRelease | Upload | Keep | Discard | Append | Publish | Said | Dispatch | Record


def apply(world: World, steps: Iterable[Step]) -> None:
    """Do each step in order, saying so. Every step may be done again after an interruption."""
    for step in steps:
        world.say(str(step))
        _apply(world, step)


def _apply(world: World, step: Step) -> None:
    match step:
        case DraftRelease() | Upload() | Discard() | Publish():
            _apply_release(world, step)
        case Keep(store, path, digest):
            open_store(store).put(path, digest)
        case Append():
            _append(world, step)
        case Comment() | Gather() | Announce():
            _apply_said(world, step)
        case Dispatch(workflow, ref, inputs):
            world.forge.dispatch(workflow, ref, inputs)
        case Record(deployment):
            world.forge.record_deployment(deployment)
        case _:
            assert_never(step)


def _apply_said(world: World, step: Said) -> None:
    match step:
        case Comment():
            _upsert(world, step)
        case Gather(comment, keys, instead):
            url = _upsert(world, comment).url
            for key in keys:
                body = instead(key, url)
                _upsert(world, msgspec.structs.replace(comment, key=key, body=body))
        case Announce(_, keys, listed, begun):
            for key in keys:
                mark(world.forge, listed, key, begun)
        case _:
            assert_never(step)


def _upsert(world: World, it: Comment) -> Sticky:
    return upsert(
        world.forge, it.pull, it.key, it.body, run=it.run, attempt=it.attempt, listed=it.listed
    )


def _apply_release(world: World, step: DraftRelease | Upload | Discard | Publish) -> None:
    match step:
        case DraftRelease(name, title, body, commit):
            _draft(world, name, title=title, body=body, commit=commit)
        case Upload(draft, path, digest):
            _upload(world, draft, path, digest)
        case Discard(draft):
            if left := world.forge.release(draft):
                world.forge.delete_draft(left.id)
        case Publish(draft, tag):
            _publish(world, draft, tag)


def _publish(world: World, draft: str, tag: str) -> None:
    """Nothing happens where it is done: whoever comes after an interruption may have done it."""
    if world.forge.release(tag):
        return
    left = world.forge.release(draft)
    if left is None:
        raise ForgeError(
            f"the tag {tag} has no release on {world.forge.where}",
            hint="somebody deleted it: restore it, or retire the version and register a new one",
        )
    world.forge.publish_release(left.id, tag)


def _draft(world: World, name: str, *, title: str, body: str, commit: str) -> None:
    release = world.forge.create_release(name, title, body, commit)
    if release.draft and (release.title, release.body) != (title, body):
        world.forge.update_release(release.id, title=title, body=body)


def _upload(world: World, draft: str, path: Path, digest: str) -> None:
    release = _release(world, draft)
    there = release.asset(path.name)
    if release.draft and not (there and there.digest == digest):
        world.forge.upload_asset(release.id, path)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        world.forge.download_asset(draft, path.name, copy)
        verify(copy, digest)


def _append(world: World, step: Append) -> None:
    written = append(
        world.repo,
        step.state,
        step.head,
        step.event,
        now=world.seconds,
        elsewhere=step.elsewhere,
    )
    if written.moved:
        world.say(f"the tag {written.tag} sits on {written.commit[:7]}, because {written.moved}")


def _release(world: World, name: str) -> Release:
    release = world.forge.release(name)
    if release is None:
        raise ForgeError(
            f"there is no release {name} on {world.forge.where}",
            hint="run the same command again; it makes a new draft",
        )
    return release
