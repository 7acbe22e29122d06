"""What a version has on paper: its evidence, model card, report page and release notes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from pennon import __version__
from pennon.artifacts import digest as file_digest
from pennon.artifacts.sbom import Base, Made, checksums, sbom
from pennon.config import Against, Config
from pennon.config.intake import read_intake
from pennon.errors import GitError
from pennon.evaluation import Evaluation, Verdict
from pennon.flows.compare import measured
from pennon.flows.judgement.exhibits import EXHIBITS, beside_champion, keep, kept
from pennon.flows.judgement.handover import VERDICT, verdict_file
from pennon.flows.upkeep.principles import keeping
from pennon.flows.versions.candidate import Candidate, update
from pennon.flows.versions.changes import LOCKFILE
from pennon.flows.versions.release import (
    BACKGROUND,
    CARD,
    CHECKSUMS,
    EVALUATION,
    EXAMPLE,
    MANIFEST,
    PAGE,
    SBOM,
    head_note,
)
from pennon.flows.world import World
from pennon.registry import Manifest, ModelState, Version, registrations
from pennon.report import Facts, ReviewView, Run, card, notes, page, review_view
from pennon.report.exhibits import Exhibits
from pennon.report.notes import Said

FILES = (EVALUATION, VERDICT, EXAMPLE, BACKGROUND, EXHIBITS, CARD, PAGE, SBOM)
"""The files of a release that its manifest names, beside the model."""


class Subject(msgspec.Struct, frozen=True):
    """What the papers are about."""

    candidate: Candidate
    evaluation: Evaluation
    verdict: Verdict
    version: Version


def write_papers(
    world: World, config: Config, state: ModelState, subject: Subject
) -> tuple[Manifest, str]:
    """Write every paper into the candidate's folder; the final manifest, and the release notes."""
    evaluation, version = subject.evaluation, str(subject.version)
    manifest = msgspec.structs.replace(
        subject.candidate.manifest,
        metrics=measured(evaluation),
        files={},
        store=config.project.registry.store,
    )
    facts = Facts(
        model=manifest.model,
        run=Run(
            id=world.runner.run,
            attempt=world.runner.attempt,
            url=world.runner.run_url,
            at=world.timestamp(),
            pennon=__version__,
        ),
        head=manifest.commit,
        version=version,
        promotion=config.model(manifest.model).promotion,
    )
    view = review_view(facts, evaluation, subject.verdict, gates=config.gates, manifest=manifest)
    shown = kept(subject.candidate.folder)
    keep(subject.candidate.folder, shown)
    texts = {
        EVALUATION: _pretty(evaluation),
        CARD: _card(world, config, subject, manifest),
        PAGE: page(view, beside_champion(world, state, shown)),
        VERDICT: _pretty(verdict_file(view, subject.verdict)),
        SBOM: _materials(world, subject, manifest),
    }
    final = _written(subject.candidate, manifest, texts)
    before = _champion(state, evaluation)
    said = Said(
        verdict=subject.verdict,
        answers=read_intake(world.read_text).answers(manifest.model),
        locks=_locks(world, before),
    )
    told = notes(config, final, evaluation, version=version, before=before, said=said)
    return final, told + head_note(state)


def write_page(folder: Path, view: ReviewView, shown: Exhibits | None = None) -> None:
    """The page of a review into the folder of its run, which is kept with the workflow run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(page(view, shown), encoding="utf-8")


def _card(world: World, config: Config, subject: Subject, manifest: Manifest) -> str:
    return card(
        config,
        manifest,
        subject.evaluation,
        version=str(subject.version),
        intake=read_intake(world.read_text),
        verdict=subject.verdict,
        principles=keeping(world, config, subject.verdict, manifest.commit),
    )


def _pretty(record: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(record), indent=1).decode() + "\n"


def _materials(world: World, subject: Subject, manifest: Manifest) -> str:
    made = Made(
        model=manifest.model,
        version=str(subject.version),
        artifact=manifest.artifact,
        commit=manifest.commit,
        at=manifest.run.at,
        data={part.name: part.content for part in manifest.data},
        environment=manifest.environment,
        pennon=manifest.pennon,
        base=_base(manifest),
    )
    return sbom(made, world.read_text(LOCKFILE) or "")


def _base(manifest: Manifest) -> Base | None:
    if not manifest.base_model:
        return None
    it = manifest.base_model
    return Base(uri=it.uri, digest=it.digest, licence=it.licence)


def _written(candidate: Candidate, manifest: Manifest, texts: Mapping[str, str]) -> Manifest:
    for name, text in texts.items():
        (candidate.folder / name).write_text(text, encoding="utf-8")
    names = (*FILES, manifest.engine.file) if manifest.engine.file else FILES
    digests = {name: file_digest(candidate.folder / name) for name in names}
    final = msgspec.structs.replace(manifest, files=digests)
    update(candidate, final)
    listed = {manifest.file: manifest.artifact, **digests}
    listed[MANIFEST] = file_digest(candidate.folder / MANIFEST)
    (candidate.folder / CHECKSUMS).write_text(checksums(listed), encoding="utf-8")
    return final


def _locks(world: World, before: Manifest | None) -> tuple[str, str]:
    """The champion's and ours; a shallow clone has not the champion's."""
    if before is None:
        return "", ""
    try:
        old = world.repo.show(before.commit, LOCKFILE)
    except GitError:
        old = None
    return old or "", world.read_text(LOCKFILE) or ""


def _champion(state: ModelState, evaluation: Evaluation) -> Manifest | None:
    """The manifest of the champion that the candidate was compared with."""
    compared = evaluation.against(Against.CHAMPION)
    event = state.versions.get(Version(compared.name)) if compared else None
    payload = registrations([event])[event.oid] if event else None
    return payload.manifest if payload else None
