"""Give a version a stage: the gates of today, against whoever holds the stage at this moment."""

from __future__ import annotations

import msgspec

from pennon.config import Config
from pennon.errors import RefusedError, RegistryError
from pennon.evaluation import Evaluation, GateResult, Verdict, decide, digest
from pennon.evaluation.qualities import LIBRARIES
from pennon.flows.assignment.approvals import approvals
from pennon.flows.assignment.assign import Ask, Assigned, Then, checked, steps, then
from pennon.flows.assignment.request import (
    Requested,
    is_needed,
    merged_requests,
    refuse_unmerged,
    request,
)
from pennon.flows.assignment.settle import until_settled
from pennon.flows.deployment.follow import followed
from pennon.flows.deployment.incident import noted
from pennon.flows.judgement.evidence import evidence
from pennon.flows.steps import apply
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import (
    Assignment,
    ModelState,
    RunKind,
    Version,
    read_remote,
)
from pennon.registry import version as parse_version

UNGATED = "challenger"
"""The one stage that needs no gates: it only says "compare me"."""


class Promoted(Assigned, frozen=True, kw_only=True):
    """An assignment and the verdict that allowed it; None for the ungated stage."""

    verdict: Verdict | None = None


def promote(world: World, ask: Ask, *, dry_run: bool = False) -> Promoted:
    """Raises RefusedError where the gates say no, RegistryError for what is not registered."""
    # A dry run may ask what other gates would say: it decides by those of the work tree.
    config = world.config() if dry_run else world.config_of_record()
    ask = checked(config, ask)
    done = until_settled(world, lambda: _once(world, config, ask, dry_run=dry_run))
    if done.steps and not dry_run:
        noted(world, done)
    return followed(world, ask, done, dry_run=dry_run)


def promote_requested(world: World, *, dry_run: bool = False, then: Then) -> list[Promoted]:
    """Whatever the merged requests of the default branch ask for and is not so yet."""
    asks = merged_requests(world, world.config())
    return [
        promote(world, msgspec.structs.replace(ask, then=then), dry_run=dry_run) for ask in asks
    ]


def ask_to_promote(world: World, ask: Ask, *, dry_run: bool = False) -> Requested:
    """A pull request for it, once the gates would let it pass. Raises RefusedError else."""
    would = promote(world, msgspec.structs.replace(ask, asking=True), dry_run=True)
    ask = msgspec.structs.replace(ask, stage=would.stage)
    return request(world, ask, would.version, dry_run=dry_run)


def _once(world: World, config: Config, ask: Ask, *, dry_run: bool) -> Promoted:
    state, head = read_remote(world.repo, ask.model)
    version = parse_version(ask.version) if ask.version else _newest(state)
    lineage = manifest(state, version)
    holder = state.holder(ask.stage)
    if holder == version:
        return _already(world, ask, state, dry_run=dry_run)
    verdict: Verdict | None = None
    agreed: tuple[str, ...] = ()
    if ask.stage != UNGATED:
        verdict = _gated(world, config, ask, state=state, version=version)
        merged = world.forge.merged(lineage.commit)
        agreed = approvals(merged, config.gates.approvals, f"{ask.model}@{version}")
        agreed = tuple(dict.fromkeys((*agreed, *_requested(world, config, ask, str(version)))))
    assignment = Assignment(
        version=str(version),
        stage=ask.stage,
        reason=ask.reason or (verdict.reason if verdict else "to be compared"),
        actor=world.actor,
        verdict=digest(verdict) if verdict else "",
        approvals=agreed,
        artifact=lineage.artifact,
    )
    event, follow = steps(world, ask, (state, head), assignment)
    if not dry_run:
        apply(world, [event, *follow])
    return Promoted(
        model=ask.model,
        stage=ask.stage,
        version=str(version),
        previous=str(holder) if holder else None,
        reason=assignment.reason,
        tag=event.event.name(state),
        steps=tuple(map(str, [event, *follow])),
        verdict=verdict,
    )


def _requested(world: World, config: Config, ask: Ask, version: str) -> tuple[str, ...]:
    """Who agreed to the merged request, where one is needed."""
    needed = not ask.asking and is_needed(config, ask.stage)
    return refuse_unmerged(world, ask, version) if needed else ()


def _already(world: World, ask: Ask, state: ModelState, *, dry_run: bool) -> Promoted:
    """What follows is done again: whoever wrote the event may have been cut short before it."""
    event = state.stages[ask.stage]
    follow = then(world, ask)
    if not dry_run:
        apply(world, follow)
    return Promoted(
        model=ask.model,
        stage=ask.stage,
        version=str(event.version),
        previous=str(event.version),
        reason="it held the stage already",
        tag=event.tag,
        steps=tuple(map(str, follow)),
    )


def _newest(state: ModelState) -> Version:
    if not state.versions:
        raise RegistryError(
            f"{state.model} has no registered version", hint=f"pennon register {state.model}"
        )
    return max(state.versions)


def _gated(
    world: World, config: Config, ask: Ask, *, state: ModelState, version: Version
) -> Verdict:
    """The verdict, if it lets the version pass. Raises RefusedError with every gate in the way."""
    lineage = manifest(state, version)
    if lineage.sample or lineage.run.kind is RunKind.EXPERIMENT:
        raise RefusedError(
            f"{ask.model}@{version} was made by an experiment or on a sample",
            hint=f"only full candidates hold the stage {ask.stage}: pennon register {ask.model}",
        )
    champion = state.holder(ask.stage)
    found = evidence(world, config, state, version=version, champion=champion)
    verdict = decide(found, config.gates, champion=str(champion) if champion else None)
    if verdict.passed:
        return verdict
    lines = "".join(f"\n  {gate.id}: {_because(gate, found)}" for gate in verdict.blocking)
    raise RefusedError(
        f"{ask.model}@{version} is not promoted to {ask.stage}: {verdict.reason}{lines}",
        hint="the champion stays; the report of the version has the details",
    )


def _because(gate: GateResult, found: Evaluation) -> str:
    """Why there is such a gate; of added libraries their names, too."""
    if gate.metric != LIBRARIES or found.footprint is None:
        return gate.why
    added = f"added are {', '.join(found.footprint.added)}"
    return f"{gate.why} ({added})" if gate.why else added
