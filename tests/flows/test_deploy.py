"""The environments follow the tags: their order, their failures, their records."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from pennon.cli import cli
from pennon.errors import ArtifactError, ConfigError, RegistryError, TargetError
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.demo.play import free_ports
from pennon.flows.deploy import Deployed, deploy
from pennon.flows.deployment import wanted as flow
from pennon.flows.deployment.places import in_order
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.rollback import rollback
from pennon.flows.versions.bundle import bundle
from pennon.flows.world import World
from pennon.forge import DeploymentState
from pennon.registry import Version
from pennon.targets import LocalTarget, Order, Place, Running, Wrong, known, process
from shop import MODEL, improve, push, shop, world, write

FIRST, SECOND = "v1.0.0", "v1.1.0"


@dataclass
class Memory:
    """A target without processes: what runs where, and what becomes of a version there."""

    runs: dict[tuple[str, str], Running] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    interrupted: bool = False
    asked: list[str] = field(default_factory=list)

    RENDERS: bool = False

    def check(self, settings: Mapping[str, object]) -> list[Wrong]:
        return [Wrong(name, "is none of memory's") for name in settings]

    def health(self, order: Order, place: Place) -> Running | None:
        assert callable(place.bundle)
        found = self.runs.get((order.environment, order.model))
        if found is None or found.url != f"http://127.0.0.1:{order.port}":
            return None
        return msgspec.structs.replace(found, changed=False)

    def apply(self, order: Order, place: Place) -> Running:
        assert (place.bundle() / "model.skops").is_file()
        self.asked.append(f"{order.environment} {order.version}")
        if order.version in self.broken:
            raise TargetError(f"{order.version} does not answer")
        url = f"http://127.0.0.1:{order.port}"
        found = Running(version=order.version, url=url, changed=True)
        self.runs[order.environment, order.model] = found
        if self.interrupted:
            raise KeyboardInterrupt
        return found


@dataclass
class Stages:
    """The repository at three points of its life, to be copied."""

    folder: Path
    memory: Memory = field(default_factory=Memory)

    def make(self) -> None:
        here = shop(self.folder / "now")
        edit(here, "{port: 1}", "{target: memory, port: 1, contract: false}")
        edit(here, "{after: ", "{target: memory, after: ")
        push(here, "keep servers in memory")
        register(here, Registration(dispatch=False))
        self._keep("unassigned")
        promote(here, Ask(model=MODEL))
        improve(here)
        register(here, Registration(dispatch=False))
        self._keep("assigned")
        deploy(here, None, None)
        promote(here, Ask(model=MODEL))
        self.memory.broken.add(SECOND)
        with pytest.raises(TargetError, match=f"{SECOND} does not answer"):
            deploy(here, None, None)
        self._keep("failed")

    def _keep(self, name: str) -> None:
        shutil.copytree(self.folder / "now", self.folder / name)

    def copy(self, name: str, to: Path) -> World:
        shutil.copytree(self.folder / name, to, dirs_exist_ok=True)
        return world(to / "work")


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    found = Stages(tmp_path_factory.mktemp("stages"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(known.LOADED, "memory", found.memory)
        found.make()
    return found


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    found = Memory()
    monkeypatch.setitem(known.LOADED, "memory", found)
    return found


@pytest.fixture
def unassigned(stages: Stages, tmp_path: Path) -> World:
    """v1.0.0 is registered, there is no champion."""
    return stages.copy("unassigned", tmp_path)


@pytest.fixture
def here(stages: Stages, tmp_path: Path) -> World:
    """v1.0.0 is champion, v1.1.0 is better, nothing is deployed."""
    return stages.copy("assigned", tmp_path)


@pytest.fixture
def failed(stages: Stages, tmp_path: Path, memory: Memory) -> World:
    """v1.0.0 runs everywhere; v1.1.0 became champion and did not become healthy."""
    memory.runs |= stages.memory.runs
    memory.broken |= stages.memory.broken
    return stages.copy("failed", tmp_path)


def states(here: World, environment: str) -> list[tuple[str, DeploymentState]]:
    """What the forge has on record, newest first."""
    return [(it.version, it.state) for it in here.forge.deployments(environment)]


def ran(found: list[Deployed]) -> list[tuple[str, str, bool]]:
    return [(it.environment, it.version, it.changed) for it in found]


def listening(here: World) -> tuple[World, list[str]]:
    """The world, and what it says."""
    said: list[str] = []
    return replace(here, say=said.append), said


def written(here: World) -> dict[Path, bytes]:
    """Every file of the forge and of the remote."""
    folders = (here.root.parent / "forge", here.root.parent / "origin.git")
    return {f: f.read_bytes() for folder in folders for f in folder.rglob("*") if f.is_file()}


def edit(here: World, old: str, new: str) -> None:
    """Change pennon.yaml."""
    text = (here.root / "pennon.yaml").read_text()
    assert old in text
    write(here.root, "pennon.yaml", text.replace(old, new))


def test_every_environment_runs_the_champion_and_the_forge_knows(
    here: World, memory: Memory
) -> None:
    found = deploy(here, None, None)
    assert ran(found) == [("staging", FIRST, True), ("production", FIRST, True)]
    assert memory.asked == [f"staging {FIRST}", f"production {FIRST}"]
    assert states(here, "staging") == [(FIRST, DeploymentState.SUCCESS)]
    assert here.forge.deployments("production")[0].url == "http://127.0.0.1:2"


@pytest.mark.usefixtures("memory")
def test_a_record_names_the_assignment_that_asked_for_it(here: World) -> None:
    deploy(here, "staging", MODEL)
    (record,) = here.forge.deployments("staging")
    assert record.assignment == here.state(MODEL).stages["champion"].oid


def test_production_waits_until_staging_runs_the_same_version(here: World, memory: Memory) -> None:
    with pytest.raises(TargetError, match=rf"production waits for staging.*{MODEL}@{FIRST}"):
        deploy(here, "production", None)
    assert memory.asked == []
    deploy(here, "staging", None)
    assert ran(deploy(here, "production", None)) == [("production", FIRST, True)]


def test_production_does_not_overtake_staging_with_a_new_champion(
    here: World, memory: Memory
) -> None:
    deploy(here, None, None)
    promote(here, Ask(model=MODEL))
    with pytest.raises(TargetError, match="production waits for staging") as caught:
        deploy(here, "production", None)
    assert caught.value.hint == "pennon deploy staging"
    assert memory.runs["production", MODEL].version == FIRST


def test_a_failed_version_is_recorded_with_its_reason_and_goes_no_further(failed: World) -> None:
    newest, before = failed.forge.deployments("staging")
    assert (newest.version, newest.state) == (SECOND, DeploymentState.FAILURE)
    assert newest.why == f"{SECOND} does not answer"
    assert before.version == FIRST
    assert states(failed, "production") == [(FIRST, DeploymentState.SUCCESS)]


def test_production_does_not_take_what_failed_in_staging(failed: World) -> None:
    with pytest.raises(TargetError, match="production waits for staging"):
        deploy(failed, "production", None)


def test_a_file_that_is_not_the_recorded_one_is_a_failed_deployment(
    here: World, memory: Memory
) -> None:
    shutil.rmtree(here.workshop)
    file = next((here.root.parent / "forge" / "releases").glob(f"*{FIRST}/assets/model.skops"))
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ArtifactError):
        deploy(here, "staging", None)
    assert states(here, "staging") == [(FIRST, DeploymentState.FAILURE)]
    assert memory.asked == []


def test_a_failed_version_is_tried_again_by_the_next_run(failed: World, memory: Memory) -> None:
    memory.broken.clear()
    found = deploy(failed, None, None)
    assert ran(found) == [("staging", SECOND, True), ("production", SECOND, True)]
    assert states(failed, "staging") == [(SECOND, DeploymentState.SUCCESS)]


def test_after_the_rollback_of_a_failed_version_all_agree_again(failed: World) -> None:
    rollback(failed, Ask(model=MODEL, reason="does not start"))
    found = deploy(failed, None, None)
    assert ran(found) == [("staging", FIRST, False), ("production", FIRST, False)]
    assert states(failed, "staging") == [(FIRST, DeploymentState.SUCCESS)]


def test_a_second_run_changes_nothing_and_says_so(here: World, memory: Memory) -> None:
    deploy(here, None, None)
    before = written(here)
    listener, said = listening(here)
    found = deploy(listener, None, None)
    assert ran(found) == [("staging", FIRST, False), ("production", FIRST, False)]
    assert said == [f"{name} runs {MODEL}@{FIRST} already" for name in ("staging", "production")]
    assert written(here) == before
    assert len(memory.asked) == 2


def test_a_run_that_was_cut_short_after_the_server_came_up_is_completed(
    here: World, memory: Memory
) -> None:
    memory.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        deploy(here, None, None)
    assert states(here, "staging") == [(FIRST, DeploymentState.IN_PROGRESS)]
    memory.interrupted = False
    found = deploy(here, None, None)
    assert ran(found) == [("staging", FIRST, False), ("production", FIRST, True)]
    assert states(here, "staging") == [(FIRST, DeploymentState.SUCCESS)]


def test_a_dry_run_lists_a_missing_record_and_does_not_write_it(failed: World) -> None:
    rollback(failed, Ask(model=MODEL, reason="does not start"))
    before = written(failed)
    staging, production = deploy(failed, None, None, dry_run=True)
    assert staging.steps == (f"record {MODEL}@{FIRST} in staging: success",)
    assert production.steps == ()
    assert written(failed) == before


def test_an_environment_that_runs_what_it_should_waits_for_nobody(failed: World) -> None:
    rollback(failed, Ask(model=MODEL, reason="does not start"))
    assert ran(deploy(failed, "production", None)) == [("production", FIRST, False)]


def test_another_port_is_deployed(here: World, memory: Memory) -> None:
    deploy(here, "staging", None)
    edit(here, "port: 1,", "port: 3,")
    (found,) = deploy(here, "staging", None)
    assert (found.url, found.changed) == ("http://127.0.0.1:3", True)
    assert len(memory.asked) == 2


@pytest.mark.usefixtures("memory")
def test_the_models_of_an_environment_answer_on_a_port_each(here: World) -> None:
    text = (here.root / "pennon.yaml").read_text()
    churn = text.partition("models:\n")[2].partition("environments:")[0]
    edit(here, "models:\n", "models:\n" + churn.replace("churn:", "other:"))
    assert [it.url for it in deploy(here, None, None)] == [
        "http://127.0.0.1:2",
        "http://127.0.0.1:3",
    ]


def test_a_dry_run_lists_the_steps_of_every_environment_and_changes_nothing(
    here: World, memory: Memory
) -> None:
    before = written(here)
    found = deploy(here, None, None, dry_run=True)
    assert ran(found) == [("staging", FIRST, True), ("production", FIRST, True)]
    assert found[1].steps == (
        f"record {MODEL}@{FIRST} in production: in_progress",
        f"run {MODEL}@{FIRST} in production, ask it for its version and a prediction",
        f"record {MODEL}@{FIRST} in production: success",
    )
    assert memory.asked == []
    assert written(here) == before


@pytest.mark.usefixtures("memory")
def test_a_real_run_takes_the_steps_that_the_dry_run_listed(here: World) -> None:
    planned = [step for it in deploy(here, None, None, dry_run=True) for step in it.steps]
    listener, said = listening(here)
    deploy(listener, None, None)
    assert said == planned


def test_a_dry_run_of_production_alone_waits_as_a_real_one(here: World, memory: Memory) -> None:
    with pytest.raises(TargetError, match="production waits for staging"):
        deploy(here, "production", None, dry_run=True)
    assert memory.asked == []


def test_without_a_champion_there_is_nothing_to_deploy(unassigned: World, memory: Memory) -> None:
    listener, said = listening(unassigned)
    assert deploy(listener, None, None) == []
    assert said[0] == f"staging: no version of {MODEL} holds the stage champion yet"
    assert memory.asked == []


@pytest.mark.usefixtures("memory")
def test_a_model_that_is_asked_for_by_name_needs_a_holder(unassigned: World) -> None:
    with pytest.raises(RegistryError, match=f"no version of {MODEL} holds the stage") as caught:
        deploy(unassigned, "staging", MODEL)
    assert caught.value.hint == f"pennon promote {MODEL}"


@pytest.mark.parametrize(
    ("environment", "model", "words"),
    [
        ("prod", None, "no environment 'prod'; it has: staging, production"),
        ("staging", "chrun", "no model named 'chrun'"),
    ],
)
def test_unknown_names_are_refused_with_the_known_ones(
    here: World, memory: Memory, environment: str, model: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        deploy(here, environment, model)
    assert memory.asked == []


def test_an_unknown_target_stops_before_anything_is_deployed(here: World, memory: Memory) -> None:
    edit(here, "memory, after", "moon, after")
    words = r"environments\.production\.target: no target is called 'moon'; known: local,"
    with pytest.raises(ConfigError, match=words):
        deploy(here, None, None)
    assert memory.asked == []


def test_environments_that_wait_for_each_other_are_refused(here: World) -> None:
    environments = dict(reversed(here.config().project.environments.items()))
    assert in_order(environments) == ["staging", "production"]
    with pytest.raises(ConfigError, match="production wait for each other"):
        in_order({"production": environments["production"]})


def command(here: World, *arguments: str) -> tuple[int, str]:
    """Exit code and standard output of `pennon deploy`, as somebody types it."""
    variables = {
        "PENNON_FORGE": f"local:{here.root.parent / 'forge'}",
        "PENNON_TARGETS": str(here.root.parent / "targets"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here.root)
        done = CliRunner().invoke(cli, ["deploy", *arguments], env=variables)
    code = done.exception.exit_code if isinstance(done.exception, TargetError) else done.exit_code
    return code, done.stdout


@pytest.mark.usefixtures("memory")
def test_the_command_says_what_runs_and_where(here: World) -> None:
    line = f"staging: {MODEL}@{FIRST} at http://127.0.0.1:1"
    assert command(here, "staging") == (0, f"{line}\n")
    assert command(here, "staging") == (0, f"{line} (as before)\n")


@pytest.mark.usefixtures("memory")
def test_the_command_says_what_a_dry_run_would_do(here: World) -> None:
    told = command(here, "staging", "--dry-run")[1].splitlines()
    assert [line.split()[:2] for line in told] == [
        ["would", "record"],
        ["would", "run"],
        ["would", "record"],
    ]
    deploy(here, "staging", None)
    assert command(here, "staging", "--dry-run") == (0, "nothing to do\n")


@pytest.mark.usefixtures("memory")
def test_the_command_says_where_there_is_nothing_to_deploy(unassigned: World) -> None:
    assert command(unassigned) == (0, "nothing to deploy\n")


def test_the_command_fails_where_a_version_does_not_become_healthy(
    here: World, memory: Memory
) -> None:
    memory.broken.add(FIRST)
    assert command(here)[0] == TargetError.exit_code


@pytest.fixture
def local(
    here: World,
    memory: Memory,  # noqa: ARG001  production's
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[], object]]:
    """Staging on the real local target, with this interpreter for every bundle; what it answers."""
    (port,) = free_ports(1)
    edit(here, "memory, port: 1, contract: false}", f"local, port: {port}}}")
    monkeypatch.setattr(flow, "interpreter", lambda *_: Path(sys.executable))
    target = LocalTarget(here.targets, lambda _: Path(sys.executable))
    yield lambda: process.get(f"http://127.0.0.1:{port}/version")
    target.stop("staging", MODEL)


def test_a_real_server_that_fails_its_smoke_test_gives_way_to_the_one_before(
    here: World, local: Callable[[], object]
) -> None:
    deploy(here, "staging", None)
    promote(here, Ask(model=MODEL))
    shutil.rmtree(bundle(here, here.state(MODEL), Version(SECOND)) / "src")
    with pytest.raises(TargetError, match="did not become healthy") as caught:
        deploy(here, "staging", None)
    assert caught.value.hint == f"{FIRST} answers there as before"
    assert FIRST in str(local())
    assert states(here, "staging") == [
        (SECOND, DeploymentState.FAILURE),
        (FIRST, DeploymentState.SUCCESS),
    ]


def test_a_real_server_stays_as_it_is_when_nothing_changed(
    here: World, local: Callable[[], object]
) -> None:
    (first,) = deploy(here, "staging", None)
    (again,) = deploy(here, "staging", None)
    assert (first.changed, again.changed, first.url) == (True, False, again.url)
    assert FIRST in str(local())


def test_a_rollback_by_command_is_deployed_at_once(failed: World, memory: Memory) -> None:
    """In production first, which waits for nobody then; a dry run says so and does nothing."""
    ask = Ask(model=MODEL, reason="it does not answer", then=Then.DEPLOY)
    planned = rollback(failed, ask, dry_run=True)
    assert planned.steps[-1] == f"deploy {MODEL} to production, then staging"
    memory.runs.clear()
    assert rollback(failed, ask).version == FIRST
    assert {place: it.version for (place, _), it in memory.runs.items()} == {
        "staging": FIRST,
        "production": FIRST,
    }
