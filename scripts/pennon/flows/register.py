"""Make an immutable version of a model: train on all rows, store, verify, tag, publish."""

from __future__ import annotations

import msgspec

from pennon.artifacts import digest as file_digest
from pennon.config import Against, Config, Promotion
from pennon.errors import ConflictError, GitError, RefusedError
from pennon.evaluation import Evaluation, decide
from pennon.flows.assign import until_settled
from pennon.flows.candidate import Candidate, read
from pennon.flows.changes import recipe
from pennon.flows.compare import champion_scoring, compare_candidate, measure
from pennon.flows.drafts import draft_name, leftovers
from pennon.flows.papers import FILES, Subject, write_papers
from pennon.flows.release import MANIFEST, manifest
from pennon.flows.rows import FULL, prepare
from pennon.flows.steps import (
    Append,
    Discard,
    Dispatch,
    DraftRelease,
    Publish,
    Step,
    Upload,
    apply,
)
from pennon.flows.train import train_on
from pennon.flows.world import World
from pennon.registry import (
    EventKind,
    ModelState,
    NewEvent,
    Registration,
    RunKind,
    Version,
    read_remote,
    registrations,
)

FIRST = Version("v1.0.0")


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered now. `new` is false where an equal version exists already."""

    model: str
    version: str
    new: bool
    why: str = ""
    verdict: str = ""
    steps: tuple[str, ...] = ()


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """No model: every model of pennon.yaml. `candidate`: register the newest run as it is."""

    models: tuple[str, ...] = ()
    bump: str = "minor"
    candidate: bool = False
    dispatch: bool = False


def register(world: World, ask: Ask, *, dry_run: bool = False) -> list[Registered]:
    """Register each model whose recipe no version has yet.

    Raises GitError for a tree that no commit describes, TrainingError, EvaluationError.
    """
    config = world.config()
    world.repo.identity()
    world.repo.remote_url()
    _refuse_dirty(world)
    names = ask.models or tuple(config.project.models)
    for name in names:
        config.model(name)
    return [_one(world, config, name, ask, dry_run=dry_run) for name in names]


def _refuse_dirty(world: World) -> None:
    changed = world.repo.changed_files()
    if changed:
        some = ", ".join(changed[:3]) + (" …" if len(changed) > 3 else "")  # noqa: PLR2004
        raise GitError(
            f"{len(changed)} files are not as the commit has them: {some}",
            hint="commit or stash them: a version is what one commit says",
        )


def _one(world: World, config: Config, model: str, ask: Ask, *, dry_run: bool) -> Registered:
    digest = recipe(world.repo, world.repo.head(), config, model).digest
    state, _ = read_remote(world.repo, model)
    before = leftovers(world, state)
    equal = _equal(world, state, digest)
    if equal is not None:
        return _finish(world, state, equal, before, dry_run=dry_run)
    if dry_run:
        tag = f"{model}@{_next(state, ask.bump)}"
        planned = (f"train {model} on all rows", f"draft the release of {tag}", "upload its files")
        steps = (*map(str, before), *planned, f"push tag {tag}", f"publish release {tag}")
        return Registered(model=model, version=tag.partition("@")[2], new=True, steps=steps)
    apply(world, before)
    candidate, evaluation = _candidate(world, config, state, ask)
    return until_settled(world, lambda: _store(world, config, candidate, evaluation, ask=ask))


def _equal(world: World, state: ModelState, digest: str) -> Version | None:
    """A version that was made of the same: training again would register it twice."""
    payloads = registrations(world.repo, state.versions.values())
    for version, event in state.versions.items():
        payload = payloads[event.oid]
        if payload is not None and payload.manifest.recipe == digest:
            return version
    return None


def _finish(
    world: World, state: ModelState, version: Version, before: list[Step], *, dry_run: bool
) -> Registered:
    """An equal version exists; an interrupted registration may have left its release a draft."""
    tag = state.find(version).tag
    draft = draft_name(manifest(world, state, version))
    steps = before if world.forge.release(tag) else [*before, Publish(draft, tag)]
    if not dry_run:
        apply(world, steps)
    return Registered(
        model=state.model,
        version=str(version),
        new=False,
        why="code, params, data and environment are those of this version",
        steps=tuple(map(str, steps)),
    )


def _candidate(
    world: World, config: Config, state: ModelState, ask: Ask
) -> tuple[Candidate, Evaluation]:
    """A full candidate of this commit and what it is worth beside the champion of today."""
    if ask.candidate:
        found = read(world, state.model)
        if found.manifest.sample or found.manifest.commit != world.repo.head():
            what = "a sample" if found.manifest.sample else f"commit {found.manifest.commit[:7]}"
            raise RefusedError(
                f"the newest run of {state.model} was made on {what}",
                hint="leave --candidate out: pennon register trains on all rows of this commit",
            )
        return found, compare_candidate(world, state)
    rows = prepare(world, config, state.model, FULL)
    champion = champion_scoring(world, state, rows)
    trained = train_on(world, config, state.model, rows, kind=RunKind.CANDIDATE)
    theirs = (champion[0], champion[1].result()) if champion else None
    evaluation = measure(config, state.model, rows, candidate=trained.predictions, champion=theirs)
    return trained.candidate, evaluation


def _store(
    world: World, config: Config, candidate: Candidate, evaluation: Evaluation, *, ask: Ask
) -> Registered:
    model = candidate.manifest.model
    state, head = read_remote(world.repo, model)
    equal = _equal(world, state, candidate.manifest.recipe)
    if equal is not None:  # somebody else registered the same while we trained
        return _finish(world, state, equal, [], dry_run=False)
    version = _next(state, ask.bump)
    compared = evaluation.against(Against.CHAMPION)
    verdict = decide(evaluation, config.gates, compared.name if compared else None)
    subject = Subject(candidate, evaluation, verdict, version)
    lineage, notes = write_papers(world, config, state, subject)
    event = NewEvent(
        kind=EventKind.REGISTER,
        model=model,
        version=version,
        commit=lineage.commit,
        payload=Registration(version=str(version), manifest=lineage),
    )
    planned = _steps(world, config, Append(event, state, head), notes=notes, ask=ask)
    _apply(world, planned)
    return Registered(
        model=model,
        version=str(version),
        new=True,
        verdict=f"{verdict.outcome}: {verdict.reason}",
        steps=tuple(map(str, planned)),
    )


def _steps(world: World, config: Config, append: Append, *, notes: str, ask: Ask) -> list[Step]:
    """The order is the promise: the tag exists only after its artifact is stored and verified."""
    model = append.event.model
    tag = append.event.name(append.state)
    candidate = read(world, model)
    draft = draft_name(candidate.manifest)
    files = [candidate.folder / name for name in (candidate.manifest.file, *FILES, MANIFEST)]
    planned: list[Step] = [
        DraftRelease(draft, f"{model} {append.event.version}", notes, append.event.commit),
        *(Upload(draft, file, file_digest(file)) for file in files),
        append,
        Publish(draft, tag),
    ]
    if ask.dispatch and config.model(model).promotion is Promotion.AUTOMATIC:
        inputs = {"model": model, "version": str(append.event.version)}
        planned.append(Dispatch("promote.yml", world.repo.default_branch(), inputs))
    return planned


def _apply(world: World, planned: list[Step]) -> None:
    """All steps; what fails before its tag is pushed takes its draft away."""
    draft = next(step.name for step in planned if isinstance(step, DraftRelease))
    pushed = next(i for i, step in enumerate(planned) if isinstance(step, Append))
    try:
        apply(world, planned[:pushed])
    except BaseException:
        apply(world, [Discard(draft)])
        raise
    try:
        apply(world, planned[pushed:])
    except ConflictError:  # of any other failure nobody knows whether the remote has the tag
        apply(world, [Discard(draft)])
        raise


def _next(state: ModelState, bump: str) -> Version:
    """The version after the highest ever registered, retired ones included: none comes twice."""
    known = [event.version for event in state.events if event.name.kind is EventKind.REGISTER]
    highest = max((version for version in known if version is not None), default=None)
    return highest.bump(bump) if highest else FIRST
