"""How versions fare where they run, and what becomes of one that is ill."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from light import LIGHT, Light, back
from memory import ENVIRONMENTS, Memory, configure, live, release
from pennon.cli import cli
from pennon.config import Watch
from pennon.errors import ConfigError, TargetError
from pennon.flows.health import Probe, State, Vital, counted, health, judged
from pennon.flows.rollback import rollback

OLD, MIDDLE, NEW = "v1.0.0", "v1.1.0", "v1.2.0"
WELL = Probe(version=NEW)
ILL = Probe(version=NEW, wrong="no process is alive")
SILENT = Probe(wrong="nobody answers")


@dataclass
class Place:
    """A server as serving/app.py has it, with what it says of itself."""

    version: str = NEW
    ready: bool = True
    trouble: str = ""
    answered: int = 0
    failed: int = 0
    url: str = ""
    looks: list[str] = field(default_factory=list)

    def reply(self, path: str) -> tuple[int, bytes]:
        self.looks.append(path)
        facts: dict[str, str] = {"version": self.version}
        if self.trouble:
            facts["trouble"] = self.trouble
        match path:
            case "/ready" if not self.ready:
                return 503, json.dumps({"why": "no process is alive"}).encode()
            case "/ready" | "/version":
                return 200, json.dumps(facts).encode()
            case "/metrics":
                said = [line(self.version, "live", 200, self.answered)]
                said.append(line(self.version, "live", 500, self.failed))
                return 200, "\n".join(said).encode()
            case _:
                return 404, b""


def line(version: str, role: str, status: int, number: int) -> str:
    """As serving/metrics.py tells it."""
    labels = f'model="m",role="{role}",status="{status}",version="{version}"'
    return f"pennon_requests_total{{{labels}}} {float(number)}"


@pytest.fixture
def place() -> Iterator[Place]:
    found = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = found.reply(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shop(light: Light, memory: Memory, place: Place) -> Light:
    """Three versions that were live one after the other; production answers at an address."""
    assert not memory.runs
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    for version in (OLD, MIDDLE, NEW):
        live(light, version)
    production = ENVIRONMENTS["production"] | {"url": place.url}
    configure(light, ENVIRONMENTS | {"production": production})
    return light


def look(light: Light, *, roll_back: bool = False) -> Vital:
    (found,) = health(light.world, "production", roll_back=roll_back)
    return found


def test_a_version_that_is_well_is_asked_once(shop: Light, place: Place) -> None:
    place.answered = 1000
    found = look(shop)
    assert (found.state, found.version, found.errors, found.requests) == (
        State.HEALTHY,
        NEW,
        0.0,
        1000,
    )
    assert place.looks.count("/ready") == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ready": False}, "no process is alive"),
        ({"trouble": "v1.3.0 cannot be loaded"}, "v1.3.0 cannot be loaded"),
        ({"version": MIDDLE}, f"it answers as {MIDDLE}"),
        ({"answered": 90, "failed": 10}, "10.0% of 100 requests failed"),
    ],
)
def test_what_is_wrong_with_it_is_confirmed_and_named(
    shop: Light, place: Place, change: dict[str, object], why: str
) -> None:
    for name, value in change.items():
        setattr(place, name, value)
    found = look(shop)
    assert (found.state, found.why) == (State.ILL, why)
    assert place.looks.count("/ready") == 3
    assert shop.slept[-2:] == [10.0, 10.0]


def test_while_a_canary_runs_the_version_before_may_answer_too(shop: Light, place: Place) -> None:
    settings = {"variant": "rollouts", "rollout": {"prometheus": "http://p"}}
    argo = {"target": "kubernetes", "url": place.url, "after": "staging", "settings": settings}
    configure(shop, ENVIRONMENTS | {"production": argo})
    place.version = MIDDLE
    assigned = datetime.fromtimestamp(shop.world.state(LIGHT).stages["champion"].seconds, UTC)
    shop.world = replace(shop.world, now=lambda: assigned + timedelta(hours=23))
    assert look(shop).state is State.HEALTHY
    shop.world = replace(shop.world, now=lambda: assigned + timedelta(hours=25))
    found = look(shop)
    assert (found.state, found.why) == (State.ILL, f"it answers as {MIDDLE}")


def test_during_a_canary_any_other_version_is_wrong(shop: Light, place: Place) -> None:
    canary = {"variant": "kserve", "canary": 10}
    there = {"target": "kubernetes", "url": place.url, "after": "staging", "settings": canary}
    configure(shop, ENVIRONMENTS | {"production": there})
    place.version = OLD
    assert look(shop).why == f"it answers as {OLD}"


def test_a_place_that_nobody_can_reach_is_silent(shop: Light) -> None:
    production = ENVIRONMENTS["production"] | {"url": "http://127.0.0.1:9"}
    configure(shop, ENVIRONMENTS | {"production": production})
    assert look(shop).state is State.SILENT


def test_without_an_address_nobody_is_asked(shop: Light, memory: Memory) -> None:
    memory.runs.clear()
    (found,) = health(shop.world, "staging")
    assert (found.state, found.why) == (State.UNASKED, "it has no url")


@pytest.mark.parametrize(
    ("probes", "state"),
    [
        ([ILL, ILL, ILL], State.ILL),
        ([ILL, WELL, ILL], State.HEALTHY),
        ([SILENT, SILENT, SILENT], State.SILENT),
        ([SILENT, WELL, SILENT], State.HEALTHY),
        ([SILENT, ILL, ILL], State.ILL),
    ],
)
def test_only_what_is_wrong_each_time_counts(probes: list[Probe], state: State) -> None:
    assert judged(Watch(), probes)[0] is state


def probes(*counts: tuple[float, float]) -> list[Probe]:
    return [Probe(version=NEW, requests=all_, failed=bad) for all_, bad in counts]


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (((1000, 0), (1100, 10)), State.ILL),
        (((1000, 500), (1100, 500)), State.HEALTHY),
        (((1000, 500), (1010, 500)), State.ILL),
        (((0, 0), (19, 19)), State.HEALTHY),
        (((1000, 0), (40, 4)), State.ILL),
    ],
    ids=["failing now", "failed long ago", "too few to tell anew", "too few", "started anew"],
)
def test_the_share_is_that_of_the_time_between(
    counts: tuple[tuple[float, float], ...], state: State
) -> None:
    assert judged(Watch(), probes(*counts))[0] is state


def test_only_answers_of_the_version_to_people_are_counted() -> None:
    told = [
        line(NEW, "live", 200, 90),
        line(NEW, "live", 422, 5),
        line(NEW, "live", 500, 5),
        line(NEW, "shadow", 500, 7),
        line(OLD, "live", 500, 8),
    ]
    assert counted("\n".join(told), NEW) == (100.0, 5.0)


def test_a_version_that_is_ill_loses_its_stage_where_that_was_asked_for(
    shop: Light, place: Place, memory: Memory
) -> None:
    place.ready = False
    assert look(shop).became == ""
    assert shop.champions()[-1] == NEW
    found = look(shop, roll_back=True)
    assert found.became == f"{MIDDLE} is champion again (model0#champion#7)"
    assert memory.serves() == {"staging": MIDDLE, "production": MIDDLE}
    (issue,) = shop.world.forge.issues()
    assert f"{NEW} is ill in production: no process is alive" in issue.body


def test_a_place_that_is_silent_changes_no_version(shop: Light) -> None:
    production = ENVIRONMENTS["production"] | {"url": "http://127.0.0.1:9"}
    configure(shop, ENVIRONMENTS | {"production": production})
    assert look(shop, roll_back=True).became == ""
    assert shop.champions()[-1] == NEW


def test_another_version_than_the_wanted_one_is_no_reason_to_go_back(
    shop: Light, place: Place
) -> None:
    place.version = MIDDLE
    assert look(shop, roll_back=True).became == ""
    assert shop.champions()[-1] == NEW


def test_a_version_that_came_by_a_rollback_is_not_left_again(shop: Light, place: Place) -> None:
    rollback(shop.world, back())
    place.version, place.ready = MIDDLE, False
    assert "not left again" in look(shop, roll_back=True).became
    assert shop.champions()[-1] == MIDDLE


def test_without_a_healthy_version_before_it_stays(shop: Light, place: Place) -> None:
    shop.ledger.retire(OLD)
    shop.ledger.retire(MIDDLE)
    place.ready = False
    assert "no version before" in look(shop, roll_back=True).became
    assert shop.champions()[-1] == NEW


def test_an_unknown_environment_is_refused(shop: Light) -> None:
    with pytest.raises(ConfigError, match="it has: staging, production"):
        health(shop.world, "prod")


def test_the_command_ends_with_13_where_something_is_ill(shop: Light, place: Place) -> None:
    production = ENVIRONMENTS["production"] | {"url": place.url, "health": {"probes": 1}}
    configure(shop, ENVIRONMENTS | {"production": production})
    place.ready = False
    variables = {"PENNON_FORGE": f"local:{shop.folder / 'forge'}"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shop.world.root)
        done = CliRunner().invoke(cli, ["health", "production"], env=variables)
    assert isinstance(done.exception, TargetError)
    assert f"production: {LIGHT}@{NEW} is ill: no process is alive" in str(done.exception)
    assert done.stdout.splitlines()[1].split()[:5] == ["production", LIGHT, NEW, NEW, "ill"]
