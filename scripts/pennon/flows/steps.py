"""Everything that a flow may do to the world, as values; `apply` is the only writer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import assert_never

import msgspec

from pennon.artifacts import verify
from pennon.errors import ForgeError
from pennon.flows.world import World
from pennon.forge import NewDeployment, Release, upsert
from pennon.registry import ModelState, NewEvent, append


class DraftRelease(msgspec.Struct, frozen=True):
    """Make the draft that will hold the version's files, or find the one of an earlier try."""

    tag: str
    title: str
    body: str
    commit: str

    def __str__(self) -> str:
        return f"draft release {self.tag}"


class Upload(msgspec.Struct, frozen=True):
    tag: str
    path: Path
    digest: str

    def __str__(self) -> str:
        return f"upload {self.path.name} to {self.tag}, download it again and compare digests"


class Append(msgspec.Struct, frozen=True):
    """Add an event to the ledger, if the ledger still is what it was when we decided."""

    event: NewEvent
    state: ModelState
    head: str
    elsewhere: str | None = None

    def __str__(self) -> str:
        return f"push tag {self.event.name(self.state)} on {self.event.commit[:7]}"


class Publish(msgspec.Struct, frozen=True):
    tag: str

    def __str__(self) -> str:
        return f"publish release {self.tag}"


class Comment(msgspec.Struct, frozen=True):
    pull: int
    key: str
    body: str
    run: int
    attempt: int

    def __str__(self) -> str:
        return f"comment on pull request {self.pull} ({self.key})"


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


Step = DraftRelease | Upload | Append | Publish | Comment | Dispatch | Record


def apply(world: World, steps: Iterable[Step]) -> None:
    """Do each step in order, saying so. Every step may be done again after an interruption."""
    for step in steps:
        world.say(str(step))
        _apply(world, step)


def _apply(world: World, step: Step) -> None:
    match step:
        case DraftRelease(tag, title, body, commit):
            _draft(world, tag, title=title, body=body, commit=commit)
        case Upload(tag, path, digest):
            _upload(world, tag, path, digest)
        case Append():
            _append(world, step)
        case Publish(tag):
            world.forge.publish_release(_release(world, tag).id)
        case Comment():
            upsert(world.forge, step.pull, step.key, step.body, run=step.run, attempt=step.attempt)
        case Dispatch(workflow, ref, inputs):
            world.forge.dispatch(workflow, ref, inputs)
        case Record(deployment):
            world.forge.record_deployment(deployment)
        case _:
            assert_never(step)


def _draft(world: World, tag: str, *, title: str, body: str, commit: str) -> None:
    release = world.forge.create_release(tag, title, body, commit)
    if release.draft and (release.title, release.body) != (title, body):
        world.forge.update_release(release.id, title=title, body=body)


def _upload(world: World, tag: str, path: Path, digest: str) -> None:
    release = _release(world, tag)
    there = release.asset(path.name)
    if release.draft and not (there and there.digest == digest):
        world.forge.upload_asset(release.id, path)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        world.forge.download_asset(tag, path.name, copy)
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
        world.say(f"the tag {written.tag} sits on {step.elsewhere}, because {written.moved}")


def _release(world: World, tag: str) -> Release:
    release = world.forge.release(tag)
    if release is None:
        raise ForgeError(
            f"there is no release for {tag} on {world.forge.where}",
            hint="run the same command again; it makes a new draft",
        )
    return release
