"""The evidence for a promotion: stored if it is about today's champion, else measured again."""

from __future__ import annotations

from importlib.util import find_spec

import msgspec

from pennon.config import Against
from pennon.errors import MissingExtraError
from pennon.evaluation import Evaluation
from pennon.flows import release
from pennon.flows.world import World
from pennon.registry import ModelState, Version


def evidence(
    world: World, state: ModelState, version: Version, champion: Version | None
) -> Evaluation:
    """What is known of `version` compared with `champion`, on the same sealed rows.

    Raises MissingExtraError where it has to be measured again and this environment cannot.
    """
    stored = release.evidence(world, state, version)
    if champion is None or _compares_with(stored, champion):
        return stored
    what = f"{state.model}@{version} was not compared with {champion}, which is champion now"
    if find_spec("sklearn") is None:
        raise MissingExtraError(
            what,
            hint="run this promotion in the model repository's own environment (requirements.lock)",
        )
    world.say(f"{what}; scoring both on the holdout")
    from pennon.flows.compare import compare_versions  # noqa: PLC0415  heavy: only when needed

    found = compare_versions(world, state, version, champion)
    return msgspec.structs.replace(  # what is the candidate's own stays what it was
        found,
        importance=stored.importance,
        probes=stored.probes,
        footprint=stored.footprint,
    )


def _compares_with(evaluation: Evaluation, champion: Version) -> bool:
    return any(
        comparison.against is Against.CHAMPION and comparison.name == str(champion)
        for comparison in evaluation.comparisons
    )
