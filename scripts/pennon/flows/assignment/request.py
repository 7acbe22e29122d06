"""A promotion by pull request: one file names the version, and only its merge lets it pass.

The way to approvals where the forge has no reviewers for environments: CODEOWNERS own the file.
"""

from __future__ import annotations

import msgspec
import yaml

from pennon.config import Approval, Approvals, Config, Record, read
from pennon.errors import RefusedError
from pennon.flows.assignment.approvals import approvals
from pennon.flows.assignment.assign import Ask
from pennon.flows.assignment.settle import until_settled
from pennon.flows.world import World
from pennon.git.branches import remote_tip
from pennon.git.push import Write, push
from pennon.git.tags import remote_refs
from pennon.git.trees import listed, planted
from pennon.registry import read_remote

FOLDER = "deploy/requests"


class Request(Record, frozen=True, kw_only=True):
    """What the file of a model says."""

    version: str
    stage: str
    reason: str = ""


class Requested(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request that waits to be merged; `pull` is its address, empty in a dry run."""

    model: str
    version: str
    stage: str
    branch: str
    pull: str = ""


def file_of(model: str) -> str:
    return f"{FOLDER}/{model.replace(':', '=').replace('/', '_')}.yaml"


def request(world: World, ask: Ask, version: str, *, dry_run: bool = False) -> Requested:
    """Open the pull request of a promotion that the gates would let pass, or find it."""
    name = f"{ask.model.replace(':', '=')}-{version}"
    wanted = Requested(model=ask.model, version=version, stage=ask.stage, branch=f"promote/{name}")
    if dry_run:
        return wanted
    until_settled(world, lambda: _written(world, ask, wanted))
    title = f"Promote {ask.model} {version} to {ask.stage}"
    body = (
        f"{ask.reason or 'The gates let it pass.'}\n\n"
        f"Merging this promotes `{ask.model}@{version}`, if the gates of that moment agree; "
        f"`pennon describe {ask.model}@{version}` has the evidence."
    )
    base = world.repo.default_branch()
    pull = world.forge.request_pull(wanted.branch, base, title=title, body=body)
    return msgspec.structs.replace(wanted, pull=pull)


def is_needed(config: Config, stage: str) -> bool:
    """Whether an environment that runs the stage asks for a merged request."""
    places = config.project.environments.values()
    return any(it.approval is Approval.REQUEST and it.stage == stage for it in places)


def refuse_unmerged(world: World, ask: Ask, version: str) -> tuple[str, ...]:
    """Who agreed to the request on the default branch. Raises RefusedError without one."""
    tip = remote_tip(world.repo, world.repo.default_branch())
    file = file_of(ask.model)
    found = _read(world, tip, file)
    if found is None or (found.version, found.stage) != (version, ask.stage):
        says = f"{file} says {found.version} to {found.stage}" if found else f"there is no {file}"
        raise RefusedError(
            f"{ask.model}@{version} is promoted by pull request, and on the default branch {says}",
            hint=f"pennon promote {ask.model} {version} --pr, then merge what it opens",
        )
    commit = world.repo.last_change(tip, file)
    merged = world.forge.merged(commit) if commit else None
    return approvals(merged, Approvals(needed=0), f"{ask.model}@{version}")


def merged_requests(world: World, config: Config) -> list[Ask]:
    """What the files on the default branch ask for and is not so yet."""
    tip = remote_tip(world.repo, world.repo.default_branch())
    asks = []
    for model in config.project.models:
        found = _read(world, tip, file_of(model))
        if found is None:
            continue
        state, _ = read_remote(world.repo, model)
        stage = config.project.stage(found.stage)
        if str(state.holder(stage)) != found.version:
            asks.append(Ask(model=model, version=found.version, stage=stage, reason=found.reason))
    return asks


def _read(world: World, tip: str, file: str) -> Request | None:
    """Raises ConfigError for a file that says something else."""
    text = world.repo.show(tip, file) if tip else None
    return None if text is None else read(text, Request, file)


def _written(world: World, ask: Ask, wanted: Requested) -> None:
    """The branch, one commit ahead of the default branch; what was there of an older try goes."""
    world.repo.identity()
    ref = f"refs/heads/{wanted.branch}"
    before = remote_refs(world.repo, ref).get(ref, "")
    tip = remote_tip(world.repo, world.repo.default_branch())
    said = Request(version=wanted.version, stage=wanted.stage, reason=ask.reason)
    text = yaml.safe_dump(msgspec.to_builtins(said), sort_keys=False, allow_unicode=True)
    file = file_of(ask.model)
    folder, _, name = file.rpartition("/")
    there = listed(world.repo, remote_tip(world.repo, wanted.branch), folder) if before else {}
    if there.get(name) == text:
        return
    message = f"Promote {ask.model} {wanted.version} to {wanted.stage}\n"
    commit = planted(world.repo, tip, {file: text}, message=message, seconds=int(world.seconds()))
    push(world.repo, [Write(ref, commit, before)])
