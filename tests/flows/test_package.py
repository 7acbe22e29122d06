"""What an image of a version is built from: complete, locked, and the same whenever it is made."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dockerfiles import commands, last, lines
from pennon.cli import cli
from pennon.errors import ConfigError, RegistryError
from pennon.flows.demo.play import free_ports
from pennon.flows.package import Packaged, package
from pennon.flows.register import Ask, register
from pennon.flows.world import World
from pennon.registry import Reference, reference
from pennon.targets import process
from shop import MODEL, shop, world

ASKED = reference(f"{MODEL}@v1.0.0")
HERE = Path(sys.executable).parent
LOCKS = Path(__file__).parents[2] / "scripts" / "locks"
KEPT = ("pennon.yaml", "params.yaml", "requirements.lock", "src/shop/model.py", "model.skops")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    found = shop(tmp_path_factory.mktemp("package"))
    register(found, Ask(dispatch=False))
    return world(found.root)


@pytest.fixture(scope="module")
def made(here: World, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    return package(here, ASKED, tmp_path_factory.mktemp("made") / "image", dry_run=False)


@pytest.fixture(scope="module")
def text(made: Packaged) -> str:
    return (Path(made.folder) / "Dockerfile").read_text()


def contents(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every file with its content, its mode and its time."""
    files = sorted(it for it in folder.rglob("*") if it.is_file())
    return {
        it.relative_to(folder).as_posix(): (
            it.read_bytes(),
            it.stat().st_mode,
            it.stat().st_mtime_ns,
        )
        for it in files
    }


def test_the_context_has_the_bundle_and_this_pennon(made: Packaged) -> None:
    folder = Path(made.folder)
    assert [name for name in KEPT if not (folder / "bundle" / name).is_file()] == []
    assert (folder / "pennon" / "serving" / "__main__.py").is_file()
    assert sorted(made.files) == sorted(contents(folder))


def test_a_context_is_the_same_whenever_it_is_made(
    here: World, made: Packaged, tmp_path: Path
) -> None:
    package(here, ASKED, tmp_path / "again", dry_run=False)
    assert contents(tmp_path / "again") == contents(Path(made.folder))


def test_everything_that_the_image_copies_is_in_the_context(text: str, made: Packaged) -> None:
    copied = [it.rest.split()[0] for it in lines(text) if it.instruction == "COPY"]
    own = [name for name in copied if not name.startswith("--from=")]
    assert own == ["bundle/requirements.lock", "pennon", "bundle"]
    assert [name for name in own if not (Path(made.folder) / name).exists()] == []


def test_the_image_runs_unprivileged_and_is_locked(text: str) -> None:
    found = lines(text)
    assert last(found, "USER") == "10001:10001"
    (sync,) = [words for words in commands(found) if "sync" in words]
    assert "--require-hashes" in sync
    pinned = [word for words in commands(found) for word in words if word.startswith("uv==")]
    lock = (LOCKS / "dev.txt").read_text()
    assert pinned == re.findall(r"^(uv==\S+)", lock, re.MULTILINE)


@pytest.mark.parametrize(("lock", "code"), [("core.txt", 0), ("unhashed.txt", 1)])
def test_uv_takes_the_lock_as_the_image_gives_it(
    text: str, tmp_path: Path, lock: str, code: int
) -> None:
    (tmp_path / "unhashed.txt").write_text("click==8.2.0\n")
    (sync,) = [words for words in commands(lines(text)) if "sync" in words]
    subprocess.run([HERE / "uv", "venv", "--quiet", "--relocatable", tmp_path / "venv"], check=True)
    file = LOCKS / lock if (LOCKS / lock).exists() else tmp_path / lock
    places = {"/venv/bin/python": f"{tmp_path}/venv/bin/python", "/requirements.lock": str(file)}
    words = [places.get(word, word) for word in sync[1:]]
    done = subprocess.run(
        [HERE / "uv", *words, "--dry-run"], capture_output=True, text=True, check=False
    )
    assert bool(done.returncode) == bool(code), done.stderr


def test_labels_say_where_the_image_comes_from(here: World, text: str, made: Packaged) -> None:
    said = dict(it.split("=", 1) for it in shlex.split(last(lines(text), "LABEL")))
    assert said == made.labels
    state = here.state(MODEL)
    assert (
        said["org.opencontainers.image.revision"]
        == state.versions[next(iter(state.versions))].commit
    )
    assert said["org.opencontainers.image.version"] == "v1.0.0"
    assert said["io.github.pennon-ml.artifact"].startswith("sha256:")


def test_a_linter_finds_nothing(made: Packaged) -> None:
    linted = [HERE / "hadolint", Path(made.folder) / "Dockerfile"]
    done = subprocess.run(linted, capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_the_linter_would_find_something(text: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(text.replace("uv==0.13.8", "uv"))
    linted = [HERE / "hadolint", tmp_path / "Dockerfile"]
    done = subprocess.run(linted, capture_output=True, text=True, check=False)
    assert "DL3013" in done.stdout


@pytest.fixture
def server(made: Packaged, text: str, tmp_path: Path) -> Iterator[str]:
    """What the image's CMD starts, its folders where the context has them; its address."""
    (port,) = free_ports(1)
    places = {"python": sys.executable, "0.0.0.0": "127.0.0.1", "8080": str(port)}  # noqa: S104
    places |= {"/bundle": f"{made.folder}/bundle", "/log": str(tmp_path / "log")}
    command = [places.get(word, word) for word in json.loads(last(lines(text), "CMD"))]
    shell = f"PYTHONPATH={shlex.quote(made.folder)} exec {shlex.join(command)}"
    mark = process.start(["/bin/sh", "-c", shell], tmp_path / "out")
    url = f"http://127.0.0.1:{port}"
    told = process.answers(f"{url}/ready", mark)
    assert told is not None, (tmp_path / "out").read_text()
    yield url
    process.stop(mark)


def test_what_the_image_starts_answers_by_the_modules_of_the_context(
    server: str, made: Packaged
) -> None:
    told = process.get(f"{server}/version")
    assert told is not None
    assert json.loads(told)["version"] == "v1.0.0"
    row = (Path(made.folder) / "bundle" / "example.json").read_bytes()
    assert process.get(f"{server}/predict", row) is not None


def test_the_health_check_asks_the_port_that_is_exposed(text: str) -> None:
    found = lines(text)
    port = json.loads(last(found, "CMD"))
    assert port[port.index("--port") + 1] == last(found, "EXPOSE")
    assert f"127.0.0.1:{last(found, 'EXPOSE')}/health" in last(found, "HEALTHCHECK")


def test_the_build_command_has_the_time_of_the_version(made: Packaged, text: str) -> None:
    epoch = re.findall(r"ARG SOURCE_DATE_EPOCH=(\d+)", text)
    assert len(set(epoch)) == 1
    assert made.command.startswith(f"SOURCE_DATE_EPOCH={epoch[0]} docker buildx build ")
    assert "rewrite-timestamp=true" in made.command
    assert shlex.split(made.command)[-1] == made.folder


def test_a_dry_run_lists_the_files_and_makes_none(
    here: World, made: Packaged, tmp_path: Path
) -> None:
    found = package(here, ASKED, tmp_path / "image", dry_run=True)
    assert found.files == made.files
    assert not (tmp_path / "image").exists()


def test_a_folder_with_something_in_it_is_left_alone(here: World, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(ConfigError, match="is not empty"):
        package(here, ASKED, tmp_path, dry_run=False)
    assert [it.name for it in tmp_path.iterdir()] == ["mine"]


def test_a_version_that_nobody_registered_is_refused(here: World, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"its versions are: v1\.0\.0"):
        package(here, Reference(MODEL, "v9.0.0", ""), tmp_path / "image", dry_run=False)


def test_the_command_prints_how_to_build(
    here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.root)
    monkeypatch.setenv("PENNON_FORGE", f"local:{here.root.parent / 'forge'}")
    to = str(tmp_path / "image")
    words = ["package", f"{MODEL}@v1.0.0", "--to", to, "--repository", "ghcr.io/acme/churn"]
    done = CliRunner().invoke(cli, [*words, "--base", "python@sha256:" + "0" * 64])
    assert "name=ghcr.io/acme/churn:v1.0.0,push=true" in done.stdout
    assert (tmp_path / "image" / "Dockerfile").read_text().startswith("FROM python@sha256:000")
