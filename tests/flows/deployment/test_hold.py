"""What people's rules hold back from an environment, and what they do not."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest

from light import LIGHT, Light, back
from memory import ENVIRONMENTS, Memory, configure, live, release
from pennon.flows.deploy import deploy
from pennon.flows.rollback import rollback
from pennon.forge.local import LocalForge
from pennon.registry import Version, read_remote, registration
from pennon.runner import Runner

OLD, MIDDLE, NEW = "v1.0.0", "v1.1.0", "v1.2.0"
LABEL = "compliance:approved"


def ruled(light: Light, **production: object) -> Light:
    """The middle version is live; the new one is champion, and production has rules by then."""
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    live(light, MIDDLE)
    light.ledger.assign(NEW)
    place = ENVIRONMENTS["production"] | production
    configure(light, ENVIRONMENTS | {"production": place})
    return light


def merged(light: Light, version: str, *labels: str) -> None:
    """The pull request that the version came from."""
    state, _ = read_remote(light.world.repo, LIGHT)
    head = registration(state, Version(version)).manifest.commit
    forge = light.world.forge
    assert isinstance(forge, LocalForge)
    pull = forge.open_pull(title="better", head=head, base="b" * 40, base_branch="main")
    forge.merge_pull(pull.number, head, by="acme")
    forge.label_pull(pull.number, *labels)


def by(light: Light, actor: str) -> Light:
    """A job that this account started; the log of the run."""
    runner = Runner({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": actor}, StringIO())
    light.world = replace(light.world, runner=runner)
    return light


def test_a_version_without_its_label_waits_and_that_is_no_failure(
    light: Light, memory: Memory
) -> None:
    here = ruled(light, requires={"labels": [LABEL]})
    merged(here, NEW, "documentation")
    staging, production = deploy(here.world, None, LIGHT)
    assert (staging.version, staging.changed) == (NEW, True)
    assert (production.version, production.changed) == (MIDDLE, False)
    assert production.why == (
        f"{LIGHT}@{NEW} waits: pull request #1, which it came from, is not labelled {LABEL}"
    )
    assert memory.serves() == {"staging": NEW, "production": MIDDLE}


def test_with_the_label_it_goes_on(light: Light, memory: Memory) -> None:
    here = ruled(light, requires={"labels": [LABEL]})
    merged(here, NEW, "documentation", LABEL)
    deploy(here.world, None, LIGHT)
    assert memory.serves()["production"] == NEW


def test_a_version_that_came_without_a_pull_request_waits(light: Light, memory: Memory) -> None:
    here = ruled(light, requires={"labels": [LABEL]})
    _, production = deploy(here.world, None, LIGHT)
    assert "its commit came without a pull request" in production.why
    assert memory.serves()["production"] == MIDDLE


def test_what_runs_already_needs_no_label(light: Light, memory: Memory) -> None:
    here = ruled(light)
    deploy(here.world, None, LIGHT)
    configure(
        light,
        ENVIRONMENTS
        | {"production": ENVIRONMENTS["production"] | {"requires": {"labels": [LABEL]}}},
    )
    assert deploy(here.world, "production", LIGHT)[0].why == ""
    assert memory.serves()["production"] == NEW


def test_a_workflow_does_not_start_what_a_person_has_to(light: Light, memory: Memory) -> None:
    here = by(ruled(light, approval="manual-dispatch"), "github-actions[bot]")
    _, production = deploy(here.world, None, LIGHT)
    assert production.why.endswith("waits: a person has to start this deployment")
    assert memory.serves() == {"staging": NEW, "production": MIDDLE}
    stream = here.world.runner.stream
    assert isinstance(stream, StringIO)
    assert "::warning::production: " in stream.getvalue()


def test_a_person_starts_it(light: Light, memory: Memory) -> None:
    here = by(ruled(light, approval="manual-dispatch"), "ada")
    deploy(here.world, None, LIGHT)
    assert memory.serves()["production"] == NEW


@pytest.mark.parametrize(
    "rules", [{"approval": "manual-dispatch"}, {"requires": {"labels": [LABEL]}}]
)
def test_nothing_holds_a_rollback(light: Light, memory: Memory, rules: dict[str, object]) -> None:
    here = by(ruled(light), "github-actions[bot]")
    deploy(here.world, None, LIGHT)
    configure(light, ENVIRONMENTS | {"production": ENVIRONMENTS["production"] | rules})
    rollback(here.world, back())
    deploy(here.world, None, LIGHT)
    assert memory.serves() == {"staging": MIDDLE, "production": MIDDLE}
