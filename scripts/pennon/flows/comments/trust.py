"""What is believed of the artifact of a review that an outsider's code has written.

The base branch and the registry say what the model is, who its champion is and what its gates ask;
the artifact only brings numbers, and those are held to what they can be.
"""

from __future__ import annotations

import re

import msgspec

from pennon.config import Config
from pennon.datasets.holdout import rule
from pennon.errors import ArtifactError, EvaluationError
from pennon.evaluation import Evaluation
from pennon.evaluation.foreign import Terms, believed, is_digest
from pennon.evaluation.plain import LONGEST_TEXT, sane
from pennon.flows.judgement.handover import FORMAT, Measurement, ReviewFile, Stop
from pennon.flows.judgement.looks import looks
from pennon.registry import Manifest, ModelState, Signature
from pennon.report import Kind
from pennon.runner import RunEvent

STOPS = {Kind.TRAINING_FAILED, Kind.DATA_BROKEN, Kind.NOTHING_CHANGED}
UNCHECKED = "The run of the fork says so; it was not checked here."
UNTOLD = "the run of the fork does not say why"

# What is refused is said in the log of a job that may write, and a log is read for commands.
_QUOTED = re.compile(r"(unknown field|enum value) .*", re.DOTALL)
_PYTHON = re.compile(r"\d{1,2}(\.\d{1,3}){0,2}[\w.+-]{0,16}")
_LONGEST_RUN = 1e7  # seconds; GitHub ends a job after a few days


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The trusted side: the event's run, the base branch's configuration, the model's ledger."""

    model: str
    ran: RunEvent
    config: Config
    state: ModelState

    @property
    def champion(self) -> str | None:
        holder = self.state.holder("champion")
        return str(holder) if holder else None


def decoded(content: bytes, known: Known) -> ReviewFile:
    """The review of this model, run and commit. Raises ArtifactError."""
    try:
        found = msgspec.json.decode(content, type=ReviewFile)
    except RecursionError:
        raise ArtifactError("the report is not what a review writes: it has no bottom") from None
    except ValueError as error:  # msgspec's are, too
        said = _QUOTED.sub(r"\1 …", str(error))
        raise ArtifactError(f"the report is not what a review writes: {said}") from None
    if found.format != FORMAT:
        raise ArtifactError(f"the report has the format {found.format}, and this reads {FORMAT}")
    told = (found.model, found.head, found.run, found.attempt)
    if told != (known.model, known.ran.head, known.ran.id, known.ran.attempt):
        raise ArtifactError("the report is of another model, commit or run than this one")
    if (found.measured is None) == (found.stop is None):
        raise ArtifactError("the report has numbers and a reason for none, or neither")
    return found


def stopped(claimed: Stop) -> Stop:
    """Why nothing was measured. Raises EvaluationError."""
    sane(claimed, "stop")
    if claimed.kind not in STOPS:
        raise EvaluationError(f"a review without numbers cannot end as {claimed.kind}")
    if claimed.kind is Kind.NOTHING_CHANGED:
        return Stop(kind=claimed.kind, reason=UNCHECKED)
    return claimed


def measured(claimed: Measurement, known: Known) -> Measurement:
    """The numbers made anew. Raises EvaluationError for what cannot be."""
    it = known.config.model(known.model)
    terms = Terms(
        model=known.model,
        task=it.task,
        metric=it.metric,
        champion=known.champion,
        confidence=known.config.gates.confidence,
        named=known.config.gates.versions(known.model),
    )
    evaluation = _looked(believed(claimed.evaluation, terms), known)
    if len(claimed.unscored) > LONGEST_TEXT:
        raise EvaluationError("the reason why the champion was not scored is too long")
    return Measurement(
        evaluation=evaluation,
        manifest=_lineage(claimed.manifest, evaluation, known),
        unscored=claimed.unscored or f"{known.champion}: {UNTOLD}",
    )


def _looked(evaluation: Evaluation, known: Known) -> Evaluation:
    """How worn the holdout is, by our own registry."""
    if not evaluation.holdout:
        return msgspec.structs.replace(evaluation, looks=0.0)
    sealed = rule(known.config.dataset_of(known.model))
    before = looks(known.state, sealed, evaluation.rows)
    return msgspec.structs.replace(evaluation, looks=before + 1)


def _lineage(claimed: Manifest, evaluation: Evaluation, known: Known) -> Manifest:
    """The part that a report shows; all else of it is left out."""
    it = msgspec.structs.replace(
        claimed,
        model=known.model,
        task=str(evaluation.task),
        commit=known.ran.head,
        params={},
        libraries={},
        signature=Signature(inputs=(), outputs=()),
        metrics={},
        files={},
        file="",
    )
    sane(it, "manifest")
    for digest in (it.recipe, it.holdout, it.environment, *(part.content for part in it.data)):
        if digest and not is_digest(digest):
            raise EvaluationError("a digest of the manifest is none")
    outside = sum(part.rows for part in it.data) - it.holdout_rows
    if outside < it.train_rows:
        raise EvaluationError("more rows were trained on than there are outside of the holdout")
    if not _PYTHON.fullmatch(it.python) or not 0 <= it.run.seconds <= _LONGEST_RUN:
        raise EvaluationError("the manifest names no Python, or a time that no run takes")
    return it
