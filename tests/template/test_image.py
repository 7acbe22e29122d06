"""The image of a baked repository, held to facts: there is no engine here to build it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dockerfiles import commands, last, lines
from pennon import __version__
from pennon.flows.new import bake
from worlds import run_git

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def flaws(text: str, folder: Path) -> set[str]:
    instructions = lines(text)
    found = set()
    if last(instructions, "USER") not in made_users(text):
        found.add("it runs as root, or as a user that it does not make")
    committed = run_git(folder, "ls-files").splitlines()
    copied = [line.rest.split()[:-1] for line in instructions if line.instruction == "COPY"]
    for names in (it for it in copied if not it[0].startswith("--from=")):
        found |= {f"{name} is not in the repository" for name in names if name not in committed}
    for words in commands(instructions):
        if "pip" in words and "install" in words:
            asked = words[words.index("install") + 1 :]
            found |= {f"{word} is not pinned" for word in asked if re.fullmatch(r"[a-z]+", word)}
        if "sync" in words and "--require-hashes" not in words:
            found.add("the lock is installed without its hashes")
    return found


def made_users(text: str) -> set[str]:
    """The numbers of the users that the image makes; root's is not among them."""
    made = [words for words in commands(lines(text)) if words[0] == "useradd"]
    return {words[words.index("--uid") + 1] for words in made} - {"0"}


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake(tmp_path_factory.mktemp("new") / "flights", {})


@pytest.fixture(scope="module")
def text(baked: Path) -> str:
    return (baked / "Dockerfile").read_text()


def test_the_image_is_pinned_unprivileged_and_made_of_what_is_there(text: str, baked: Path) -> None:
    assert flaws(text, baked) == set()


DEFECTS = {
    "it runs as root, or as a user that it does not make": ("USER 10001\n", "USER 0\n"),
    "models.lock is not in the repository": ("COPY requirements.lock", "COPY models.lock"),
    "uv is not pinned": ("uv==0.13.*", "uv"),
    "pennon is not pinned": (f"pennon=={__version__}", "pennon"),
    "the lock is installed without its hashes": ("--require-hashes ", ""),
}


@pytest.mark.parametrize("flaw", DEFECTS)
def test_a_defect_of_the_image_is_found(flaw: str, text: str, baked: Path) -> None:
    old, new = DEFECTS[flaw]
    assert old in text
    assert flaws(text.replace(old, new), baked) == {flaw}


FILES = ["Dockerfile", ".devcontainer/devcontainer.json", "README.md"]


@pytest.mark.parametrize("name", FILES)
def test_the_pennon_that_is_installed_is_the_one_that_baked(name: str, baked: Path) -> None:
    pinned = re.findall(r"--no-deps [\"']?pennon(\S*?)[\"'`]", (baked / name).read_text())
    assert pinned == [f"=={__version__}"]


@pytest.mark.parametrize("name", FILES[:2])
def test_the_uv_that_is_installed_is_of_the_locked_minor(name: str, baked: Path) -> None:
    lock = (ROOT / "scripts" / "locks" / "dev.txt").read_text()
    minor = re.search(r"^uv==(\d+\.\d+)\.", lock, re.MULTILINE)
    assert minor
    assert f"uv=={minor[1]}.*" in (baked / name).read_text()


def test_every_requirement_of_the_lock_has_its_hashes(baked: Path) -> None:
    lock = (baked / "requirements.lock").read_text()
    blocks = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)
    assert [block for block in blocks if block and "--hash=sha256:" not in block] == []


def test_uv_takes_the_lock_as_the_image_gives_it(baked: Path, text: str, tmp_path: Path) -> None:
    (sync,) = [words for words in commands(lines(text)) if "sync" in words]
    subprocess.run([UV, "venv", "--quiet", tmp_path / "venv"], check=True)
    places = {"/venv/bin/python": str(tmp_path / "venv" / "bin" / "python")}
    places["/requirements.lock"] = "requirements.lock"
    command = [str(UV), *(places.get(word, word) for word in sync[1:]), "--dry-run"]
    done = subprocess.run(command, cwd=baked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "scikit-learn==" in done.stderr


def test_what_the_image_runs_takes_these_options_on_the_port_that_it_names(text: str) -> None:
    found = lines(text)
    command = json.loads(last(found, "CMD"))
    port = command[command.index("--port") + 1]
    assert last(found, "EXPOSE") == port
    assert f"127.0.0.1:{port}/health" in last(found, "HEALTHCHECK")
    told = subprocess.run(
        [sys.executable, *command[1:3], "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [word for word in command if word.startswith("--") and word not in told] == []


def test_a_linter_finds_nothing(baked: Path) -> None:
    linted = [UV.with_name("hadolint"), baked / "Dockerfile"]
    done = subprocess.run(linted, capture_output=True, text=True, check=False)
    assert done.stdout == ""
