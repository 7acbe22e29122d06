"""A process killed anywhere in a verb, and the same command again: one whole result, every time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.flows.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.verify import verify
from pennon.flows.world import World
from pennon.registry import ModelState, chain, read_remote, reference
from shop import MODEL, improve, shop, world
from worlds import run_git

pytestmark = pytest.mark.slow
KILLER = Path(__file__).with_name("killer.py")


class Killer:
    """The process that kills its children at a point."""

    def __init__(self) -> None:
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # threads do not outlive a fork
        self._process = subprocess.Popen(
            [sys.executable, str(KILLER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ) | one,
        )

    def run(self, folder: Path, verb: str, at: int = 0) -> tuple[bool, list[str]]:
        """Whether it was killed, and the points that it passed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"folder": str(folder), "verb": verb, "at": at}) + "\n"
        )
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert not answer["error"], answer["error"]
        return answer["killed"], answer["points"]

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    killer = Killer()
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
    return {verb: folder / verb for verb in EVENTS}


FIRST = ["churn@v1.0.0"]
EVENTS = {
    "register": [*FIRST, "churn@v1.1.0"],
    "promote": [*FIRST, "churn#champion#1", "churn@v1.1.0", "churn#champion#2"],
    "rollback": [
        *FIRST,
        "churn#champion#1",
        "churn@v1.1.0",
        "churn#champion#2",
        "churn#champion#3",
    ],
}
MUST_BE_AMONG = {
    "register": {"during git push", "after forge upload_asset", "before forge publish_release"},
    "promote": {"during git push", "after forge download_asset", "before forge dispatch"},
    "rollback": {"during git push", "before forge dispatch"},
}
CHAMPION = {"register": "None", "promote": "v1.1.0", "rollback": "v1.0.0"}
FOLLOWS = {"register": "promote.yml", "promote": "deploy.yml", "rollback": "deploy.yml"}


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
    assert set(asked) == {FOLLOWS[verb]}


@pytest.mark.parametrize(
    ("verb", "part"), [("register", 0), ("register", 1), ("promote", None), ("rollback", None)]
)
def test_killed_anywhere_and_run_again_a_verb_is_done_exactly_once(
    before: dict[str, Path], killer: Killer, tmp_path: Path, verb: str, part: int | None
) -> None:
    shutil.copytree(before[verb], tmp_path / "whole")
    _, points = killer.run(tmp_path / "whole", verb)
    assert_done_once(tmp_path / "whole", verb)
    assert MUST_BE_AMONG[verb] <= set(points)
    left: set[str] = set()
    for at, name in enumerate(points, 1):
        if part in (None, at % 2):
            folder = tmp_path / str(at)
            shutil.copytree(before[verb], folder)
            killed, passed = killer.run(folder, verb, at)
            assert (killed, passed[-1]) == (True, name)
            if name == "during git push" or is_new(folder, left):
                killer.run(folder, verb)
                assert_done_once(folder, verb)
            shutil.rmtree(folder)


def is_new(folder: Path, left: set[str]) -> bool:
    """Whether no earlier kill has left the same, byte for byte: a run reads nothing else."""
    now = fingerprint(folder)
    if now in left:
        return False
    left.add(now)
    assert_nothing_is_half(folder)
    return True


def fingerprint(folder: Path) -> str:
    """Of every file's name and content."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


@pytest.mark.parametrize("first", ["after forge create_release", "before git push"])
@pytest.mark.parametrize("second", ["during git push", "before forge publish_release"])
def test_killed_twice_a_registration_is_done_exactly_once(
    before: dict[str, Path], killer: Killer, tmp_path: Path, first: str, second: str
) -> None:
    shutil.copytree(before["register"], tmp_path / "whole")
    _, points = killer.run(tmp_path / "whole", "register")
    folder = tmp_path / "twice"
    shutil.copytree(before["register"], folder)
    for name in (first, second):
        killed, passed = killer.run(folder, "register", points.index(name) + 1)
        assert (killed, passed[-1]) == (True, name)
    killer.run(folder, "register")
    assert_done_once(folder, "register")


@pytest.mark.parametrize("point", ["after git push", "before forge dispatch"])
def test_the_check_sees_what_a_kill_has_left(
    before: dict[str, Path], killer: Killer, tmp_path: Path, point: str
) -> None:
    shutil.copytree(before["register"], tmp_path / "whole")
    _, points = killer.run(tmp_path / "whole", "register")
    shutil.copytree(before["register"], tmp_path / "half")
    killer.run(tmp_path / "half", "register", points.index(point) + 1)
    with pytest.raises(AssertionError):
        assert_done_once(tmp_path / "half", "register")
