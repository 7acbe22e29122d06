"""A pull request of a fork whose review has ended, and what its code may leave for us to read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from light import LIGHT, Light
from noise import noise
from pennon.config import Against, Task
from pennon.datasets.holdout import rule
from pennon.evaluation import Comparison, Confusion, Counts, Evaluation, Scores, SliceScores
from pennon.evaluation.aspects import Estimate, FeatureImportance, Importance
from pennon.evaluation.insight import Discovery, Weakness
from pennon.flows.comment import ARTIFACT, Ask, Commented, comment
from pennon.flows.judgement.handover import FORMAT, Measurement, ReviewFile, Rows
from pennon.flows.world import World
from pennon.forge.local import LocalForge
from pennon.runner import Runner
from spots import discovery
from worlds import DIGEST, commit_all, manifest, run_git

RUN, ATTEMPT = 4821, 2
HEAD = "f0" * 20
URL = f"https://github.com/acme/shop/actions/runs/{RUN}"
MEMBER = f"{LIGHT}/review.json"
ROWS = 1000
GATES = """\
gates:
  - {id: useful, metric: roc_auc, superior: {than: baseline}}
  - {id: better, metric: roc_auc, superior: {}}
  - {id: countries, metric: roc_auc, slice: country, not_worse: {margin: 0.05}, unsure: allow}
"""

Payload = dict[str, Any]


def scores(metric: str, candidate: float, reference: float, half: float) -> Scores:
    difference = candidate - reference
    return Scores(
        metric=metric,
        greater_is_better=metric != "log_loss",
        candidate=candidate,
        candidate_low=candidate - half,
        candidate_high=candidate + half,
        reference=reference,
        difference=difference,
        low=difference - half,
        high=difference + half,
        own=noise(candidate - half, candidate + half),
        noise=noise(difference - half, difference + half),
    )


def part(country: str, rows: int) -> SliceScores:
    found = (scores("roc_auc", 0.8, 0.7, 0.05),)
    return SliceScores(column="country", value=country, rows=rows, scores=found)


def beside(against: Against, name: str, reference: float) -> Comparison:
    return Comparison(
        against=against,
        name=name,
        rows=ROWS,
        method="DeLong",
        confidence=0.95,
        resamples=200,
        seed=0,
        scores=(
            scores("roc_auc", 0.8, reference, 0.02),
            scores("log_loss", 0.4, 0.5, 0.02),
        ),
        slices=(part("DE", 600), part("FR", 400)),
    )


def evaluation(champion: str = "v1.2.0") -> Evaluation:
    """Better than the champion, on rows outside of the sample."""
    counts = Counts(true_negative=650, false_positive=50, false_negative=100, true_positive=200)
    theirs = beside(Against.CHAMPION, champion, 0.7)
    estimate = Estimate(value=0.1, low=0.05, high=0.15)
    return Evaluation(
        model=LIGHT,
        task=Task.CLASSIFICATION,
        metric="roc_auc",
        rows=ROWS,
        positive_rate=0.3,
        holdout="",
        threshold=0.5,
        comparisons=(theirs, beside(Against.BASELINE, "constant baseline", 0.5)),
        confusion=Confusion(candidate=counts, champion=counts),
        importance=Importance(
            metric="roc_auc",
            value=0.8,
            rows=ROWS,
            repeats=3,
            seed=0,
            seconds=0.1,
            budget=5.0,
            confidence=0.95,
            method="permutation",
            features=(FeatureImportance(name="age", importance=estimate, before=estimate),),
        ),
        discovery=_discovery(),
    )


def _discovery() -> Discovery:
    far = Weakness(
        rule="age > 40", rows=90, candidate=0.2, beside=0.4, noise=noise(-0.3, -0.1), below=True
    )
    more = Weakness(rule="age=7", rows=60, candidate=0.7, beside=None, noise=noise(0.1, 0.3))
    return discovery(far, worse=(more,), method="halves")


def honest() -> Payload:
    """What the review of a better model writes, as plain values."""
    lineage = manifest(HEAD, model=LIGHT, recipe=DIGEST.replace("ab", "cd"), sample=True)
    review = ReviewFile(
        format=FORMAT,
        model=LIGHT,
        head=HEAD,
        run=RUN,
        attempt=ATTEMPT,
        data=Rows.SAMPLE,
        measured=Measurement(evaluation=evaluation(), manifest=lineage),
    )
    found: Payload = json.loads(msgspec.json.encode(review))
    return found


def stopped(**stop: object) -> Payload:
    """What the review of a model that could not be measured writes."""
    facts = {"kind": "training_failed", "reason": "it broke", "findings": [], "log": ""}
    return honest() | {"measured": None, "stop": facts | stop}


def put(payload: Payload, path: str, value: object) -> Payload:
    """The payload with another value at `measured.evaluation.comparisons.0.rows`."""
    *above, last = path.split(".")
    at: Any = payload
    for name in above:
        at = at[int(name) if isinstance(at, list) else name]
    at[int(last) if isinstance(at, list) else last] = value
    return payload


def dumped(payload: Payload) -> bytes:
    return json.dumps(payload).encode()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in members:
            archive.writestr(name, content, compress_type=how)
    return file.getvalue()


def upload(content: Payload | bytes) -> bytes:
    """The zip of a run that left this report, and the other files of a run."""
    text = content if isinstance(content, bytes) else dumped(content)
    return zipped((MEMBER, text), (f"{LIGHT}/verdict.json", b"{}"))


class Fork:
    """The trusted side of a repository with champion v1.2.0, and two open pull requests."""

    def __init__(self, light: Light) -> None:
        self.said: list[str] = []
        self.light = light
        self.forge = LocalForge(light.folder / "forge", clock=light.world.now)
        self.victim = self._open("b0" * 20, from_fork=True)
        self.pull = self._open(HEAD, from_fork=True)
        self.event = light.folder / "event.json"
        self.ended()

    @staticmethod
    def make(light: Light) -> None:
        """Gates, and a registry in which the holdout has been looked at."""
        root = light.world.root
        (root / "gates.yaml").write_text(GATES)
        project = (root / "pennon.yaml").read_text()
        (root / "pennon.yaml").write_text(f"{project}    slices: [left]\n    metrics: [log_loss]\n")
        commit_all(root, "gates")
        run_git(root, "push", "--quiet", "origin", "HEAD")
        sealed = rule(light.world.config().dataset_of(LIGHT))
        for version in ("v1.3.0", "v1.4.0", "v1.5.0"):  # three looks at the same rows
            light.ledger.register(version, holdout_rule=sealed, holdout_rows=ROWS)

    def _open(self, head: str, *, from_fork: bool) -> int:
        more = {"base": "a0" * 20, "base_branch": "main", "from_fork": from_fork}
        return self.forge.open_pull(title="a change", head=head, **more).number  # type: ignore[arg-type]  # of several types

    def ended(self, **changes: object) -> None:
        """The event that GitHub sends when the run has ended."""
        run = {
            "id": RUN,
            "run_attempt": ATTEMPT,
            "head_sha": HEAD,
            "event": "pull_request",
            "conclusion": "failure",
            "html_url": URL,
            "repository": {"full_name": "acme/shop"},
            "head_repository": {"full_name": "mallory/shop"},
            "actor": {"login": "mallory"},
            "pull_requests": [],
        }
        self.event.write_text(json.dumps({"workflow_run": run | changes}))

    @property
    def world(self) -> World:
        """A checkout of the default branch, in the job that the event started."""
        facts = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(self.event)}
        runner = Runner.from_environment(facts, io.StringIO())
        here = self.light.other()
        return replace(here, runner=runner, open_forge=lambda: self.forge, say=self.said.append)

    def leave(self, archive: bytes | None) -> None:
        if archive is not None:
            self.forge.keep_artifact(RUN, ARTIFACT, archive)

    def comment(self, archive: bytes | None) -> list[Commented]:
        self.leave(archive)
        return comment(self.world, Ask())

    def bodies(self, pull: int | None = None) -> list[str]:
        return [it.body for it in self.forge.comments(pull or self.pull)]


Attack = Callable[[], bytes | None]


def link(name: str) -> zipfile.ZipInfo:
    """A member that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info
