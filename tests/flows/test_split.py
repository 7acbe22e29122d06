"""A rollout on a real server: traffic follows the tags, and what it logs is what decides."""

from __future__ import annotations

import json
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pennon.flows.assignment.assign import Ask as Assign
from pennon.flows.demo.play import free_ports
from pennon.flows.deploy import deploy
from pennon.flows.deployment import wanted as flow
from pennon.flows.promote import promote
from pennon.flows.rollout.status import Sources
from pennon.flows.rollout.steps import Ask, Do, abort, advance
from pennon.flows.world import World
from pennon.targets import LocalTarget, process
from shop import MODEL, world, write

PLAN = """\
models:
  churn:
    environment: staging
    mode: canary
    steps: [{share: 0.5, requests: 5}]
    settle: 0
    guards: {errors: {margin: 0.5}}
"""
GOOD = {"age": 40.5, "spend": 80.0, "country": "DE"}


@pytest.fixture
def here(challenged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """With staging on a real server that runs v1.0.0, by the real clock of both."""
    shutil.copytree(challenged, tmp_path, dirs_exist_ok=True)
    found = replace(world(tmp_path / "work"), now=lambda: datetime.now(UTC))
    text = (found.root / "pennon.yaml").read_text()
    write(found.root, "pennon.yaml", text.replace("{port: 1}", f"{{port: {free_ports(1)[0]}}}"))
    write(found.root, "rollout.yaml", PLAN)
    monkeypatch.setattr(flow, "interpreter", lambda *_: Path(sys.executable))
    deploy(found, "staging", MODEL)
    yield found
    LocalTarget(found.targets, lambda _: Path(sys.executable)).stop("staging", MODEL)


def begun(here: World) -> Sources:
    """The rollout has begun, and the server splits; where its log is."""
    promote(here, Assign(model=MODEL, version="v1.1.0", stage="challenger"))
    log = here.targets / "staging" / MODEL / "predictions"
    sources = Sources((log,), None)
    assert advance(here, Ask(model=MODEL), sources).did is Do.BEGAN
    (running,) = deploy(here, "staging", MODEL)
    assert (running.version, running.changed) == ("v1.0.0", True)
    return sources


def answered(here: World, requests: int) -> list[str]:
    """The versions that answered so many requests, each with its own key."""
    url = deploy(here, "staging", MODEL)[0].url
    body = json.dumps(GOOD).encode()
    found = []
    for _ in range(requests):
        with urllib.request.urlopen(f"{url}/predict", body, timeout=30) as answer:  # noqa: S310
            found.append(json.loads(answer.read())["version"])
    return found


def lines(sources: Sources) -> int:
    """Of requests: the smoke tests of deployments stand there as such."""
    texts = "".join(file.read_text() for file in sources.logs[0].glob("*.jsonl"))
    return sum(json.loads(line)["role"] != "test" for line in texts.splitlines())


def test_a_canary_is_promoted_by_what_the_server_logged(here: World) -> None:
    sources = begun(here)
    versions = answered(here, 300)
    assert set(versions) == {"v1.0.0", "v1.1.0"}
    assert process.until(lambda: lines(sources) == 300, 30)
    done = advance(here, Ask(model=MODEL), sources)
    assert done.did is Do.PROMOTED
    assert done.status.requests == versions.count("v1.1.0")
    assert deploy(here, "staging", MODEL)[0].version == "v1.1.0"
    assert set(answered(here, 20)) == {"v1.1.0"}


def test_an_abort_takes_the_traffic_away(here: World) -> None:
    begun(here)
    assert "v1.1.0" in answered(here, 30)
    abort(here, Ask(model=MODEL, reason="customers complain"))
    (after,) = deploy(here, "staging", MODEL)
    assert (after.version, after.changed) == ("v1.0.0", True)
    assert set(answered(here, 30)) == {"v1.0.0"}
    assert not deploy(here, "staging", MODEL)[0].changed
