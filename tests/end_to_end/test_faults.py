"""What people see when something is broken on the way to production: docs/faults.md, as it is.

Every block of that page is what a command prints here, in a repository with real versions, servers
and defects. `--regold` writes the page anew.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pennon.cli import main
from pennon.errors import ArtifactError, StoreError, TargetError
from pennon.flows.assignment.assign import Ask
from pennon.flows.demo.play import free_ports
from pennon.flows.deploy import deploy
from pennon.flows.deployment import wanted
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.versions.bundle import bundle
from pennon.flows.world import World
from pennon.registry import Version
from pennon.targets import LocalTarget, process
from served import Server
from shop import MODEL, improve, push, shop, world, write

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
SETTINGS = """\
environments:
  staging: {{port: {port}, contract: false, health: {{probes: 2, every: 0.1}}}}
registry: {{store: "file://{store}"}}
"""
FIRST, SECOND = "v1.0.0", "v1.1.0"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
ROW = {"age": 40.0, "spend": 90.0, "country": "DE"}


@dataclass
class Desk:
    """A repository on somebody's machine, and a terminal in it."""

    world: World
    store: Path
    port: int
    screen: str = field(default="", init=False)

    @property
    def folder(self) -> Path:
        return self.world.root.parent

    def type(self, line: str) -> int:
        """Run a command; its exit code. What it printed is added to the screen."""
        variables = {
            "PENNON_FORGE": f"local:{self.folder / 'forge'}",
            "PENNON_TARGETS": str(self.folder / "targets"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
            patch.chdir(self.world.root)
            patch.setattr(sys, "argv", line.replace("~", str(self.folder)).split())
            for name, value in variables.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        code = int(ended.value.code or 0)
        self.screen += f"$ {line}\n{self.plain(said.getvalue())}"
        self.screen += f"$ echo $?\n{code}\n" if code else ""
        return code

    def plain(self, text: str) -> str:
        """Without what is different on every machine."""
        named = text.replace(str(self.store), "/srv/models").replace(str(self.folder), "~")
        named = re.sub(rf"\b{self.port}\b|(?<=127\.0\.0\.1:)\d+", "8081", named)
        named = re.sub(r"\b[0-9a-f]{2}/[0-9a-f]{64}\b", "bd/bded8b…", named)
        named = re.sub(r"\b[0-9a-f]{64}\b", "bfc8fa…", named)
        return re.sub(r"\bon [0-9a-f]{7}\b", "on dbbbf2b", named)

    def answers(self) -> str:
        """The version that serves in staging."""
        told = process.get(f"http://127.0.0.1:{self.port}/version")
        return str(json.loads(told)["version"]) if told else ""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v1.0.0 is champion, v1.1.0 is registered; neither is deployed."""
    folder = tmp_path_factory.mktemp("faults")
    here = shop(folder / "desk")
    settle(here, folder / "store", 8081)
    register(here, Registration(dispatch=False))
    promote(here, Ask(model=MODEL))
    improve(here)
    register(here, Registration(dispatch=False))
    return folder


def settle(here: World, store: Path, port: int) -> None:
    models = (here.root / "pennon.yaml").read_text().partition("environments:")[0]
    write(here.root, "pennon.yaml", models + SETTINGS.format(store=store, port=port))
    push(here, "a server on this machine, models in a store")


@pytest.fixture
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The tests' own interpreter is that of every version: no environment is made."""
    shutil.copytree(made / "desk", tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(wanted, "interpreter", lambda *_: Path(sys.executable))
    here = world(tmp_path / "work")
    found = Desk(here, made / "store", free_ports(1)[0])
    settle(here, found.store, found.port)
    yield found
    LocalTarget(here.targets, lambda _: Path(sys.executable)).stop("staging", MODEL)


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Callable[[str, Desk], None]:
    """Hold a screen to the block of the page below the heading."""
    regold = bool(request.config.getoption("--regold"))

    def shows(heading: str, desk: Desk) -> None:
        text = PAGE.read_text()
        before, found, after = text.partition(f"## {heading}\n")
        assert found, f"the page has no part {heading!r}"
        if regold:
            after = BLOCK.sub(lambda _: f"```console\n{desk.screen}```", after, count=1)
            PAGE.write_text(before + found + after)
        block = BLOCK.search(after)
        assert block
        assert block[1] == desk.screen

    return shows


Page = Callable[[str, Desk], None]


def test_the_target_is_down(desk: Desk, page: Page) -> None:
    assert desk.type("pennon deploy staging") == 0
    LocalTarget(desk.world.targets, lambda _: Path(sys.executable)).stop("staging", MODEL)
    assert desk.type("pennon health staging") != 0
    assert desk.type("pennon deploy staging") == 0
    assert desk.type("pennon health staging") == 0
    page("The target is down", desk)


def test_the_port_belongs_to_somebody_else(desk: Desk, page: Page) -> None:
    with socket.create_server(("127.0.0.1", desk.port)):
        assert desk.type("pennon deploy staging") == TargetError.exit_code
    page("The port belongs to somebody else", desk)


def test_health_is_never_green(desk: Desk, page: Page) -> None:
    deploy(desk.world, "staging", None)
    promote(desk.world, Ask(model=MODEL))
    damaged = bundle(desk.world, desk.world.state(MODEL), Version(SECOND)) / "src"
    (damaged / "shop" / "features.py").write_text("raise RuntimeError('no table of prices here')\n")
    assert desk.type("pennon deploy staging --on-failure rollback") == TargetError.exit_code
    assert desk.answers() == FIRST
    assert desk.type("pennon which churn#champion") == 0
    assert desk.type("pennon deploy staging") == 0
    page("Health never becomes green", desk)


def test_the_store_cannot_be_reached(desk: Desk, page: Page) -> None:
    away = desk.store.rename(desk.store.with_name("away"))
    shutil.rmtree(desk.world.workshop / "bundles", ignore_errors=True)
    try:
        assert desk.type("pennon deploy staging") == StoreError.exit_code
    finally:
        away.rename(desk.store)
    assert desk.type("pennon deploy staging") == 0
    page("The store cannot be reached", desk)


def test_the_artifact_was_damaged_on_the_way(desk: Desk, page: Page) -> None:
    deploy(desk.world, "staging", None)
    promote(desk.world, Ask(model=MODEL))
    shutil.rmtree(desk.world.workshop / "bundles", ignore_errors=True)
    kept = {
        file: file.read_bytes() for file in (desk.store / "sha256").rglob("*") if file.is_file()
    }
    for file, content in kept.items():
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        assert desk.type("pennon deploy staging") == ArtifactError.exit_code
        assert (
            desk.type("pennon pull churn#champion --from ../origin.git --to ~/edge")
            == ArtifactError.exit_code
        )
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
    assert desk.answers() == FIRST
    page("The artifact was damaged on the way", desk)


def test_the_disk_is_full_on_the_log(desk: Desk, page: Page, tmp_path: Path) -> None:
    log = tmp_path / "predictions"
    log.mkdir()
    (log / "predictions-00000001.jsonl").symlink_to("/dev/full")
    found = bundle(desk.world, desk.world.state(MODEL), Version(FIRST))
    with Server(found, log=log) as server:
        answer = server.post(ROW)
        assert answer.status == 200
        lost = 'pennon_log_lost_total{model="churn"} 1.0'
        server.until(lambda: lost in server.get("/metrics").body.decode())
        desk.screen = (
            desk.plain(server.output.read_text())
            + f"$ curl -s :8080/metrics | grep lost_total\n{lost}\n"
        )
    page("The disk is full on the log", desk)
