"""Servers of the local target: real processes on loopback."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pennon.errors import TargetError
from pennon.flows.demo.play import free_ports
from pennon.flows.train import train
from pennon.registry import RunKind
from pennon.targets import Desired, LocalTarget, process
from shop import MODEL, shop, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate's folder, which is a bundle."""
    here = shop(tmp_path_factory.mktemp("target"))
    trained = train(world(here.root), MODEL, data="full", kind=RunKind.EXPERIMENT)
    return trained.candidate.folder


@pytest.fixture
def target(tmp_path: Path) -> Iterator[LocalTarget]:
    """With this interpreter for every bundle; nothing is left running."""
    found = LocalTarget(tmp_path / "targets", lambda _: Path(sys.executable))
    yield found
    found.stop("staging", MODEL)


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def desired(made: Path, folder: Path, version: str, port: int) -> Desired:
    """The bundle, saying that it is `version`."""
    bundle = folder / version
    shutil.copytree(made, bundle)
    facts = msgspec.json.decode((bundle / "manifest.json").read_bytes())
    (bundle / "manifest.json").write_bytes(msgspec.json.encode(facts | {"version": version}))
    return Desired(environment="staging", model=MODEL, version=version, bundle=bundle, port=port)


def answering(port: int) -> object:
    body = process.get(f"http://127.0.0.1:{port}/version")
    return body and json.loads(body)["version"]


def test_what_is_desired_answers(
    target: LocalTarget, made: Path, tmp_path: Path, port: int
) -> None:
    found = target.apply(desired(made, tmp_path, "v1.0.0", port))
    assert (found.version, found.changed, answering(port)) == ("v1.0.0", True, "v1.0.0")
    assert target.current("staging", MODEL, port) == msgspec.structs.replace(found, changed=False)


def test_the_same_again_changes_nothing_and_a_new_version_replaces_it(
    target: LocalTarget, made: Path, tmp_path: Path, port: int
) -> None:
    first = desired(made, tmp_path, "v1.0.0", port)
    target.apply(first)
    assert not target.apply(first).changed
    assert target.apply(desired(made, tmp_path, "v1.1.0", port)).changed
    assert answering(port) == "v1.1.0"


@pytest.mark.parametrize("defect", ["no artifact", "no code", "wrong version"])
def test_a_bundle_that_does_not_answer_leaves_the_old_one_serving(
    target: LocalTarget, made: Path, tmp_path: Path, port: int, defect: str
) -> None:
    target.apply(desired(made, tmp_path, "v1.0.0", port))
    bad = desired(made, tmp_path, "v1.1.0", port)
    match defect:
        case "no artifact":
            (bad.bundle / "model.skops").unlink()
        case "no code":
            shutil.rmtree(bad.bundle / "src")
        case _:
            bad = msgspec.structs.replace(bad, version="v1.2.0")
    with pytest.raises(TargetError, match=r"did not become healthy[\s\S]*v1\.0\.0 answers there"):
        target.apply(bad)
    assert answering(port) == "v1.0.0"


def test_a_killed_server_is_noticed_and_started_again(
    target: LocalTarget, made: Path, tmp_path: Path, port: int
) -> None:
    first = desired(made, tmp_path, "v1.0.0", port)
    target.apply(first)
    target.stop("staging", MODEL)
    assert target.current("staging", MODEL, port) is None
    assert target.apply(first).changed
    assert answering(port) == "v1.0.0"


def test_another_port_is_another_deployment(
    target: LocalTarget, made: Path, tmp_path: Path, port: int
) -> None:
    first = desired(made, tmp_path, "v1.0.0", port)
    target.apply(first)
    (other,) = free_ports(1)
    assert target.current("staging", MODEL, other) is None
    assert target.apply(msgspec.structs.replace(first, port=other)).url.endswith(f":{other}")
    assert (answering(port), answering(other)) == (None, "v1.0.0")


def test_a_port_that_somebody_else_answers_on_is_no_success(
    target: LocalTarget, made: Path, tmp_path: Path, port: int
) -> None:
    first = desired(made, tmp_path, "v1.0.0", port)
    target.apply(first)
    with pytest.raises(TargetError, match=f"something else answers on port {port}"):
        target.apply(msgspec.structs.replace(first, environment="production"))
    assert answering(port) == "v1.0.0"


def test_a_server_of_a_run_that_was_cut_short_is_replaced(
    target: LocalTarget, made: Path, tmp_path: Path, port: int
) -> None:
    first = desired(made, tmp_path, "v1.0.0", port)
    target.apply(first)
    noted = tmp_path / "targets" / "staging" / MODEL / "current.json"
    noted.rename(noted.with_name("starting.json"))
    assert target.apply(first).changed
    assert answering(port) == "v1.0.0"


def test_models_with_similar_names_do_not_share_a_folder(target: LocalTarget) -> None:
    names = ["eu/churn", "eu_churn", "eu=churn", "eu:churn"]
    assert len({target._folder("staging", name) for name in names}) == len(names)


def test_a_process_id_of_somebody_else_is_never_stopped(tmp_path: Path) -> None:
    mark = process.start([sys.executable, "-c", "input()"], tmp_path / "log")
    other = process.Mark(mark.pid, "another time")
    process.stop(other)
    process.stop(mark)
    assert not process.alive(mark)


def test_a_server_does_not_inherit_the_tokens_of_the_job_that_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "INPUT_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("RUNNER_TRACKING_ID", "secret")
    monkeypatch.setenv("MY_STORE", "kept")
    log = tmp_path / "log"
    shell = "env; echo done; exec sleep 60"
    mark = process.start(["/bin/sh", "-c", shell], log)
    told = ""
    while "done\n" not in told and process.alive(mark):
        told = log.read_text(encoding="utf-8")
    process.stop(mark)
    assert "secret" not in told
    assert "MY_STORE=kept" in told


def test_the_page_names_what_is_kept_from_a_server() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
    assert [start for start in process._KEPT_BACK if f"`{start}`" not in page] == []
