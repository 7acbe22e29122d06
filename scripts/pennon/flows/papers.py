"""What a version has on paper: its evidence, model card, report page and release notes."""

from __future__ import annotations

import msgspec

from pennon.artifacts import digest as file_digest
from pennon.evaluation import Evaluation, Verdict
from pennon.flows.candidate import Candidate, update
from pennon.flows.compare import measured
from pennon.flows.release import EVALUATION, EXAMPLE
from pennon.flows.world import World
from pennon.registry import Manifest, Version

FILES = (EVALUATION, EXAMPLE)


def write_papers(
    world: World,
    candidate: Candidate,
    evaluation: Evaluation,
    verdict: Verdict,
    *,
    version: Version,
    champion: Version | None,
) -> tuple[Manifest, str]:
    """Write every paper into the candidate's folder; its final manifest, and the release notes."""
    candidate.evaluation.write_bytes(msgspec.json.format(msgspec.json.encode(evaluation), indent=1))
    final = msgspec.structs.replace(
        candidate.manifest,
        metrics=measured(evaluation),
        files={name: file_digest(candidate.folder / name) for name in FILES},
    )
    update(candidate, final)
    return final, verdict.reason
