"""Contract tests stand between staging and production: on real servers of the local target."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.config import Environment
from pennon.errors import TargetError
from pennon.flows.assignment.assign import Ask
from pennon.flows.contract import contract, is_asked
from pennon.flows.demo.play import free_ports
from pennon.flows.deploy import deploy
from pennon.flows.deployment import wanted as flow
from pennon.flows.deployment.recover import deploy_or_roll_back
from pennon.flows.promote import promote
from pennon.flows.train import train
from pennon.flows.world import World
from pennon.forge import DeploymentState
from pennon.registry import Reference, RunKind
from pennon.targets import LocalTarget, process
from shop import MODEL, world, write

FIRST, SECOND = "v1.0.0", "v1.1.0"
CONSUMERS = "tests/contract/consumers/calls.json"


@pytest.fixture
def here(challenged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """v1.0.0 runs in staging and production; v1.1.0 is champion by now."""
    shutil.copytree(challenged, tmp_path, dirs_exist_ok=True)
    found = world(tmp_path / "work")
    text = (found.root / "pennon.yaml").read_text()
    for usual, free in zip(("1", "2"), free_ports(2), strict=True):
        text = text.replace(f"port: {usual}}}", f"port: {free}}}")
    write(found.root, "pennon.yaml", text)
    monkeypatch.setattr(flow, "interpreter", lambda *_: Path(sys.executable))
    deploy(found, None, None)
    promote(found, Ask(model=MODEL))
    yield found
    target = LocalTarget(found.targets, lambda _: Path(sys.executable))
    for name in ("staging", "production"):
        target.stop(name, MODEL)


def serves(here: World) -> dict[str, str]:
    environments = here.config().project.environments
    found = {}
    for name, it in environments.items():
        body = process.get(f"http://127.0.0.1:{it.port}/version")
        found[name] = json.loads(body)["version"] if body else ""
    return found


def expect(here: World, *fields: str) -> None:
    """A consumer relies on these fields of an answer."""
    example = here.root / ".pennon" / "runs" / MODEL / "example.json"
    fixture = {
        "name": "the call centre",
        "request": json.loads(example.read_bytes()),
        "response": {"type": "object", "required": list(fields)},
    }
    write(here.root, CONSUMERS, json.dumps(fixture))


def test_production_gets_a_version_that_kept_its_contract_in_staging(here: World) -> None:
    expect(here, "prediction")
    deploy(here, None, None)
    assert serves(here) == {"staging": SECOND, "production": SECOND}


def test_a_broken_schema_fails_staging_and_leaves_production_alone(here: World) -> None:
    expect(here, "score")
    with pytest.raises(TargetError, match=r"calls\.json: the call centre: .* has no 'score'"):
        deploy(here, None, None)
    assert serves(here) == {"staging": SECOND, "production": FIRST}
    newest = here.forge.deployments("staging")[0]
    assert (newest.version, newest.state) == (SECOND, DeploymentState.FAILURE)


def test_the_same_again_is_no_way_around_the_contract(here: World) -> None:
    expect(here, "score")
    for _ in range(2):
        with pytest.raises(TargetError, match="does not keep the contract"):
            deploy(here, None, None)
    assert serves(here)["production"] == FIRST
    expect(here, "prediction")
    deploy(here, None, None)
    assert serves(here)["production"] == SECOND


def test_a_broken_contract_gives_the_stage_back_where_that_was_asked_for(here: World) -> None:
    expect(here, "score")
    with pytest.raises(TargetError, match="does not keep the contract") as caught:
        deploy_or_roll_back(here, "staging", None)
    assert f"{FIRST} is champion again" in caught.value.hint
    assert serves(here) == {"staging": FIRST, "production": FIRST}


def test_a_candidate_is_asked_before_anybody_registers_it(here: World) -> None:
    train(here, MODEL, data="sample", kind=RunKind.EXPERIMENT)
    found = contract(here, Reference(MODEL))
    assert found.broken == ()
    assert {it.name for it in found.cases} >= {"a row is predicted", "an empty batch is refused"}
    expect(here, "score")
    assert [it.name for it in contract(here, Reference(MODEL)).broken] == [
        "calls.json: the call centre"
    ]


def test_a_version_is_asked_at_an_address(here: World) -> None:
    port = here.config().project.environments["staging"].port
    url = f"http://127.0.0.1:{port}"
    assert contract(here, Reference(MODEL, version=FIRST), url=url).broken == ()
    (first, *_) = contract(here, Reference(MODEL, version=SECOND), url=url).broken
    assert first.name == "it says which version it is"


def test_where_another_environment_waits_the_contract_is_asked_unless_somebody_says_no() -> None:
    def asked(said: bool | None, name: str) -> bool:  # noqa: FBT001  the table's own
        staging, production = Environment(contract=said), Environment(after="staging")
        return is_asked(name, {"staging": staging, "production": production})

    assert [asked(it, "staging") for it in (None, True, False)] == [True, True, False]
    assert not asked(None, "production")
