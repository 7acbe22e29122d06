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
from pennon.flows.comments.annotations import annotate
from pennon.flows.comments.facts import Subject, base_of, facts_of, same_recipe
from pennon.flows.comments.standing import Board, board
from pennon.flows.comments.tell import FEW, Part, Source, announce, key_of, summarize, tell
from pennon.flows.judgement.exhibits import beside_champion, champions, kept
from pennon.flows.judgement.handover import Measurement, hand_over, review_file, verdict_file
from pennon.flows.judgement.judge import judge
from pennon.flows.judgement.rivals import Rivals, champion_scoring, named_scoring
from pennon.flows.judgement.rows import FULL, SAMPLE, BrokenDataError, Rows, prepare
from pennon.flows.registration.papers import write_page
from pennon.flows.train import train_on
from pennon.flows.versions.candidate import folder_of
from pennon.flows.versions.changes import recipe
from pennon.flows.versions.release import is_champions
from pennon.flows.world import World
from pennon.forge import Mark
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
    models = ask.models or tuple(config.project.models)
    for model in models:
        config.model(model)
    head = (world.repo.head(), config)
    base = base_of(world, ask.pull)
    number = ask.pull or _pull(world)
    if number is not None and not dry_run:
        announce(world, number, models, _mark(world))
    found = (
        _reviewed(
            world,
            Subject(
                model=model,
                data=_data(world, ask),
                base=base,
                head=head,
                state=world.state(model),
            ),
            dry_run=dry_run,
        )
        for model in models
    )
    # Each is told as soon as it can be; many share one comment, so they wait for the last.
    groups = ([it] for it in found) if len(models) <= FEW else iter([list(found)])
    return [it for group in groups for it in _tell(world, number, group, dry_run=dry_run)]


def _mark(world: World) -> Mark:
    run = world.runner
    return Mark(run=run.run, attempt=run.attempt, head=world.repo.head(), url=run.run_url)


def _reviewed(world: World, it: Subject, *, dry_run: bool) -> Told:
    """What is to be said of a model; its files are left in the folder of its run."""
    told = _one(world, it)
    if not dry_run:
        _page(world, it, told)
        said = review_file(told.view, it.data, told.measured)
        hand_over(folder_of(world, it.model), said, verdict_file(told.view, told.verdict))
    return told


def _page(world: World, it: Subject, told: Told) -> None:
    """The report page, kept with the workflow's run; one that measured nothing draws nothing."""
    folder = folder_of(world, it.model)
    shown = None
    if told.measured is not None:
        shown = beside_champion(world, it.state, kept(folder))
    write_page(folder, told.view, shown)


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
    same = same_recipe(world.repo, it)
    # The child imports the ML stack while the rows are read and checked here.
    process = warm() if it.state.holder("champion") and not same else None
    rows = prepare(world, config, it.model, it.data)
    if same:
        return Told(view=stopped_view(facts_of(world, it), Kind.NOTHING_CHANGED))
    # The gates before the change decide, so what they ask for is what has to be measured.
    config = msgspec.structs.replace(config, gates=(it.base[1] if it.base else config).gates)
    champion, unscored = _start(world, it, rows, process)
    named = named_scoring(world, config, it.state, rows)
    trained = train_on(world, config, it.model, rows, kind=RunKind.EXPERIMENT, keep=False)
    theirs, silent = _scored(champion)
    unscored = unscored or silent
    rivals = Rivals(champion=theirs, named={name: it.result() for name, it in named.items()})
    before = champions(world, it.state).importance
    evaluation = judge(world, config, it.state, trained, rivals=rivals, before=before)
    trained.candidate.evaluation.write_bytes(msgspec.json.encode(evaluation))
    manifest = trained.candidate.manifest
    verdict = decide(evaluation, config.gates, theirs[0] if theirs else None, early=True)
    view = review_view(
        facts_of(world, it, rows),
        evaluation,
        verdict,
        gates=config.gates,
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


def _tell(world: World, number: int | None, group: list[Told], *, dry_run: bool) -> list[Reviewed]:
    """The step summary always, comments where there is a pull request, annotations."""
    there = board(world, number)
    parts = [_part(it.view, there) for it in group]
    last = group[-1].view
    source = Source(run=last.run, head=last.head, reports=last.run.url, outsider=last.outsider)
    if not dry_run:
        summarize(world, parts, source)
        tell(world, there, parts, source)
    for it in group:
        if it.failure:
            world.runner.annotate("error", f"{it.view.model}: {it.failure}")
        if it.verdict is not None:
            annotate(world, it.verdict)
    return [
        Reviewed(
            model=it.view.model,
            kind=it.view.kind,
            reason=it.view.reason,
            report=part.text,
            verdict=it.verdict,
            failure=it.failure,
        )
        for it, part in zip(group, parts, strict=True)
    ]


def _part(view: ReviewView, there: Board) -> Part:
    text = comment(view, standing=there.body(key_of(view.model)))
    return Part(model=view.model, text=text, view=view, quiet=view.kind is Kind.NOTHING_CHANGED)


def _pull(world: World) -> int | None:
    """The pull request of the event, if this run may write there."""
    pull = world.runner.event.pull
    if pull is not None and pull.read_only:
        world.say(READ_ONLY)
        return None
    return pull.number if pull else None
