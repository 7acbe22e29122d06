"""What a review says beside the code: an annotation on the line of each gate in the way."""

from __future__ import annotations

from pennon.config import GATES
from pennon.config.places import line_of_gate
from pennon.evaluation import GateResult, Outcome, Verdict
from pennon.flows.world import World

MOST = 10
"""Of one level; GitHub shows no more of one step."""


def annotate(world: World, verdict: Verdict) -> None:
    """On `gates.yaml` as this commit has it; without a line where it has no such gate any more."""
    text = world.read_text(GATES) or ""
    blocking = sorted(verdict.blocking, key=lambda it: it.outcome is not Outcome.FAIL)
    for result in blocking[:MOST]:
        level = "error" if result.outcome is Outcome.FAIL else "warning"
        line = line_of_gate(text, result.id)
        world.runner.annotate(level, _words(verdict.model, result), file=GATES, line=line)


def _words(model: str, it: GateResult) -> str:
    where = f" on {it.slice}" if it.slice else ""
    said = "fails" if it.outcome is Outcome.FAIL else "cannot be decided"
    value = "" if it.candidate is None else f", and the candidate has {it.candidate:.4g}"
    return f"{model}: gate {it.id} {said}{where}: it asks for {it.metric} {it.rule}{value}"
