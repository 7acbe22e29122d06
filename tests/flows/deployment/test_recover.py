"""A version that does not become healthy loses its stage, where that is sure to help, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from light import LIGHT, Light, back
from memory import ENVIRONMENTS, Memory, configure, live, release, states
from pennon.cli import cli
from pennon.errors import TargetError
from pennon.flows.deploy import deploy
from pennon.flows.deployment.recover import deploy_or_roll_back
from pennon.flows.rollback import rollback
from pennon.forge import DeploymentState
from pennon.registry import assignments, read_remote
from pennon.runner import Runner

OLD, MIDDLE, NEW = "v1.0.0", "v1.1.0", "v1.2.0"


@pytest.fixture
def shop(light: Light, memory: Memory) -> Light:
    """The middle version is live everywhere; the new one is champion and not deployed yet."""
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    live(light, OLD)
    live(light, MIDDLE)
    light.ledger.assign(NEW)
    memory.asked.clear()
    return light


def failed(light: Light, environment: str | None = None) -> str:
    """What the hint of the error says became of the stage."""
    with pytest.raises(TargetError, match="did not become healthy") as caught:
        deploy_or_roll_back(light.world, environment, None)
    return caught.value.hint


def test_a_version_that_fails_in_staging_gives_the_stage_back(shop: Light, memory: Memory) -> None:
    memory.broken.add(NEW)
    assert f"{MIDDLE} is champion again (model0#champion#7)" in failed(shop)
    assert memory.serves() == {"staging": MIDDLE, "production": MIDDLE}
    assert shop.champions()[-2:] == [NEW, MIDDLE]


def test_the_reason_stands_in_the_registry_and_in_the_incident(shop: Light, memory: Memory) -> None:
    memory.broken.add(f"production {NEW}")
    failed(shop)
    state, _ = read_remote(shop.world.repo, LIGHT)
    event = state.stages["champion"]
    made = assignments([event])[event.oid]
    assert made is not None
    assert made.rollback
    assert made.reason == f"{NEW} did not become healthy in production: no answer"
    (issue,) = shop.world.forge.issues()
    assert "by itself" in issue.body
    assert made.reason in issue.body


def test_staging_goes_back_too_when_production_fails(shop: Light, memory: Memory) -> None:
    memory.broken.add(f"production {NEW}")
    failed(shop)
    assert f"staging {NEW}" in memory.asked
    assert memory.serves() == {"staging": MIDDLE, "production": MIDDLE}
    assert states(shop, "production")[0] == (MIDDLE, DeploymentState.SUCCESS)


def test_in_a_workflow_the_deployment_of_the_version_before_is_started(
    shop: Light, memory: Memory
) -> None:
    memory.broken.add(NEW)
    runner = Runner(environment={"GITHUB_ACTIONS": "true"}, stream=shop.world.runner.stream)
    shop.world = replace(shop.world, runner=runner)
    failed(shop, "staging")
    (asked,) = shop.world.forge.dispatches()  # type: ignore[attr-defined]  # the local forge's
    assert (asked.workflow, asked.inputs) == ("deploy.yml", {"model": LIGHT})


def test_a_place_that_is_down_altogether_changes_no_version(shop: Light, memory: Memory) -> None:
    memory.down.add("staging")
    hint = failed(shop)
    assert f"{NEW} stays champion: staging does not answer, so {MIDDLE} may not help" in hint
    assert shop.champions()[-1] == NEW
    assert shop.world.forge.issues() == []


def test_a_rollback_that_fails_is_not_rolled_back(shop: Light, memory: Memory) -> None:
    """Else a place that is broken would go back through all versions."""
    memory.broken |= {NEW, MIDDLE}
    failed(shop)
    assert shop.champions()[-1] == MIDDLE
    memory.runs.clear()
    hint = failed(shop)
    assert "was rolled back to already and is not left again" in hint
    assert shop.champions()[-1] == MIDDLE


def test_a_version_by_a_person_s_rollback_stays_as_well(shop: Light, memory: Memory) -> None:
    rollback(shop.world, back(version=OLD))
    memory.broken.add(OLD)
    assert "not left again" in failed(shop)
    assert shop.champions()[-1] == OLD


def test_the_first_version_has_nothing_to_go_back_to(light: Light, memory: Memory) -> None:
    configure(light, ENVIRONMENTS)
    release(light, NEW)
    for version in (OLD, MIDDLE):
        light.ledger.retire(version)
    memory.broken.add(NEW)
    assert "no version before it is known to be healthy" in failed(light)


def test_an_environment_that_waits_for_another_one_is_no_failure(
    shop: Light, memory: Memory
) -> None:
    """A failure that is on record from another day is not this error's."""
    memory.broken.add(NEW)
    with pytest.raises(TargetError, match="did not become healthy"):
        deploy(shop.world, "staging", None)
    with pytest.raises(TargetError, match="production waits for staging"):
        deploy_or_roll_back(shop.world, "production", None)
    assert shop.champions()[-1] == NEW


def test_a_promotion_meanwhile_is_left_alone(
    shop: Light, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.broken.add(NEW)
    health = memory.health

    def late(order: object, place: object) -> object:
        if len(memory.asked) and shop.champions()[-1] == NEW:
            shop.ledger.assign(OLD)
        return health(order, place)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(memory, "health", late)
    failed(shop, "staging")
    assert shop.champions()[-1] == OLD


def command(light: Light, *arguments: str) -> int:
    variables = {"PENNON_FORGE": f"local:{light.folder / 'forge'}"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(light.world.root)
        done = CliRunner().invoke(cli, ["deploy", *arguments], env=variables)
    assert isinstance(done.exception, TargetError)
    return done.exception.exit_code


@pytest.mark.parametrize(
    ("arguments", "champion"), [((), NEW), (("--on-failure", "rollback"), MIDDLE)]
)
def test_the_command_asks_a_person_unless_it_was_told(
    shop: Light, memory: Memory, arguments: tuple[str, ...], champion: str
) -> None:
    memory.broken.add(NEW)
    assert command(shop, *arguments) == TargetError.exit_code
    assert shop.champions()[-1] == champion
