"""A process killed anywhere in a verb, and the same command again: one whole result, every time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pennon.flows.assignment.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.versions.verify import verify
from pennon.flows.world import World
from pennon.registry import ModelState, read_remote, reference
from pennon.registry.audit import chain
from shop import MODEL, improve, shop, world
from worlds import run_git

pytestmark = pytest.mark.slow
EACH = "each"
PUSHING = "during git push"
KILLER = Path(__file__).with_name("killer.py")


class Killer:
    """The process whose children kill themselves at a point."""

    def __init__(self, folder: str) -> None:
        self._door = f"{folder}/door"
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # threads do not outlive a fork
        swept = {"TMPDIR": folder}  # the killed leave their temporary files
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(self._door)
            door.listen()
            self._process = subprocess.Popen(
                [sys.executable, str(KILLER), str(door.fileno())],
                pass_fds=[door.fileno()],
                env=dict(os.environ) | one | swept,
            )

    def run(self, folder: Path, verb: str, at: int | str = 0) -> tuple[bool, list[str]]:
        """Whether it was killed, and the points that it passed."""
        said = list(self._hear(folder, verb, at))
        return "done" not in said[-1], [words["point"] for words in said if "point" in words]

    def everywhere(self, folder: Path, verb: str) -> Iterator[str]:
        """Each point, with `folder` as a kill there left it.

        It may be changed, and has to be put back: another process, the same as the one that was
        killed, goes on in it to the next point, and at last to the end.
        """
        point, done = "", False
        for words in self._hear(folder, verb, EACH):
            point, done = words.get("point", point), "done" in words
            if "signal" in words:
                assert words["signal"] == signal.SIGKILL
                yield point
        assert done

    def _hear(self, folder: Path, verb: str, at: int | str) -> Iterator[dict[str, Any]]:
        with socket.socket(socket.AF_UNIX) as child:
            child.connect(self._door)
            asked = json.dumps({"folder": str(folder), "verb": verb, "at": at})
            child.sendall(f"{asked}\n".encode())
            with child.makefile() as lines:
                for line in lines:
                    words = json.loads(line)
                    assert "error" not in words, words["error"]
                    yield words
                    if "signal" in words:
                        child.sendall(b"\n")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    with TemporaryDirectory() as folder:  # a socket's name has to be short
        killer = Killer(folder)
        yield killer
        killer.close()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The repository as each verb finds it."""
    folder = tmp_path_factory.mktemp("before")
    here = shop(folder / "now")
    register(here, Registration())
    improve(here)
    shutil.copytree(folder / "now", folder / "register")
    promote(here, Ask(model=MODEL))
    register(here, Registration())
    shutil.copytree(folder / "now", folder / "promote")
    promote(here, Ask(model=MODEL))
    shutil.copytree(folder / "now", folder / "rollback")
    return {verb: folder / verb for verb in EVENTS} | {"retire": folder / "rollback"}


FIRST = ["churn@v1.0.0"]
PROMOTED = [*FIRST, "churn#champion#1", "churn@v1.1.0", "churn#champion#2"]
EVENTS = {
    "register": [*FIRST, "churn@v1.1.0"],
    "promote": PROMOTED,
    "rollback": [*PROMOTED, "churn#champion#3"],
    "retire": [*PROMOTED, "churn#champion!#3", "churn#champion!#4"],
}
MUST_BE_AMONG = {
    "register": {"after git push", "after forge upload_asset", "before forge publish_release"},
    "promote": {"after git push", "after forge download_asset", "before forge dispatch"},
    "rollback": {"after git push", "before forge dispatch"},
    "retire": {"after git push"},
}
CHAMPION = {"register": "None", "promote": "v1.1.0", "rollback": "v1.0.0", "retire": "None"}
FOLLOWS = {
    "register": {"promote.yml"},
    "promote": {"deploy.yml"},
    "rollback": {"deploy.yml"},
    "retire": set(),
}


def state_of(here: World) -> ModelState:
    """The ledger, after what must hold at any moment: one chain, its head, no tag of our own."""
    state, head = read_remote(here.repo, MODEL)
    assert chain(state) == []
    assert state.last is not None
    assert head == state.last.oid
    return state


def own_tags(work: Path) -> set[str]:
    """Tags of this clone that its remote does not have."""
    mine = run_git(work, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
    theirs = run_git(work, "ls-remote", "--refs", "--tags", "origin")
    return set(mine.split("\n")) - set(theirs.replace("\t", " ").split("\n"))


def assert_nothing_is_half(folder: Path) -> None:
    """Right after the kill: a version has its files, be it in a draft that is to be published."""
    shutil.copytree(folder, folder / "copy")  # reading brings tags into a clone
    here = world(folder / "copy" / "work")
    assert own_tags(here.root) == set()
    state = state_of(here)
    drafts = here.forge.drafts("")
    for event in state.versions.values():
        release = here.forge.release(event.tag) or (drafts and drafts[0])
        assert release
        assert {"model.skops", "manifest.json", "evaluation.json"} <= {
            asset.name for asset in release.assets
        }
    shutil.rmtree(folder / "copy")


def assert_done_once(folder: Path, verb: str) -> None:
    """After the same command again: exactly what one command that nobody killed would leave."""
    here = world(folder / "work")
    assert own_tags(here.root) == set()
    state = state_of(here)
    assert [event.tag for event in state.events] == EVENTS[verb]
    assert str(state.holder("champion")) == CHAMPION[verb]
    for version in state.versions:
        checks = verify(here, reference(f"{MODEL}@{version}"))
        assert all(check.ok for check in checks), checks
    releases = sorted(path.name for path in (folder / "forge" / "releases").glob("*"))
    assert releases == [".ids", *(f"{MODEL}@{version}" for version in state.versions)]
    assert here.forge.drafts("") == []
    asked = [it.workflow for it in here.forge.dispatches()]  # type: ignore[attr-defined]  # the local forge has it
    assert set(asked) == FOLLOWS[verb]


@pytest.mark.parametrize("verb", EVENTS)
def test_killed_anywhere_and_run_again_a_verb_is_done_exactly_once(
    killer: Killer, before: dict[str, Path], tmp_path: Path, verb: str
) -> None:
    """`pytest -p no:xdist -rP tests/crash` prints how many kills and states that were.

    With PENNON_EVERY_KILL=1 the command is run again after each kill, whatever the kill left.
    """
    now, aside = tmp_path / "now", tmp_path / "aside"
    shutil.copytree(before[verb], now)
    points: list[str] = []
    left: set[str] = set()
    again = 0
    for point in killer.everywhere(now, verb):
        points.append(point)
        if is_new(now, left) or "PENNON_EVERY_KILL" in os.environ:
            again += 1
            shutil.copytree(now, aside)
            killer.run(now, verb)
            assert_done_once(now, verb)
            shutil.rmtree(now)
            aside.rename(now)
    assert_done_once(now, verb)  # by the process that lived on
    assert MUST_BE_AMONG[verb] <= set(points)
    sys.stdout.write(f"{verb}: {len(points)} points and kills, which left {len(left)} states;\n")
    sys.stdout.write(f"{verb}: {again} runs after a kill, each of them done exactly once\n")


@pytest.mark.parametrize("verb", EVENTS)
def test_killed_while_its_push_goes_on_a_verb_is_done_exactly_once(
    killer: Killer, before: dict[str, Path], tmp_path: Path, verb: str
) -> None:
    shutil.copytree(before[verb], tmp_path, dirs_exist_ok=True)
    killed, passed = killer.run(tmp_path, verb, PUSHING)
    assert (killed, passed[-1]) == (True, PUSHING)
    killer.run(tmp_path, verb)
    assert_done_once(tmp_path, verb)


def test_a_process_that_split_leaves_what_one_leaves_that_did_not(
    killer: Killer, before: dict[str, Path], tmp_path: Path
) -> None:
    """A rollback's files depend on nothing but its clock: after any kill they can be compared."""
    shutil.copytree(before["rollback"], tmp_path / "now")
    split = [
        (point, fingerprint(tmp_path / "now"))
        for point in killer.everywhere(tmp_path / "now", "rollback")
    ]
    assert split
    _, points = killer.run(shutil.copytree(before["rollback"], tmp_path / "whole"), "rollback")
    alone = []
    for at, name in enumerate(points, 1):
        if name != PUSHING:
            killer.run(shutil.copytree(before["rollback"], tmp_path / str(at)), "rollback", at)
            alone.append((name, fingerprint(tmp_path / str(at))))
    assert split == alone


def is_new(folder: Path, left: set[str]) -> bool:
    """Whether no earlier kill has left the same, byte for byte: a run reads nothing else."""
    now = fingerprint(folder)
    if now in left:
        return False
    left.add(now)
    assert_nothing_is_half(folder)
    return True


def fingerprint(folder: Path) -> str:
    """Of every folder's name, and every file's name and content."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path.relative_to(folder)}\n".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.mark.parametrize("first", ["after forge create_release", "before git push"])
@pytest.mark.parametrize("second", [PUSHING, "before forge publish_release"])
def test_killed_twice_a_registration_is_done_exactly_once(
    killer: Killer, before: dict[str, Path], tmp_path: Path, first: str, second: str
) -> None:
    shutil.copytree(before["register"], tmp_path, dirs_exist_ok=True)
    for point in (first, second):
        killed, passed = killer.run(tmp_path, "register", point)
        assert (killed, passed[-1]) == (True, point)
    killer.run(tmp_path, "register")
    assert_done_once(tmp_path, "register")


@pytest.mark.parametrize("point", ["after git push", "before forge dispatch"])
def test_the_check_sees_what_a_kill_has_left(
    killer: Killer, before: dict[str, Path], tmp_path: Path, point: str
) -> None:
    shutil.copytree(before["register"], tmp_path, dirs_exist_ok=True)
    killer.run(tmp_path, "register", point)
    with pytest.raises(AssertionError):
        assert_done_once(tmp_path, "register")
