"""Desired state as files on a branch: what a rendering target says becomes one commit.

A reconciler (Argo CD, a workflow, a person with `docker compose`) makes the world follow; then the
environment's address is asked until it answers as the version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from functools import partial
from typing import Any

import msgspec

from pennon.errors import TargetError
from pennon.flows.assignment.settle import until_settled
from pennon.flows.world import World
from pennon.git.branches import remote_tip
from pennon.git.push import Write, push
from pennon.git.trees import listed, planted
from pennon.targets import Files, Order, Place, Running, Target
from pennon.targets.place import folder

RECORD = "desired.json"
"""Beside what the target rendered: the order itself, for programs."""
BEAT = 5.0
"""Seconds between two questions to an address."""


class How(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that concern the writing; those of a target's own kind are no business of ours.

    `patience` is in seconds. `restore`: whether a version that does not answer gives way to the
    files of the one before.
    """

    branch: str = "deploy"
    folder: str = "deploy"
    patience: float = 600.0
    restore: bool = True


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be on the branch, and what is there now."""

    order: Order
    branch: str
    folder: str
    tip: str  # of the branch; empty where there is none yet
    there: Files
    files: Files

    @property
    def diff(self) -> str:
        """As `git diff` would show it; empty where nothing changes."""
        return "".join(_differences(self.folder, self.there, self.files))

    def __str__(self) -> str:
        changed = {name for name in {*self.there, *self.files} if self._differs(name)}
        return f"commit {len(changed)} files to {self.folder} on branch {self.branch}"

    def _differs(self, name: str) -> bool:
        return self.there.get(name) != self.files.get(name)


def how(settings: Mapping[str, Any]) -> How:
    known = {name: settings[name] for name in How.__struct_fields__ if name in settings}
    return msgspec.convert(known, How)


def planned(world: World, target: Target, order: Order, place: Place) -> Plan:
    """Read the branch, render the order."""
    said = how(place.settings)
    where = folder(said.folder, order.environment, order.model)
    tip = remote_tip(world.repo, said.branch)
    there = listed(world.repo, tip, where)
    order = msgspec.structs.replace(order, before=_before(there, order))
    rendered = target.apply(order, place)
    assert isinstance(rendered, dict)  # noqa: S101  it RENDERS
    files = rendered | {RECORD: _record(order)}
    return Plan(order=order, branch=said.branch, folder=where, tip=tip, there=there, files=files)


def current(plan: Plan, target: Target, place: Place) -> Running | None:
    """What runs by these files; None where they are others, or the address answers otherwise."""
    if plan.there != plan.files:
        return None
    if not place.url:
        return _unasked(plan, changed=False)
    found = target.health(plan.order, place)
    return found if found and found.version == plan.order.version else None


def written(world: World, target: Target, order: Order, place: Place) -> Running:
    """The files on the branch, and the version answering at the address, if there is one.

    Raises TargetError where it does not: the files of the version before are back, unless the
    settings say otherwise or somebody wrote others meanwhile.
    """
    plan = until_settled(world, partial(_once, world, target, order, place))
    changed = plan.there != plan.files
    if not place.url:
        return _unasked(plan, changed=changed)
    said = how(place.settings)
    found, answered = _asked(world, target, plan, place)
    if found:
        return msgspec.structs.replace(found, changed=changed)
    what = (
        f"{order.environment}: {order.model}@{order.version} did not become healthy: {place.url} "
        f"{answered} after {said.patience:g} s"
    )
    if not (said.restore and changed):
        raise TargetError(what, hint=f"{plan.folder} on branch {plan.branch} asks for it still")
    raise TargetError(what, hint=until_settled(world, partial(_restored, world, plan)))


def _once(world: World, target: Target, order: Order, place: Place) -> Plan:
    plan = planned(world, target, order, place)
    if plan.there != plan.files:
        _commit(
            world, plan, plan.files, f"deploy: {order.model}@{order.version} to {order.environment}"
        )
    return plan


def _restored(world: World, plan: Plan) -> str:
    """What became of the files, for whoever has to look."""
    where = f"{plan.folder} on branch {plan.branch}"
    if not plan.there:
        return f"nothing ran there before, so {where} asks for it still"
    tip = remote_tip(world.repo, plan.branch)
    if listed(world.repo, tip, plan.folder) != plan.files:
        return f"somebody wrote {where} meanwhile"
    back = msgspec.structs.replace(plan, tip=tip, there=plan.files, files=plan.there)
    what = f"{plan.order.environment} back from {plan.order.model}@{plan.order.version}"
    _commit(world, back, back.files, f"deploy: {what}, which does not answer")
    return f"{where} has the files of {_version(plan.there)} again"


def _commit(world: World, plan: Plan, files: Files, subject: str) -> None:
    world.repo.identity()
    gone: dict[str, str | None] = dict.fromkeys(plan.there)
    whole = {f"{plan.folder}/{name}": text for name, text in (gone | files).items()}
    message = f"{subject}\n\n{_trailers(plan.order)}"
    commit = planted(world.repo, plan.tip, whole, message=message, seconds=int(world.seconds()))
    push(world.repo, [Write(f"refs/heads/{plan.branch}", commit, plan.tip)])


def _asked(world: World, target: Target, plan: Plan, place: Place) -> tuple[Running | None, str]:
    """The answer of the version, else None and what was heard last."""
    deadline = world.seconds() + how(place.settings).patience
    while True:
        found = target.health(plan.order, place)
        if found and found.version == plan.order.version:
            return found, ""
        if world.seconds() >= deadline:
            return None, f"answers as {found.version}" if found else "does not answer"
        world.sleep(BEAT)


def _unasked(plan: Plan, *, changed: bool) -> Running:
    why = f"written to {plan.folder} on branch {plan.branch}, not verified: there is no url"
    return Running(version=plan.order.version, url="", changed=changed, why=why)


def _before(there: Files, order: Order) -> str:
    """The other version that was asked for last; asking for the same again forgets nothing."""
    known = _read(there)
    if known is None:
        return ""
    return known.before if known.version == order.version else known.version


def _version(there: Files) -> str:
    known = _read(there)
    return known.version if known else "before"


def _read(there: Files) -> Order | None:
    """The order on the branch; None where none is, or people wrote something else there."""
    try:
        return msgspec.json.decode(there.get(RECORD, ""), type=Order)
    except msgspec.DecodeError:
        return None


def _record(order: Order) -> str:
    return msgspec.json.format(msgspec.json.encode(order).decode(), indent=2) + "\n"


def _trailers(order: Order) -> str:
    asked = order.assignment
    facts = {
        "Assignment": asked.tag,
        "Assignment-Id": asked.id,
        "Actor": asked.actor,
        "Reason": " ".join(asked.reason.split()),
        "Image": order.image,
    }
    return "".join(f"{name}: {value}\n" for name, value in facts.items() if value)


def _differences(where: str, old: Files, new: Files) -> Iterator[str]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        yield from unified_diff(
            (before or "").splitlines(keepends=True),
            (after or "").splitlines(keepends=True),
            "/dev/null" if before is None else f"a/{where}/{name}",
            "/dev/null" if after is None else f"b/{where}/{name}",
        )
