"""Following a version with git and a store: real repositories, real kills."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys import sign_with, ssh_key
from pennon.artifacts.archive import check, pack
from pennon.artifacts.bundle import Bundle
from pennon.errors import (
    ArtifactError,
    ConflictError,
    ForgeError,
    GitError,
    RegistryError,
)
from pennon.flows.assignment.assign import Ask as Assignment
from pennon.flows.assignment.assign import Then
from pennon.flows.promote import promote
from pennon.flows.pull import Ask, Puller, age
from pennon.flows.rollback import rollback
from pennon.flows.versions.offers import archives, registry
from pennon.forge.local import LocalForge
from pennon.git.mirror import copy
from pennon.registry import reference
from pennon.targets import Order, Place
from pennon.targets import bundle as target
from shop import MODEL, push, world, write
from worlds import Ledger, new_clone, run_git

Patch = pytest.MonkeyPatch
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Machine:
    """One that follows the repository in `folder`, and its clock."""

    def __init__(self, folder: Path, wanted: str = MODEL) -> None:
        self.folder = folder
        self.here = world(folder / "work")
        self.to = folder / "edge"
        self.wanted = wanted
        self.clock = NOON
        self.said: list[str] = []

    def pull(self, to: Path | None = None, *, keep: int = 2, signers: Path | None = None) -> str:
        """The version that is current then."""
        return self.puller(to, keep=keep, signers=signers).once().version

    def puller(
        self, to: Path | None = None, *, keep: int = 2, signers: Path | None = None
    ) -> Puller:
        asked = reference(self.wanted)
        source = str(self.folder / "origin.git")

        def look(seen: str) -> object:
            followed = replace(self.here, repo=copy(source, (to or self.to) / ".pull"))
            return registry(followed, asked, signers)(seen)

        ask = Ask(model=asked.model, source=source, to=to or self.to, keep=keep)
        return Puller(ask, look, lambda: self.clock, self.said.append)  # type: ignore[arg-type]

    def current(self) -> str:
        """The version, after a look at every file."""
        check((self.to / "current").resolve())
        return Bundle(self.to / "current").facts.version

    def left(self) -> list[str]:
        """What should not lie there."""
        known = {"current", "versions", "pull.json", ".pull"}
        odd = [it.name for it in self.to.iterdir() if it.name not in known]
        for folder in (self.to / "versions", self.to / ".pull"):
            odd += [it.name for it in folder.iterdir() if it.name.startswith(".new")]
        return odd


@pytest.fixture
def machine(challenged: Path, tmp_path: Path) -> Machine:
    """v1.0.0 is champion, v1.1.0 registered."""
    shutil.copytree(challenged, tmp_path, dirs_exist_ok=True)
    return Machine(tmp_path)


def test_a_stage_is_followed_and_so_is_its_rollback(machine: Machine) -> None:
    assert (machine.pull(), machine.current()) == ("v1.0.0", "v1.0.0")
    promote(machine.here, Assignment(model=MODEL))
    assert (machine.pull(), machine.current()) == ("v1.1.0", "v1.1.0")
    rollback(machine.here, Assignment(model=MODEL, reason="wrong", then=Then.NOTHING))
    machine.said.clear()
    assert (machine.pull(), machine.current()) == ("v1.0.0", "v1.0.0")
    assert machine.said == []  # it lay there still
    assert machine.left() == []


def test_what_is_pulled_answers(machine: Machine) -> None:
    import pandas as pd  # noqa: PLC0415  the others need none

    machine.pull()
    rows = pd.DataFrame({"id": [1], "age": [40.0], "spend": [90.0], "country": ["DE"]})
    assert Bundle(machine.to / "current").predict(rows).shape == (1,)


def test_a_version_by_its_number_and_an_unknown_stage(machine: Machine) -> None:
    machine.wanted = f"{MODEL}@v1.1.0"
    assert machine.pull() == "v1.1.0"
    machine.wanted = f"{MODEL}#canary"
    with pytest.raises(RegistryError, match=r"holds the stage 'canary'; .*v1\.1\.0 stays current"):
        machine.pull()


def test_the_same_again_downloads_nothing(machine: Machine, monkeypatch: Patch) -> None:
    machine.pull()
    before = (machine.to / "current").resolve()
    monkeypatch.setattr(LocalForge, "download_asset", pytest.fail)
    assert not machine.puller().once().changed
    assert (machine.to / "current").resolve() == before


def test_without_a_network_the_last_version_stays_and_its_age_is_told(machine: Machine) -> None:
    machine.pull()
    (machine.folder / "origin.git").rename(machine.folder / "away.git")
    machine.clock += timedelta(hours=30)
    with pytest.raises(GitError, match=r"v1\.0\.0 stays current, last confirmed 30 hours ago"):
        machine.pull()
    assert machine.current() == "v1.0.0"
    (machine.folder / "away.git").rename(machine.folder / "origin.git")
    assert machine.pull() == "v1.0.0"


def test_without_a_network_at_the_first_time_nothing_is_there(machine: Machine) -> None:
    (machine.folder / "origin.git").rename(machine.folder / "away.git")
    with pytest.raises(GitError, match="has no version yet"):
        machine.pull()
    assert not (machine.to / "current").exists()


@pytest.mark.parametrize("seconds", [0, 119, 120, 7200, 172800])
def test_an_age_has_one_unit(seconds: int) -> None:
    known = {0: "0 seconds", 119: "119 seconds", 120: "2 minutes", 7200: "2 hours"}
    assert age(seconds) == known.get(seconds, "2 days")


def damaged(machine: Machine) -> None:
    (asset,) = machine.folder.glob("forge/releases/churn@v1.1.0/assets/model.skops")
    asset.write_bytes(asset.read_bytes()[:-9])


def removed(machine: Machine) -> None:
    shutil.rmtree(machine.folder / "forge" / "releases" / "churn@v1.1.0")


def moved(machine: Machine) -> None:
    """Somebody moves the newest event to another commit, as only force can."""
    origin = machine.folder / "origin.git"
    tag = run_git(origin, "tag", "--list", "churn#champion#*", "--sort=-taggerdate").split()[0]
    run_git(origin, "tag", "--force", "--annotate", "-m", "other", tag, "HEAD")


def deleted(machine: Machine) -> None:
    machine.pull()
    origin = machine.folder / "origin.git"
    tag = run_git(origin, "tag", "--list", "churn#champion#*", "--sort=-taggerdate").split()[0]
    run_git(origin, "tag", "--delete", tag)


WRONG = {
    "damaged": (damaged, ArtifactError, "is not the file that was recorded"),
    "removed": (removed, ForgeError, "has no file model.skops"),
    "moved": (moved, RegistryError, "are not what was written"),
    "deleted": (deleted, RegistryError, "are not what was written"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_keeps_the_last_good_version(machine: Machine, name: str) -> None:
    act, kind, words = WRONG[name]
    machine.pull()
    promote(machine.here, Assignment(model=MODEL))
    act(machine)
    before = machine.current()
    with pytest.raises(kind, match=f"{words}.*{before} stays current"):
        machine.pull()
    assert (machine.current(), machine.left()) == (before, [])


def test_a_damaged_current_version_is_made_anew(machine: Machine) -> None:
    machine.pull()
    (machine.to / "current" / "model.skops").write_bytes(b"flipped by a bad disk")
    assert machine.puller().once().changed
    assert machine.current() == "v1.0.0"
    assert "was damaged" in machine.said[1]


def test_bytecode_that_a_server_leaves_is_no_damage(machine: Machine) -> None:
    machine.pull()
    (cache := machine.to / "current" / "src" / "__pycache__").mkdir()
    (cache / "it.pyc").write_bytes(b"")
    assert not machine.puller().once().changed


def test_old_versions_go_and_the_current_one_never(machine: Machine) -> None:
    for version in ("v1.0.0", "v1.1.0", "v1.0.0"):
        machine.wanted = f"{MODEL}@{version}"
        machine.pull(keep=1)
    assert len(list((machine.to / "versions").iterdir())) == 2
    machine.wanted = f"{MODEL}@v1.1.0"
    machine.pull(keep=0)
    assert [it.name[:6] for it in (machine.to / "versions").iterdir()] == ["v1.1.0"]
    assert machine.current() == "v1.1.0"


def test_a_folder_follows_one_model(machine: Machine) -> None:
    machine.pull()
    machine.wanted = "delay"
    with pytest.raises(ConflictError, match="follows churn; each model needs"):
        machine.pull()


def test_a_full_disk_is_one_error(machine: Machine, monkeypatch: Patch) -> None:
    machine.pull()
    promote(machine.here, Assignment(model=MODEL))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LocalForge, "download_asset", full)
    with pytest.raises(ArtifactError, match=r"No space left.*v1\.0\.0 stays current"):
        machine.pull()
    assert (machine.current(), machine.left()) == ("v1.0.0", [])


def test_it_looks_again_and_again_whatever_happens(machine: Machine) -> None:
    away = machine.folder / "away.git"
    origin = machine.folder / "origin.git"
    acts: list[Callable[[], object]] = [
        lambda: promote(machine.here, Assignment(model=MODEL)),
        lambda: origin.rename(away),
        lambda: away.rename(origin),
    ]

    def sleep(seconds: float) -> None:
        assert seconds == 5
        machine.clock += timedelta(minutes=3)
        if not acts:
            raise KeyboardInterrupt
        acts.pop(0)()

    with pytest.raises(KeyboardInterrupt):
        machine.puller().forever(5, sleep)
    told = [it for it in machine.said if not it.startswith("bringing")]
    assert told[0] == f"churn@v1.0.0 is current in {machine.to}"
    assert told[1] == f"churn@v1.1.0 is current in {machine.to}"
    assert told[2].endswith("v1.1.0 stays current, last confirmed 3 minutes ago")
    assert len(told) == 3


def test_every_event_may_have_to_be_signed(machine: Machine, tmp_path: Path) -> None:
    (signers := tmp_path / "signers").write_text("")
    with pytest.raises(RegistryError, match="is not signed as it has to be: no signature"):
        machine.pull(signers=signers)
    assert not (machine.to / "current").exists()


def test_a_ledger_whose_every_event_is_signed_is_followed(tmp_path: Path) -> None:
    work = new_clone(tmp_path)
    good, bad = ssh_key(tmp_path / "good"), ssh_key(tmp_path / "bad")
    sign_with(work, str(good), "ssh")
    ledger = Ledger(work)
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    (signers := tmp_path / "signers").write_text(f"ada@example.com {good.read_text()}")
    look = registry(world(work), reference(MODEL), signers)
    assert look("").version == "v1.0.0"
    signers.write_text(f"ada@example.com {bad.read_text()}")
    with pytest.raises(RegistryError, match="is not signed as it has to be"):
        look("")


PULL = """
import sys
from pathlib import Path
from flows.test_pull import Machine
machine = Machine(Path(sys.argv[1]))
machine.pull(Path(sys.argv[2]))
"""


def test_two_at_once_wait_for_each_other(machine: Machine) -> None:
    command = [sys.executable, "-c", PULL, str(machine.folder), str(machine.to)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    both = [subprocess.Popen(command, env=environment) for _ in range(3)]
    assert [it.wait(120) for it in both] == [0, 0, 0]
    assert (machine.current(), machine.left()) == ("v1.0.0", [])
    assert len(list((machine.to / "versions").iterdir())) == 1


STEPS = {
    "open",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "shutil.rmtree",
    "subprocess.Popen",
}
KILLED = 137


def killed_at(step: int, act: Callable[[], object]) -> bool:
    """Do it in a process that dies before its `step`th change of the world; False where it ended.

    An open file that is not written to changes nothing.
    """
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event not in STEPS or (event == "open" and not _writes(arguments)):
                return
            left[0] -= 1
            if left[0] == 0:
                os._exit(KILLED)

        sys.addaudithook(hook)
        try:
            act()
        except BaseException:  # noqa: BLE001  a process of its own: its end is all that is seen
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}
    return code == KILLED


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("first", [True, False], ids=["the first", "the next"])
def test_killed_anywhere_it_never_has_half_a_version(machine: Machine, *, first: bool) -> None:
    """`pytest -rP -k killed tests/flows/test_pull.py` prints at how many points that was."""
    before = None if first else machine.pull()
    promote(machine.here, Assignment(model=MODEL))
    kept = machine.folder / "kept"
    if before:
        shutil.copytree(machine.to, kept, symlinks=True)
    step = 0
    while True:
        step += 1
        shutil.rmtree(machine.to, ignore_errors=True)
        if before:
            shutil.copytree(kept, machine.to, symlinks=True)
        was_killed = killed_at(step, machine.pull)
        if (machine.to / "current").exists():
            assert machine.current() in {before, "v1.1.0"}
        else:
            assert before is None
        assert machine.pull() == machine.current() == "v1.1.0"
        assert machine.left() == []
        if not was_killed:
            break
    assert step > 20
    sys.stdout.write(f"{step - 1} kills, none of which left half a version\n")


# Archives of the target `bundle`.


@pytest.fixture
def offered(machine: Machine) -> Callable[[str], str]:
    """Write a version to a place for archives, as a deployment does; the address of its pointer."""
    place = machine.folder / "place"

    def write_version(version: str) -> str:
        from pennon.flows.versions.bundle import bundle  # noqa: PLC0415  as in a deployment
        from pennon.flows.versions.release import manifest  # noqa: PLC0415
        from pennon.registry import resolve  # noqa: PLC0415

        state, number = resolve(machine.here.repo, reference(f"{MODEL}@{version}"))
        order = Order(
            environment="edge",
            model=MODEL,
            version=version,
            port=0,
            artifact=manifest(state, number).artifact,
        )
        where = Place(
            settings={"to": str(place)},
            url="",
            folder=machine.folder,
            bundle=lambda: bundle(machine.here, state, number),
            interpreter=lambda folder: folder,
        )
        found = target.apply(order, where)
        again = target.health(order, where)
        assert again is not None
        assert (again.version, again.url) == (found.version, found.url)
        return found.url

    return write_version


def from_archive(machine: Machine, where: str) -> str:
    ask = Ask(model=MODEL, source=where, to=machine.to)
    look = archives(where, reference(machine.wanted))
    return Puller(ask, look, lambda: machine.clock, machine.said.append).once().version


def test_a_place_of_archives_is_followed(machine: Machine, offered: Callable[[str], str]) -> None:
    where = offered("v1.0.0")
    assert where == f"{machine.folder}/place/edge/churn/current.json"
    assert from_archive(machine, where) == machine.current() == "v1.0.0"
    offered("v1.1.0")
    assert from_archive(machine, where) == machine.current() == "v1.1.0"
    assert machine.left() == []


def test_an_archive_carried_by_hand_is_unpacked(
    machine: Machine, offered: Callable[[str], str]
) -> None:
    offered("v1.0.0")
    (archive,) = (machine.folder / "place" / "sha256").rglob("??????*")
    shutil.copy(archive, machine.folder / "churn-v1.0.0.tar.gz")
    found = from_archive(machine, str(machine.folder / "churn-v1.0.0.tar.gz"))
    assert found == machine.current() == "v1.0.0"


@pytest.mark.parametrize("defect", ["corrupted", "another", "removed", "half a pointer"])
def test_a_place_that_is_damaged_keeps_the_last_good_version(
    machine: Machine, offered: Callable[[str], str], defect: str
) -> None:
    where = offered("v1.0.0")
    from_archive(machine, where)
    before = {*(machine.folder / "place" / "sha256").rglob("??????*")}
    offered("v1.1.0")
    (archive,) = {*(machine.folder / "place" / "sha256").rglob("??????*")} - before
    match defect:
        case "corrupted":
            archive.write_bytes(archive.read_bytes()[:-100])
        case "another":
            (old,) = before
            shutil.copy(old, archive)
        case "removed":
            archive.unlink()
        case _:
            Path(where).write_text('{"model": "ch')
    with pytest.raises(ArtifactError, match=r"v1\.0\.0 stays current"):
        from_archive(machine, where)
    assert (machine.current(), machine.left()) == ("v1.0.0", [])


def test_an_archive_of_another_version_than_its_name_says_is_not_used(
    machine: Machine, offered: Callable[[str], str]
) -> None:
    """Whoever may write the pointer still cannot call one version another."""
    where = offered("v1.0.0")
    text = Path(where).read_text()
    Path(where).write_text(text.replace('"v1.0.0"', '"v9.0.0"'))
    with pytest.raises(ArtifactError, match=r"v1\.0\.0 came in the place of churn@v9\.0\.0"):
        from_archive(machine, where)


def test_an_archive_has_no_stage_and_one_model(
    machine: Machine, offered: Callable[[str], str]
) -> None:
    where = offered("v1.0.0")
    machine.wanted = f"{MODEL}#champion"
    with pytest.raises(RegistryError, match="an archive has no stage"):
        from_archive(machine, where)
    machine.wanted = f"{MODEL}@v1.1.0"
    with pytest.raises(RegistryError, match=r"is churn@v1\.0\.0"):
        from_archive(machine, where)


def test_what_is_no_bundle_is_not_unpacked(machine: Machine) -> None:
    (odd := machine.folder / "odd").mkdir()
    (odd / "README.md").write_text("hello")
    pack(odd, machine.folder / "odd.tar.gz", "odd")
    with pytest.raises(ArtifactError, match="is no bundle"):
        from_archive(machine, str(machine.folder / "odd.tar.gz"))


# The command.


def command(machine: Machine, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pennon", "pull", *arguments, "--to", str(machine.to)],
        cwd=machine.folder,
        env=os.environ | {"PENNON_FORGE": f"local:{machine.folder / 'forge'}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_needs_a_path_and_says_what_is_current(machine: Machine) -> None:
    done = command(machine, "churn#champion", "--from", "origin.git")
    assert (done.returncode, done.stdout) == (
        0,
        f"churn@v1.0.0 is current in {machine.to}\n",
    ), done.stderr
    assert machine.current() == "v1.0.0"
    shutil.rmtree(machine.folder / "origin.git")
    gone = command(machine, "churn#champion", "--from", "origin.git")
    assert gone.returncode == 10
    assert "v1.0.0 stays current" in gone.stderr


def test_an_alias_of_a_stage_is_understood(machine: Machine) -> None:
    text = (machine.here.root / "pennon.yaml").read_text()
    write(machine.here.root, "pennon.yaml", f"{text}aliases: {{prod: champion}}\n")
    push(machine.here, "an alias")
    done = command(machine, "churn#prod", "--from", "origin.git")
    assert done.returncode == 0, done.stderr


LIGHT = """
import sys
from pennon.cli import cli
try: cli(sys.argv[1:], prog_name="pennon", standalone_mode=False)
finally: print(sorted({"fsspec", "numpy", "pandas", "sklearn", "github"} & set(sys.modules)))
"""


def test_it_is_light(machine: Machine) -> None:
    arguments = ["pull", MODEL, "--from", "origin.git", "--to", str(machine.to)]
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *arguments],
        cwd=machine.folder,
        env=os.environ | {"PENNON_FORGE": f"local:{machine.folder / 'forge'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
