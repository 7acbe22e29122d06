"""Make an immutable version of a model: train on all rows, store, verify, tag, publish."""

from __future__ import annotations

import msgspec

from pennon.artifacts import digest as file_digest
from pennon.config import Against, Config, Promotion
from pennon.config.intake import read_intake
from pennon.errors import ConflictError, GitError, RefusedError
from pennon.evaluation import Evaluation, decide
from pennon.flows.assignment.settle import until_settled
from pennon.flows.compare import compare_candidate
from pennon.flows.judgement.aspects import with_footprint
from pennon.flows.judgement.exhibits import champions
from pennon.flows.judgement.judge import judge
from pennon.flows.judgement.rivals import champion_scoring, named_scoring, results
from pennon.flows.judgement.rows import FULL, prepare
from pennon.flows.registration.bump import Bump
from pennon.flows.registration.drafts import draft_name, forget, leftovers, remember
from pennon.flows.registration.engine import with_engine
from pennon.flows.registration.numbering import next_version
from pennon.flows.registration.papers import Subject, write_papers
from pennon.flows.steps import (
    Append,
    Discard,
    Dispatch,
    DraftRelease,
    Publish,
    Step,
    apply,
)
from pennon.flows.train import train_on
from pennon.flows.versions.candidate import Candidate, read
from pennon.flows.versions.changes import recipe
from pennon.flows.versions.provenance import name_subjects
from pennon.flows.versions.release import CHECKSUMS, MANIFEST, manifest
from pennon.flows.versions.stores import reach, storing
from pennon.flows.world import World
from pennon.registry import (
    EventKind,
    ModelState,
    Registration,
    RunKind,
    Version,
    read_remote,
    registrations,
)
from pennon.registry.write import NewEvent


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered now. `new` is false where an equal version exists already.

    `why` tells which part of the version moved, or why none did.
    """

    model: str
    version: str
    new: bool
    why: str = ""
    verdict: str = ""
    steps: tuple[str, ...] = ()


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """No model: every model of pennon.yaml. `candidate`: register the newest run as it is."""

    models: tuple[str, ...] = ()
    bump: Bump = Bump.AUTO
    candidate: bool = False
    dispatch: bool = False


def register(world: World, ask: Ask, *, dry_run: bool = False) -> list[Registered]:
    """Register each model whose recipe no version has yet.

    Raises GitError for a tree that no commit describes, TrainingError, EvaluationError.
    """
    config = world.config()
    read_intake(world.read_text)  # no card can be written of files that nobody can read
    world.repo.identity()
    world.repo.remote_url()
    _refuse_dirty(world)
    reach(config)
    names = ask.models or tuple(config.project.models)
    for name in names:
        config.model(name)
    done = [_one(world, config, name, ask, dry_run=dry_run) for name in names]
    if not dry_run:
        name_subjects(world, ((it.model, it.version) for it in done))
    return done


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
    equal = _equal(state, digest)
    if equal is not None:
        return _finish(world, config, state, equal, ask=ask, dry_run=dry_run)
    if dry_run:
        numbered = next_version(world, config, state, ask.bump)
        tag = f"{model}@{numbered.version}"
        planned = (f"train {model} on all rows", f"draft the release of {tag}", "upload its files")
        last = map(str, leftovers(world, state))
        steps = (*planned, f"push tag {tag}", f"publish release {tag}", *last)
        version = str(numbered.version)
        return Registered(model=model, version=version, new=True, why=numbered.why, steps=steps)
    candidate, evaluation = _candidate(world, config, state, ask)
    done = until_settled(world, lambda: _store(world, config, candidate, evaluation, ask=ask))
    apply(world, leftovers(world, read_remote(world.repo, model)[0]))
    forget(world, model)
    return done


def _equal(state: ModelState, digest: str) -> Version | None:
    """A version that was made of the same: training again would register it twice."""
    payloads = registrations(state.versions.values())
    for version, event in state.versions.items():
        payload = payloads[event.oid]
        if payload is not None and payload.manifest.recipe == digest:
            return version
    return None


def _finish(
    world: World,
    config: Config,
    state: ModelState,
    version: Version,
    *,
    ask: Ask,
    dry_run: bool = False,
) -> Registered:
    """An equal version exists; the registration that made it may have been cut short anywhere."""
    event = state.find(version)
    steps = leftovers(world, state)
    publish = Publish(draft_name(manifest(state, version)), event.tag)
    if publish not in steps and not world.forge.release(event.tag):
        steps.append(publish)
    moved = any(it.version == version for it in state.events if it is not event)
    if event.commit == world.repo.head() and not moved:
        steps += _follow(world, config, ask, model=state.model, version=str(version))
    if not dry_run:
        apply(world, steps)
    return Registered(
        model=state.model,
        version=str(version),
        new=False,
        why="code, params, data and environment are those of this version",
        steps=tuple(map(str, steps)),
    )


def _follow(world: World, config: Config, ask: Ask, *, model: str, version: str) -> list[Step]:
    if not ask.dispatch or config.model(model).promotion is not Promotion.AUTOMATIC:
        return []
    inputs = {"model": model, "version": version}
    return [Dispatch("promote.yml", world.repo.default_branch(), inputs)]


def _candidate(
    world: World, config: Config, state: ModelState, ask: Ask
) -> tuple[Candidate, Evaluation]:
    """A full candidate of this commit and what it is worth beside the champion of today."""
    newest = _newest(world, state.model) if ask.candidate else None
    rows = prepare(world, config, state.model, FULL)
    if newest:
        found, evaluation = newest, compare_candidate(world, state)
    else:
        theirs = champion_scoring(world, state, rows), named_scoring(world, config, state, rows)
        trained = train_on(world, config, state.model, rows, kind=RunKind.CANDIDATE)
        found = trained.candidate
        before = champions(world, state).importance
        evaluation = judge(world, config, state, trained, rivals=results(*theirs), before=before)
    found = with_engine(world, config, found, rows)
    ours = found.folder
    return found, with_footprint(world, config, state, evaluation=evaluation, ours=ours, rows=rows)


def _newest(world: World, model: str) -> Candidate:
    """The newest run. Raises RefusedError for one that no version can be made of."""
    found = read(world, model)
    if found.manifest.sample or found.manifest.commit != world.repo.head():
        what = "a sample" if found.manifest.sample else f"commit {found.manifest.commit[:7]}"
        raise RefusedError(
            f"the newest run of {model} was made on {what}",
            hint="leave --candidate out: pennon register trains on all rows of this commit",
        )
    return found


def _store(
    world: World, config: Config, candidate: Candidate, evaluation: Evaluation, *, ask: Ask
) -> Registered:
    model = candidate.manifest.model
    state, head = read_remote(world.repo, model)
    equal = _equal(state, candidate.manifest.recipe)
    if equal is not None:  # somebody else registered the same while we trained
        return _finish(world, config, state, equal, ask=ask)
    numbered = next_version(world, config, state, ask.bump)
    version = numbered.version
    compared = evaluation.against(Against.CHAMPION)
    verdict = decide(evaluation, config.gates, compared.name if compared else None)
    subject = Subject(candidate, evaluation, verdict, version)
    lineage, notes = write_papers(world, config, state, subject)
    event = NewEvent(
        kind=EventKind.REGISTER,
        model=model,
        version=version,
        commit=lineage.commit,
        payload=Registration(version=str(version), why=numbered.why, manifest=lineage),
    )
    planned = _steps(world, config, Append(event, state, head), notes=notes, ask=ask)
    _apply(world, model, planned)
    return Registered(
        model=model,
        version=str(version),
        new=True,
        why=numbered.why,
        verdict=f"{verdict.outcome}: {verdict.reason}",
        steps=tuple(map(str, planned)),
    )


def _steps(world: World, config: Config, append: Append, *, notes: str, ask: Ask) -> list[Step]:
    """The order is the promise: the tag exists only after its artifact is stored and verified."""
    model = append.event.model
    tag = append.event.name(append.state)
    candidate = read(world, model)
    draft = draft_name(candidate.manifest)
    lineage = candidate.manifest
    names = (lineage.file, *lineage.files, MANIFEST, CHECKSUMS)
    files = {(it := candidate.folder / name): file_digest(it) for name in names}
    release = DraftRelease(draft, f"{model} {append.event.version}", notes, append.event.commit)
    return [
        *storing(world, release, lineage, files),
        append,
        Publish(draft, tag),
        *_follow(world, config, ask, model=model, version=str(append.event.version)),
    ]


def _apply(world: World, model: str, planned: list[Step]) -> None:
    """All steps; what fails before its tag is pushed takes its draft away."""
    draft = next(step.name for step in planned if isinstance(step, DraftRelease))
    at, append = next((i, step) for i, step in enumerate(planned) if isinstance(step, Append))
    remember(world, model, draft)
    try:
        apply(world, planned[:at])
    except BaseException:
        apply(world, [Discard(draft)])
        raise
    try:
        _push(world, append)
    except ConflictError:  # of any other failure nobody knows whether the remote has the tag
        apply(world, [Discard(draft)])
        raise
    apply(world, planned[at + 1 :])


def _push(world: World, append: Append) -> None:
    """On the newest state: who only moved a stage during our uploads does not cost us the files.

    Raises ConflictError where a version was registered meanwhile: ours needs another number.
    """
    for is_last in (False, False, True):
        state, head = read_remote(world.repo, append.event.model)
        if _registered(state) != _registered(append.state):
            raise ConflictError(f"another version of {state.model} was registered meanwhile")
        try:
            apply(world, [msgspec.structs.replace(append, state=state, head=head)])
        except ConflictError:
            if is_last:
                raise
        else:
            return


def _registered(state: ModelState) -> list[str]:
    return [event.oid for event in state.events if event.name.kind is EventKind.REGISTER]
