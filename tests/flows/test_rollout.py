"""A challenger's way through its steps: read from logs, written as events of the registry."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from light import LIGHT, Light
from pennon.errors import ConfigError, DataError, RefusedError, RegistryError
from pennon.evaluation.arms import place
from pennon.evaluation.rollout import Decision
from pennon.flows.assignment.assign import Ask as Assign
from pennon.flows.promote import promote
from pennon.flows.rollback import rollback
from pennon.flows.rollout.status import Sources, status
from pennon.flows.rollout.steps import Advanced, Ask, Do, Verb, abort, advance, rollout
from pennon.flows.world import World
from pennon.registry import assignments, read_remote
from pennon.registry.rollout import Running, running
from pennon.report.rollout import Status
from shop import MODEL, world, write

PLAN = """\
models:
  churn:
    environment: production
    mode: {mode}
    steps: {steps}
    settle: 0
    {more}
"""
CANARY = PLAN.format(
    mode="canary",
    steps="[{share: 0.1, requests: 20}, {share: 0.5, requests: 20}]",
    more="guards: {errors: {margin: 0.1}}",
)
AB = PLAN.format(
    mode="ab",
    steps="[{share: 0.5}]",
    more="goal: {measure: outcome, better: higher, smallest: 0.1, window: 0}",
)
SHADOW = PLAN.format(
    mode="shadow",
    steps="[{share: 1}]",
    more="goal: {measure: brier_score, smallest: 0.05}",
)


class Stage:
    """The shop with v1.0.0 live and v1.1.0 as challenger, and a server that only writes logs."""

    def __init__(self, folder: Path, plan: str) -> None:
        ticks = count(1_800_000_000)  # after whatever the shop's own clock has written
        self.world = replace(
            world(folder / "work"), now=lambda: datetime.fromtimestamp(next(ticks), UTC)
        )
        write(self.world.root, "rollout.yaml", plan)
        promote(self.world, Assign(model=MODEL, version="v1.1.0", stage="challenger"))
        self.log = folder / "log" / "predictions-00000001.jsonl"
        self.log.parent.mkdir()
        self.log.touch()
        self.outcomes = folder / "outcomes.csv"
        self.outcomes.write_text("id,outcome\n")

    @property
    def sources(self) -> Sources:
        return Sources((self.log.parent,), self.outcomes)

    def now(self) -> Running | None:
        state, _ = read_remote(self.world.repo, MODEL)
        return running(state, "challenger", "champion")

    def advance(self, **changes: object) -> Advanced:
        return advance(self.world, Ask(model=MODEL, **changes), self.sources)  # type: ignore[arg-type]

    def status(self) -> Status:
        return status(self.world, MODEL, self.sources)

    def serve(self, lines: Iterator[Mapping[str, object]]) -> None:
        """In the second in which the step of now began."""
        step = self.now()
        assert step is not None
        at = datetime.fromtimestamp(step.now.seconds, UTC).isoformat()
        facts = {
            "at": at,
            "model": MODEL,
            "role": "live",
            "ms": 5.0,
            "status": 200,
            "predictions": [0.5],
        }
        with self.log.open("a") as out:
            for line in lines:
                out.write(json.dumps(facts | {"id": f"{random.random()}"} | dict(line)) + "\n")  # noqa: S311

    def requests(self, number: int, errors: tuple[float, float] = (0.0, 0.0)) -> None:
        """`errors` are the rates of live and challenger."""
        step = self.now()
        assert step is not None
        draw = random.Random(7)  # noqa: S311  lots for a test

        def lines() -> Iterator[dict[str, object]]:
            for i in range(number):
                identity = f"{step.now.traffic.step}-{i}"
                arm = place(identity, step.version) < step.now.traffic.share
                version = ("v1.0.0", "v1.1.0")[arm]
                failed = draw.random() < errors[arm]
                yield {"id": identity, "version": version, "status": 500 if failed else 200}

        self.serve(lines())


@pytest.fixture
def stage(challenged: Path, tmp_path: Path) -> Callable[[str], Stage]:
    def make(plan: str) -> Stage:
        shutil.copytree(challenged, tmp_path, dirs_exist_ok=True)
        return Stage(tmp_path, plan)

    return make


def test_a_good_challenger_goes_step_by_step_and_is_promoted(
    stage: Callable[[str], Stage],
) -> None:
    it = stage(CANARY)
    assert it.advance().did is Do.BEGAN
    it.requests(400)
    assert it.advance().did is Do.WENT_ON
    it.requests(400)
    done = it.advance()
    assert (done.did, done.tags) == (Do.PROMOTED, ("churn#champion#5", "churn#challenger!#6"))
    state, _ = read_remote(it.world.repo, MODEL)
    assert {stage: str(event.version) for stage, event in state.stages.items()} == {
        "champion": "v1.1.0"
    }


def test_a_challenger_that_fails_is_taken_out_and_stays_out(
    stage: Callable[[str], Stage],
) -> None:
    it = stage(CANARY)
    it.advance()
    it.requests(400, errors=(0.01, 0.9))
    done = it.advance(if_decided=True)
    assert (done.did, done.tags) == (Do.ABORTED, ("churn#challenger!#4",))
    assert "errors" in done.why
    again = it.advance(if_decided=True)
    assert (again.did, again.status.version) == (Do.WAITED, None)


def test_too_few_requests_mean_to_wait_and_say_how_long(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    it.requests(50)
    found = it.status()
    assert found.decision is Decision.WAIT
    assert found.units == pytest.approx(10 * (20 - found.requests), abs=10)
    assert it.advance(if_decided=True).did is Do.WAITED
    with pytest.raises(RefusedError, match="20 requests"):
        it.advance()


def test_a_reason_goes_on_without_proof(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    done = it.advance(reason="watched it by hand")
    assert (done.did, done.why) == (
        Do.WENT_ON,
        "canary: step 2 of 2, 0.5 of the requests (watched it by hand)",
    )


def test_a_schedule_never_begins(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    assert it.advance(if_decided=True).did is Do.WAITED
    assert it.now() is None


def test_a_rollback_ends_the_rollout_for_good(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    promote(it.world, Assign(model=MODEL, version="v1.1.0"))
    rollback(it.world, Assign(model=MODEL, reason="wrong"))
    assert it.now() is None
    assert it.advance(if_decided=True).did is Do.WAITED


def test_a_promotion_that_was_cut_short_is_ended(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    promote(it.world, Assign(model=MODEL, version="v1.1.0"))
    assert it.advance(if_decided=True).did is Do.ENDED
    assert it.status().version is None


def test_a_changed_plan_decides_nothing(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    write(it.world.root, "rollout.yaml", CANARY.replace("0.1}", "0.2}"))
    assert it.status().decision is Decision.BROKEN
    with pytest.raises(RefusedError, match=r"rollout\.yaml was changed"):
        it.advance(if_decided=True)
    assert abort(it.world, Ask(model=MODEL, reason="begin again")).did is Do.ABORTED


def test_a_broken_split_decides_nothing(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    it.serve({"version": ("v1.0.0", "v1.1.0")[i % 2]} for i in range(300))
    found = it.status()
    assert (found.decision, found.uneven is not None and found.uneven < 0.001) == (
        Decision.BROKEN,
        True,
    )


def test_outcomes_decide_an_ab_test(stage: Callable[[str], Stage]) -> None:
    it = stage(AB)
    it.advance()
    it.requests(600)
    draw = random.Random(3)  # noqa: S311
    sold = ((f"1-{i}", place(f"1-{i}", "v1.1.0") < 0.5) for i in range(600))
    rows = (f"{name},{int(draw.random() < (0.5 if arm else 0.2))}\n" for name, arm in sold)
    it.outcomes.write_text("id,outcome\n" + "".join(rows))
    found = it.status()
    assert (found.decision, found.answers[0].good) == (Decision.PROMOTE, True)


def test_a_shadow_is_compared_request_by_request(stage: Callable[[str], Stage]) -> None:
    it = stage(SHADOW)
    it.advance()
    both = (("v1.0.0", "live", 0.4), ("v1.1.0", "shadow", 0.9))
    it.serve(
        {"id": f"{i}", "version": version, "role": role, "predictions": [p]}
        for i in range(200)
        for version, role, p in both
    )
    it.outcomes.write_text("id,outcome\n" + "".join(f"{i},1\n" for i in range(200)))
    (answer,) = it.status().answers
    assert (answer.live_units, answer.good) == (200, True)
    assert answer.low < 0.01 - 0.36 < answer.high


def test_duplicates_count_once_and_a_torn_line_waits(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    it.requests(100)
    seen = it.status()
    text = it.log.read_text()
    it.log.write_text(text + text + text[:30])
    again = it.status()
    assert (again.answers, again.findings) == (seen.answers, ())
    it.log.write_text(text + "not JSON\n")
    assert it.status().findings == ("1 lines of the log cannot be read",)


def test_a_fallback_is_on_the_challenger_s_account(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    it.serve(
        line
        for i in range(3)
        for line in (
            {"id": f"{i}", "version": "v1.1.0", "status": 500, "error": "x", "predictions": None},
            {"id": f"{i}", "version": "v1.0.0"},
        )
    )
    (errors,) = it.status().answers
    assert (errors.live_units, errors.challenger_units, errors.challenger) == (0, 3, 1.0)


def test_a_key_is_one_unit(stage: Callable[[str], Stage]) -> None:
    it = stage(AB)
    it.advance()
    it.serve({"id": f"{i}", "key": "ada", "version": "v1.1.0"} for i in range(50))
    it.outcomes.write_text("key,outcome\nada,1\n")
    (goal,) = it.status().answers
    assert (goal.live_units, goal.challenger_units, goal.challenger) == (0, 1, 1.0)


def test_a_key_that_moves_over_is_drawn_among_those_that_had_not(
    stage: Callable[[str], Stage],
) -> None:
    it = stage(CANARY)
    it.advance()
    it.advance(reason="quick")
    keys = [f"key {i}" for i in range(400)]
    split = {key: place(key, "v1.1.0") for key in keys}
    it.serve({"key": k, "version": ("v1.0.0", "v1.1.0")[p < 0.5]} for k, p in split.items())
    found = it.status()
    (errors,) = found.answers
    assert errors.challenger_units == sum(0.1 <= p < 0.5 for p in split.values())
    assert found.uneven is not None
    assert found.uneven > 0.01


def test_what_is_not_there_is_named(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    with pytest.raises(DataError, match="no prediction log"):
        status(it.world, MODEL, Sources((it.log.with_name("none"),)))
    it.outcomes.write_text("id,result\n1,2\n")
    with pytest.raises(DataError, match="outcome 1 has no outcome"):
        it.status()


def test_a_dry_run_says_every_tag_and_writes_none(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    done = it.advance(dry_run=True)
    assert done.steps[0].startswith("push tag churn#challenger#3 on ")
    assert it.now() is None


def test_each_step_says_what_it_compares(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    it.advance()
    state, _ = read_remote(it.world.repo, MODEL)
    event = state.stages["challenger"]
    made = assignments([event])[event.oid]
    assert made is not None
    assert made.traffic.live == "v1.0.0"  # type: ignore[union-attr]  # it is there
    assert made.reason == "canary: step 1 of 2, 0.1 of the requests"


def test_a_model_without_a_plan_is_refused(light: Light) -> None:
    with pytest.raises(ConfigError, match=r"rollout\.yaml says nothing of model0"):
        advance(light.world, Ask(model=LIGHT), Sources())


def test_an_error_of_one_model_keeps_no_other_from_its_own(
    stage: Callable[[str], Stage],
) -> None:
    it = stage(CANARY)
    asks = [Ask(model="nobody"), Ask(model=MODEL)]
    with pytest.raises(ConfigError, match="nobody"):
        rollout(it.world, Verb.ADVANCE, asks, it.sources)
    assert it.now() is not None


def test_without_a_challenger_nothing_begins(branch: World) -> None:
    write(branch.root, "rollout.yaml", CANARY)
    with pytest.raises(RegistryError, match="no version is challenger"):
        advance(branch, Ask(model=MODEL), Sources())


def test_where_an_engine_splits_a_rollout_does_not_begin(stage: Callable[[str], Stage]) -> None:
    it = stage(CANARY)
    project = (it.world.root / "pennon.yaml").read_text()
    settings = "{variant: rollouts, rollout: {prometheus: 'http://p'}}"
    argo = f"production: {{target: kubernetes, after: staging, settings: {settings}}}"
    changed = project.replace("production: {after: staging, port: 2}", argo)
    write(it.world.root, "pennon.yaml", changed)
    with pytest.raises(ConfigError, match="Argo Rollouts splits the traffic of production"):
        it.advance()
    assert it.advance(if_decided=True).did is Do.WAITED
    assert it.now() is None
