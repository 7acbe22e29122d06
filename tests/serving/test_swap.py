"""Another version in the place of the one that serves: no request fails by it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import msgspec
import pytest

from pennon.artifacts.served import Mode, Part, Serve, Split, write
from served import Answer, Server

MODEL = "churn"
GOOD = {"age": 40.5, "spend": 80.0, "country": "DE"}
Make = Callable[[str], Part]


@pytest.fixture
def file(tmp_path: Path, version_of: Make) -> Path:
    found = tmp_path / "serve.json"
    write(found, Serve(model=MODEL, live=version_of("v1.0.0")))
    return found


def tell(server: Server, file: Path, wanted: Serve) -> dict[str, str]:
    """Hand the server a record; what it says once it has dealt with it."""
    wanted = msgspec.structs.replace(wanted, id=f"{wanted.live.version}-{file.stat().st_mtime_ns}")
    write(file, wanted)
    server.nudge()
    server.until(lambda: server.get("/version").json["seen"] == wanted.id)
    found: dict[str, str] = server.get("/version").json
    return found


class Callers:
    """Threads that ask without a pause; `answers` is all that they got."""

    def __init__(self, server: Server) -> None:
        self.answers: list[Answer] = []
        self._ends = threading.Event()
        self._server = server
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._ends.is_set():
            self.answers.append(self._server.post(GOOD))


@pytest.fixture
def server(file: Path, tmp_path: Path) -> Iterator[Server]:
    with Server(file, log=tmp_path / "log") as found:
        yield found


@pytest.fixture
def fakes(file: Path, fake: Make, tmp_path: Path) -> Iterator[Server]:
    """The same with processes that need no time to load."""
    write(file, Serve(model=MODEL, live=fake("v1.0.0")))
    with Server(file, log=tmp_path / "log") as found:
        yield found


def test_no_request_fails_while_versions_change(
    server: Server, file: Path, version_of: Make
) -> None:
    with Callers(server) as callers:
        for version in ("v1.1.0", "v1.2.0", "v1.1.0"):
            assert (
                tell(server, file, Serve(model=MODEL, live=version_of(version)))["version"]
                == version
            )
    assert {answer.status for answer in callers.answers} == {200}
    assert {it.json["version"] for it in callers.answers} == {"v1.0.0", "v1.1.0", "v1.2.0"}


@pytest.mark.parametrize("defect", ["corrupted", "no code", "another version", "cannot predict"])
def test_a_version_that_cannot_serve_leaves_the_old_one(
    server: Server, file: Path, version_of: Make, defect: str
) -> None:
    part = version_of("v1.1.0")
    bundle = Path(part.bundle)
    match defect:
        case "corrupted":
            with (bundle / "model.skops").open("ab") as artifact:
                artifact.write(b"x")
        case "no code":
            shutil.rmtree(bundle / "src")
        case "another version":
            part = msgspec.structs.replace(part, version="v2.0.0")
        case _:
            (bundle / "src/shop/features.py").write_text(
                "def build(rows):\n    raise KeyError('x')\n"
            )
    found = tell(server, file, Serve(model=MODEL, live=part))
    assert found["version"] == "v1.0.0"
    assert found["trouble"]
    assert server.post(GOOD).json["version"] == "v1.0.0"
    assert server.get("/ready").json["trouble"] == found["trouble"]


def test_a_record_that_cannot_be_read_changes_nothing(server: Server, file: Path) -> None:
    file.write_text("{")
    server.nudge()
    server.until(lambda: "trouble" in server.get("/ready").json)
    assert server.post(GOOD).json["version"] == "v1.0.0"


def test_the_version_before_stays_loaded(fakes: Server, file: Path, fake: Make) -> None:
    first = msgspec.json.decode(file.read_bytes(), type=Serve)
    tell(fakes, file, Serve(model=MODEL, live=fake("v1.1.0")))
    told = fakes.get("/metrics").body.decode()
    assert 'role="standby",version="v1.0.0"} 1.0' in told
    shutil.rmtree(first.live.bundle)  # whoever is loaded needs it no more
    assert tell(fakes, file, first)["version"] == "v1.0.0"
    assert fakes.post(GOOD).status == 200


def test_a_challenger_in_the_shadow_is_logged_and_never_answers(
    fakes: Server, file: Path, fake: Make
) -> None:
    first = msgspec.json.decode(file.read_bytes(), type=Serve)
    split = Split(mode=Mode.SHADOW)
    tell(
        fakes,
        file,
        msgspec.structs.replace(first, challenger=fake("v1.1.0"), split=split),
    )
    answers = {fakes.post(GOOD).json["version"] for _ in range(20)}
    assert answers == {"v1.0.0"}
    shadows = (
        'pennon_requests_total{model="churn",role="shadow",status="200",version="v1.1.0"} 20.0'
    )
    fakes.until(lambda: shadows in fakes.get("/metrics").body.decode())


def test_a_key_keeps_its_version_and_the_share_is_kept(
    fakes: Server, file: Path, fake: Make
) -> None:
    first = msgspec.json.decode(file.read_bytes(), type=Serve)
    split = Split(mode=Mode.SPLIT, share=0.5, salt="s")
    tell(
        fakes,
        file,
        msgspec.structs.replace(first, challenger=fake("v1.1.0"), split=split),
    )
    keys = [f"customer-{i}" for i in range(40)]
    one = [fakes.post(GOOD, X_Pennon_Key=key).json["version"] for key in keys]
    again = [fakes.post(GOOD, X_Pennon_Key=key).json["version"] for key in keys]
    assert one == again
    assert 8 < one.count("v1.1.0") < 32


def test_the_key_may_be_a_column(fakes: Server, file: Path, fake: Make) -> None:
    first = msgspec.json.decode(file.read_bytes(), type=Serve)
    split = Split(mode=Mode.SPLIT, share=0.5, key="age")
    wanted = msgspec.structs.replace(first, challenger=fake("v1.1.0"), split=split)
    tell(fakes, file, wanted)
    ages = [float(age) for age in range(20, 60)]
    found = [{fakes.post(GOOD | {"age": a}).json["version"] for _ in range(3)} for a in ages]
    assert {len(versions) for versions in found} == {1}
    assert len(set.union(*found)) == 2


def test_a_challenger_that_fails_costs_no_answer(server: Server, file: Path, fake: Make) -> None:
    """The fake fails for an age of 66: that is on the challenger's account."""
    first = msgspec.json.decode(file.read_bytes(), type=Serve)
    split = Split(mode=Mode.SPLIT, share=1)
    tell(server, file, msgspec.structs.replace(first, challenger=fake("v1.1.0"), split=split))
    assert server.post(GOOD).json["version"] == "v1.1.0"
    assert server.post(GOOD | {"age": 66.0}).json["version"] == "v1.0.0"
    failed = 'role="challenger",status="500",version="v1.1.0"} 1.0'
    assert failed in server.get("/metrics").body.decode()
