"""The second step of a fork's review: say under its pull request what its run found.

It runs on the default branch with a token that may write, and without any of the fork's code. The
run, its commit and the pull request are the event's and the forge's; the artifact of the run only
brings numbers (trust.py), and the gates of the base branch decide them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pennon import __version__
from pennon.config import Config
from pennon.errors import (
    ArtifactError,
    ConfigError,
    EvaluationError,
    ForgeError,
    PennonError,
)
from pennon.evaluation import decide
from pennon.flows.comments.parcel import MOST_BYTES, members
from pennon.flows.comments.past import history
from pennon.flows.comments.standing import Board, board
from pennon.flows.comments.tell import FEW, Part, Source, key_of, summarize, tell
from pennon.flows.comments.trust import Known, decoded, measured, stopped
from pennon.flows.judgement.handover import REVIEW, Measurement
from pennon.flows.versions.candidate import folder_name
from pennon.flows.versions.release import is_champions
from pennon.flows.world import World
from pennon.forge import Pull
from pennon.report import Facts, Kind, ReviewView, Run, review_view, stopped_view
from pennon.report import comment as render
from pennon.report.unread import unread
from pennon.runner import RunEvent

ARTIFACT = "pennon-review"
ADVICE = (
    "read the change first: its own code has made these numbers. After a merge the model is "
    "trained on all rows and judged by code of this repository, and only that counts."
)
_INVALID = (ArtifactError, EvaluationError, ConfigError)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """The run to comment on, where no event names it."""

    run: int | None = None
    head: str = ""


class Commented(msgspec.Struct, frozen=True, kw_only=True):
    """One model under one pull request. `refused` is why its report was not shown."""

    pull: int
    model: str
    kind: Kind | None
    reason: str
    report: str
    refused: str = ""
    exit_code: int = 0


class Read(Part, frozen=True, kw_only=True):
    """A model's part of what is said, and how the command ends where it was refused."""

    exit_code: int = 0


def comment(world: World, ask: Ask, *, dry_run: bool = False) -> list[Commented]:
    """A comment for each model of the base branch; nothing where there is nobody to tell.

    Nothing is raised for an artifact that is not sound: a comment says so, and `outcome` says what
    to exit with.
    """
    ran = _ran(world, ask)
    if ran.event not in {"", "pull_request"} or not ran.read_only:
        world.say(f"run {ran.id} was not held to reading: it has commented by itself, or nowhere")
        return []
    pulls = [it for it in world.forge.pulls_at(ran.head) if it.from_fork == ran.from_fork]
    if not pulls:
        world.say(f"no open pull request has {ran.head[:7]} as its newest commit: nobody to tell")
        return []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "artifact.zip"
        there = world.forge.artifact(ran.id, ARTIFACT, file, most=MOST_BYTES + 1)
        found = []
        for pull in pulls:
            on = board(world, pull.number)
            said = list(_pull(world, ran, pull, on=on, file=file if there else None))
            if not dry_run:
                _tell(world, ran, on, said)
            found += [_commented(pull, it) for it in said]
    return found


def outcome(found: list[Commented]) -> PennonError | None:
    """The error to end with: of the kind of the first report that was refused."""
    refused = [it for it in found if it.refused]
    if not refused:
        return None
    kind = next(kind for kind in _INVALID if kind.exit_code == refused[0].exit_code)
    text = "; ".join(f"{it.model}: {it.refused}" for it in refused)
    return kind(text, hint="the comment says so; the summary of the run may say more")


def _ran(world: World, ask: Ask) -> RunEvent:
    if ask.run is not None:
        read_only = {"from_fork": True, "read_only": True}
        return RunEvent(id=ask.run, attempt=1, head=ask.head, event="", url="", **read_only)
    if world.runner.event.ran is None:
        raise ForgeError(
            "there is no run to comment on",
            hint="start this with the event workflow_run, or name one: --run ID --head COMMIT",
        )
    return world.runner.event.ran


def _tell(world: World, ran: RunEvent, on: Board, parts: list[Read]) -> None:
    """Of more models than have comments of their own, the summary of this job has the reports."""
    own = Source(run=_run(world, ran), head=ran.head, reports=world.runner.run_url, outsider=True)
    if len(parts) > FEW:
        summarize(world, parts, own)
    tell(world, on, parts, own)


def _pull(
    world: World, ran: RunEvent, pull: Pull, *, on: Board, file: Path | None
) -> Iterator[Read]:
    """Every model of the base branch; what else the artifact has is never opened."""
    config = _base(world, pull)
    names = {model: f"{folder_name(model)}/{REVIEW}" for model in config.project.models}
    try:
        if file is None:
            raise ArtifactError("its run left no report behind")  # noqa: TRY301  as for a broken one
        reviews: dict[str, bytes] | ArtifactError = members(file, names.values())
    except ArtifactError as error:
        reviews = error
    for model, name in names.items():
        known = Known(model=model, ran=ran, config=config, state=world.state(model))
        content = reviews if isinstance(reviews, ArtifactError) else reviews.get(name)
        yield _model(world, on, known, content)


def _base(world: World, pull: Pull) -> Config:
    """The base branch as this clone has it."""
    tip = f"{world.repo.remote}/{pull.base_branch}"
    return world.config_at(world.repo.commit(tip))


def _model(world: World, on: Board, known: Known, content: bytes | ArtifactError | None) -> Read:
    facts = _facts(world, known)
    try:
        view = _view(facts, known, content)
        text = render(view, standing=on.body(key_of(known.model)))
    except _INVALID as error:
        return _refused(facts, error)
    except ArithmeticError:  # numbers of any size meet divisions, powers and logarithms
        return _refused(facts, EvaluationError("its numbers cannot be reckoned with"))
    return Read(model=known.model, text=text, view=view)


def _refused(facts: Facts, error: PennonError) -> Read:
    text = unread(facts.model, facts.run, facts.head, error.what)
    return Read(model=facts.model, text=text, refused=error.what, exit_code=error.exit_code)


def _commented(pull: Pull, it: Read) -> Commented:
    return Commented(
        pull=pull.number,
        model=it.model,
        kind=it.view.kind if it.view else None,
        reason=it.view.reason if it.view else "",
        report=it.text,
        refused=it.refused,
        exit_code=it.exit_code,
    )


def _facts(world: World, known: Known) -> Facts:
    """All of them ours: what changed, a reader sees in the pull request itself."""
    return Facts(
        model=known.model,
        run=_run(world, known.ran),
        head=known.ran.head,
        promotion=known.config.model(known.model).promotion,
        outsider=True,
    )


def _run(world: World, ran: RunEvent) -> Run:
    return Run(
        id=ran.id,
        attempt=ran.attempt,
        url=ran.url,
        at=world.timestamp(),
        pennon=__version__,
    )


def _view(facts: Facts, known: Known, content: bytes | ArtifactError | None) -> ReviewView:
    if isinstance(content, ArtifactError):
        raise content
    if content is None:
        raise ArtifactError("its run left no report of this model behind")
    review = decoded(content, known)
    if review.stop is not None:
        stop = stopped(review.stop)
        return stopped_view(facts, stop.kind, stop.reason, findings=stop.findings, log=stop.log)
    assert review.measured is not None  # noqa: S101  `decoded` lets nothing else through
    return _decided(facts, known, measured(review.measured, known))


def _decided(facts: Facts, known: Known, it: Measurement) -> ReviewView:
    """The same gates as for everybody, of the base branch."""
    gates = known.config.gates
    scored = any(part.name == known.champion for part in it.evaluation.comparisons)
    verdict = decide(it.evaluation, gates, known.champion if scored else None, early=True)
    unscored = known.champion is not None and not scored
    same = is_champions(known.state, it.manifest.recipe)
    earlier = history(known.state, it.evaluation.metric, it.manifest.holdout)
    kind = Kind.CHAMPION_UNSCORED if unscored else Kind.SAME if same else None
    reason = it.unscored if unscored else ""
    view = review_view(
        msgspec.structs.replace(facts, history=earlier),
        it.evaluation,
        verdict,
        gates=gates,
        manifest=it.manifest,
        kind=kind,
        reason=reason,
    )
    if view.kind not in {Kind.BETTER, Kind.FIRST}:
        return view
    return msgspec.structs.replace(view, advice=ADVICE, command="")
