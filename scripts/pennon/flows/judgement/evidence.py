"""The evidence for a promotion: stored if it is about today's champion, else measured again."""

from __future__ import annotations

from importlib.util import find_spec

import msgspec

from pennon.config import Against, Config
from pennon.errors import MissingExtraError
from pennon.evaluation import Evaluation
from pennon.evaluation.qualities import is_cost
from pennon.flows.versions import release
from pennon.flows.world import World
from pennon.registry import ModelState, Version


def evidence(
    world: World,
    config: Config,
    state: ModelState,
    *,
    version: Version,
    champion: Version | None,
) -> Evaluation:
    """What is known of `version` beside `champion`, and beside versions that gates name.

    All on the same sealed rows. Raises MissingExtraError where it has to be measured again and this
    environment cannot.
    """
    stored = release.evidence(world, state, version)
    unmet = _unmet(config, stored, champion)
    if not unmet:
        return stored
    what = f"{state.model}@{version} was not compared with {', '.join(unmet)}, as the gates ask now"
    if find_spec("sklearn") is None:
        raise MissingExtraError(
            what,
            hint="run this promotion in the model repository's own environment (requirements.lock)",
        )
    world.say(f"{what}; scoring them on the holdout")
    from pennon.flows.compare import compare_versions  # noqa: PLC0415  heavy: only when needed

    found = compare_versions(world, config, state, version=version, champion=champion)
    found = msgspec.structs.replace(  # what is the candidate's own stays what it was
        found,
        importance=stored.importance,
        probes=stored.probes,
        explanation=stored.explanation,
        footprint=stored.footprint,
    )
    return _compared(world, config, state, found=found, version=version)


def _unmet(config: Config, stored: Evaluation, champion: Version | None) -> list[str]:
    """Whom it was not compared with, and today's gates ask for."""
    compared = stored.against(Against.CHAMPION)
    known = {it.name for it in stored.comparisons}
    named = config.gates.versions(stored.model)
    unmet = [name for name in named if name not in known]
    if champion and (compared is None or compared.name != str(champion)):
        return [str(champion), *unmet]
    return unmet


def _compared(
    world: World, config: Config, state: ModelState, *, found: Evaluation, version: Version
) -> Evaluation:
    """What gates compare with today's champion besides predictions: footprint, and draws."""
    gates = config.gates.of(state.model)
    if not any(it.draws or (is_cost(it.metric) and it.against) for it in gates):
        return found
    from pennon.flows.judgement.aspects import with_footprint  # noqa: PLC0415  heavy: only when needed
    from pennon.flows.judgement.draws import with_draws  # noqa: PLC0415  the same
    from pennon.flows.judgement.rows import FULL, prepare  # noqa: PLC0415  the same
    from pennon.flows.versions.bundle import bundle  # noqa: PLC0415  the same

    rows = prepare(world, config, state.model, FULL)
    ours = bundle(world, state, version)
    found = with_footprint(world, config, state, evaluation=found, ours=ours, rows=rows)
    return with_draws(world, config, state, evaluation=found, rows=rows, ours=ours)
