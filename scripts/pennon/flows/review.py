"""What a pull request runs: train, compare, decide, and say it in one comment per model."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts.score import Apart, warm
from pennon.artifacts.source import UserCodeError
from pennon.errors import (
    ArtifactError,
    DataError,
    ForgeError,
    PennonError,
    RefusedError,
    TrainingError,
)
from pennon.evaluation import Verdict, decide
from pennon.flows.annotations import annotate
from pennon.flows.candidate import folder_of
from pennon.flows.changes import Point, recipe
from pennon.flows.compare import champion_scoring
from pennon.flows.exhibits import beside_champion, kept
from pennon.flows.facts import Subject, facts_of
from pennon.flows.handover import Measurement, hand_over, review_file, verdict_file
from pennon.flows.judge import judge
from pennon.flows.papers import write_page
from pennon.flows.release import is_champions
from pennon.flows.rows import FULL, SAMPLE, BrokenDataError, Rows, prepare
from pennon.flows.standing import standing
from pennon.flows.steps import Comment, apply
from pennon.flows.train import train_on
from pennon.flows.world import World
from pennon.registry import RunKind
from pennon.report import comment
from pennon.report.build import review_view, stopped_view
from pennon.report.view import Kind, ReviewView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_LABEL = "train:full"
READ_ONLY = (
    "this run's token cannot comment (a fork's, or Dependabot's): the report is in the summary, "
    "and the workflow `comment` shows it"
)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown, what was measured and decided, and the words of a failure."""

    view: ReviewView
    measured: Measurement | None = None
    verdict: Verdict | None = None
    failure: str = ""


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one model. `report` is the Markdown that people read."""

    model: str
    kind: Kind
    reason: str
    report: str
    verdict: Verdict | None = None
    failure: str = ""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """No model: every model. `pull` says where to comment; without one nothing is written."""

    models: tuple[str, ...] = ()
    data: str = ""
    pull: int | None = None


def review(world: World, ask: Ask, *, dry_run: bool = False) -> list[Reviewed]:
    """Review each model; every report is written, also of those that fail.

    Nothing is raised for a model that fails its review: `outcome` says what to exit with.
    """
    config = world.config()
    head = (world.repo.head(), config)
    base = _base(world, ask)
    found = []
    for model in ask.models or tuple(config.project.models):
        config.model(model)
        it = Subject(
            model=model,
            data=_data(world, ask),
            base=base,
            head=head,
            state=world.state(model),
        )
        told = _one(world, it)
        if not dry_run:
            _page(world, it, told.view)
            said = review_file(told.view, it.data, told.measured)
            hand_over(folder_of(world, model), said, verdict_file(told.view, told.verdict))
        found.append(_tell(world, ask, told, dry_run=dry_run))
    return found


def _page(world: World, it: Subject, view: ReviewView) -> None:
    """The report page, kept with the workflow's run; one that measured nothing draws nothing."""
    folder = folder_of(world, it.model)
    shown = beside_champion(world, it.state, kept(folder)) if view.metrics else None
    write_page(folder, view, shown)


def outcome(found: list[Reviewed]) -> PennonError | None:
    """The error that a review ends with: data, then code, then gates; None if all may go on."""
    failed = [it for it in found if it.kind in _ENDS]
    if not failed:
        return None
    worst = min(failed, key=lambda it: list(_ENDS).index(it.kind))
    text = "; ".join(f"{it.model}: {it.failure or it.reason}" for it in failed)
    return _ENDS[worst.kind](text, hint="the report says what to mend")


_ENDS: dict[Kind, type[PennonError]] = {
    Kind.DATA_BROKEN: DataError,
    Kind.TRAINING_FAILED: TrainingError,
    Kind.WORSE: RefusedError,
}


def _data(world: World, ask: Ask) -> str:
    pull = world.runner.event.pull
    labelled = pull is not None and FULL_LABEL in pull.labels
    return ask.data or (FULL if labelled else SAMPLE)


def _base(world: World, ask: Ask) -> Point | None:
    """Where the change began: its gates decide, and what differs from there is what changed."""
    pull = world.runner.event.pull
    if pull is not None:
        tip = pull.base
    elif ask.pull is not None:
        tip = world.forge.pull(ask.pull).base
    else:
        tip = f"{world.repo.remote}/{world.repo.default_branch()}"
    try:
        commit = world.repo.merge_base(world.repo.commit(tip), world.repo.head())
        return (commit, world.config_at(commit)) if commit else None
    except PennonError as error:
        world.say(f"nothing to compare the change with: {error.what}")
        return None


def _one(world: World, it: Subject) -> Told:
    """The view of one model, its verdict, and the words of a failure."""
    try:
        return _trained(world, it)
    except BrokenDataError as error:
        # What changed is read from the locks, and this data is not the locked one.
        facts = msgspec.structs.replace(facts_of(world, it), changes=None)
        view = stopped_view(facts, Kind.DATA_BROKEN, findings=error.findings)
        return Told(view=view, failure=error.what)
    except DataError as error:
        view = stopped_view(facts_of(world, it), Kind.DATA_BROKEN, error.what)
        return Told(view=view, failure=error.what)
    except PennonError as error:
        log = error.log if isinstance(error, UserCodeError) else ""
        view = stopped_view(facts_of(world, it), Kind.TRAINING_FAILED, error.what, log=log)
        return Told(view=view, failure=error.what)


def _trained(world: World, it: Subject) -> Told:
    _, config = it.head
    same = _same_recipe(world, it)
    # The child imports the ML stack while the rows are read and checked here.
    process = warm() if it.state.holder("champion") and not same else None
    rows = prepare(world, config, it.model, it.data)
    if same:
        return Told(view=stopped_view(facts_of(world, it), Kind.NOTHING_CHANGED))
    champion, unscored = _start(world, it, rows, process)
    trained = train_on(world, config, it.model, rows, kind=RunKind.EXPERIMENT, keep=False)
    theirs, silent = _scored(champion)
    unscored = unscored or silent
    evaluation = judge(config, it.state, trained, theirs)
    trained.candidate.evaluation.write_bytes(msgspec.json.encode(evaluation))
    manifest = trained.candidate.manifest
    gates = (it.base[1] if it.base else config).gates
    verdict = decide(evaluation, gates, theirs[0] if theirs else None, early=True)
    view = review_view(
        facts_of(world, it, rows),
        evaluation,
        verdict,
        gates=gates,
        manifest=manifest,
        kind=_kind(world, it, unscored),
        reason=unscored,
    )
    found = Measurement(evaluation=evaluation, manifest=manifest, unscored=unscored)
    return Told(view=view, measured=found, verdict=verdict)


def _kind(world: World, it: Subject, unscored: str) -> Kind | None:
    """The news, where it is not the verdict."""
    if unscored:
        return Kind.CHAMPION_UNSCORED
    ours = recipe(world.repo, *it.head, it.model).digest
    return Kind.SAME if is_champions(it.state, ours) else None


def _start(
    world: World, it: Subject, rows: Rows, process: ProcessPoolExecutor | None
) -> tuple[tuple[str, Apart] | None, str]:
    """The champion's scoring under way, or why it cannot be had."""
    try:
        return champion_scoring(world, it.state, rows, process), ""
    except (ArtifactError, ForgeError) as error:
        return None, f"{it.state.holder('champion')}: {error}"


def _scored(
    champion: tuple[str, Apart] | None,
) -> tuple[tuple[str, NDArray[np.float64]] | None, str]:
    """The champion's predictions, or why there are none: a stored metric never stands in."""
    if champion is None:
        return None, ""
    version, scoring = champion
    try:
        return (version, scoring.result()), ""
    except ArtifactError as error:
        return None, f"{version}: {error}"


def _same_recipe(world: World, it: Subject) -> bool:
    """Does this change leave everything alone that a training of the model reads?"""
    if it.base is None or it.model not in it.base[1].project.models:
        return False
    (before, was), (after, now) = it.base, it.head
    if before == after:
        return False
    old = recipe(world.repo, before, was, it.model)
    return old == recipe(world.repo, after, now, it.model)


def _tell(world: World, ask: Ask, found: Told, *, dry_run: bool) -> Reviewed:
    """The comment where there is a pull request, and the step summary always."""
    view, verdict, failure = found.view, found.verdict, found.failure
    number = ask.pull or _pull(world)
    key = f"{view.model}/review"
    text = comment(view, standing=standing(world, number, key) if number else "")
    if number is not None and not dry_run:
        run = world.runner
        apply(world, [Comment(number, key, text, run.run, run.attempt)])
    if not dry_run:
        world.runner.summary(text)
    if failure:
        world.runner.annotate("error", f"{view.model}: {failure}")
    if verdict is not None:
        annotate(world, verdict)
    return Reviewed(
        model=view.model,
        kind=view.kind,
        reason=view.reason,
        report=text,
        verdict=verdict,
        failure=failure,
    )


def _pull(world: World) -> int | None:
    """The pull request of the event, if this run may write there."""
    pull = world.runner.event.pull
    if pull is not None and pull.read_only:
        world.say(READ_ONLY)
        return None
    return pull.number if pull else None
