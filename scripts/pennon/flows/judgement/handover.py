"""What a review leaves in its run's folder for others: all that it found, and its verdict.

`review.json` is read by the second step of a fork's review (comment.py), `verdict.json` by whatever
program wants to know. Both have a published schema in docs/schemas.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec

from pennon.datasets import Finding
from pennon.evaluation import Evaluation, GateResult, Scores, Verdict, VerdictOutcome
from pennon.registry import Manifest
from pennon.report import Kind, ReviewView
from pennon.report.markdown import shorten

FORMAT = 1
REVIEW, VERDICT = "review.json", "verdict.json"

MOST_FINDINGS, MOST_LINES = 100, 40
LONGEST = 1_000
"""Characters of one text of somebody else: a reader refuses much longer ones."""


class Rows(StrEnum):
    """What was trained on."""

    SAMPLE = "sample"
    FULL = "full"
    OTHER = "other"  # a file that somebody named


class Stop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why nothing was measured."""

    kind: Kind
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    log: str = ""


class Measurement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured of which candidate; `unscored` tells why the champion was not."""

    evaluation: Evaluation
    manifest: Manifest
    unscored: str = ""


class ReviewFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that somebody needs who shows this review again. Exactly one of `measured`, `stop`.

    `run` and `attempt` are 0 and 1 outside of GitHub Actions.
    """

    format: int
    model: str
    head: str
    run: int
    attempt: int
    data: Rows
    measured: Measurement | None = None
    stop: Stop | None = None


class VerdictFile(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict for programs. `outcome` is none where no gate was asked: `kind` says why.

    `metric` is the row of the decision metric, against the champion or else the baseline.
    """

    format: int
    model: str
    head: str
    run: int
    attempt: int
    kind: Kind
    outcome: VerdictOutcome | None
    passed: bool
    reason: str
    champion: str
    metric: Scores | None
    gates: tuple[GateResult, ...]


def stop_of(view: ReviewView) -> Stop:
    """What a view without numbers says, no text longer than a reader takes."""
    found = (
        msgspec.structs.replace(
            it,
            column=shorten(it.column, LONGEST),
            what=shorten(it.what, LONGEST),
            example=shorten(it.example, LONGEST),
        )
        for it in view.findings[:MOST_FINDINGS]
    )
    lines = view.log.splitlines()[-MOST_LINES:]
    return Stop(
        kind=view.kind,
        reason=shorten(view.reason, LONGEST),
        findings=tuple(found),
        log="\n".join(shorten(line, LONGEST) for line in lines),
    )


def review_file(view: ReviewView, data: str, measured: Measurement | None) -> ReviewFile:
    return ReviewFile(
        format=FORMAT,
        model=view.model,
        head=view.head,
        run=view.run.id,
        attempt=view.run.attempt,
        data=Rows(data) if data in set(Rows) else Rows.OTHER,
        measured=measured,
        stop=None if measured else stop_of(view),
    )


def verdict_file(view: ReviewView, verdict: Verdict | None) -> VerdictFile:
    return VerdictFile(
        format=FORMAT,
        model=view.model,
        head=view.head,
        run=view.run.id,
        attempt=view.run.attempt,
        kind=view.kind,
        outcome=verdict.outcome if verdict else None,
        passed=verdict is not None and verdict.passed,
        reason=view.reason,
        champion=view.champion,
        metric=view.deciding.scores if view.deciding else None,
        gates=verdict.results if verdict else (),
    )


def hand_over(folder: Path, *files: ReviewFile | VerdictFile) -> None:
    """Write each into the folder of the run."""
    folder.mkdir(parents=True, exist_ok=True)
    for it in files:
        name = REVIEW if isinstance(it, ReviewFile) else VERDICT
        text = msgspec.json.format(msgspec.json.encode(it), indent=1)
        (folder / name).write_bytes(text + b"\n")
