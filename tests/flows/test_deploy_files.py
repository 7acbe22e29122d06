"""Targets that render: one commit for an assignment, then whoever answers. Real git, real HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest
from click.testing import CliRunner

from light import BEFORE, LIGHT, Light, back
from pennon.cli import cli
from pennon.errors import ConfigError, TargetError
from pennon.flows.assignment.assign import Ask
from pennon.flows.check import check
from pennon.flows.deploy import Deployed, deploy
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.forge import DeploymentState
from rendering import DIGEST, IMAGE
from worlds import commit_all, run_git

OTHER = f"ghcr.io/acme/churn@sha256:{'34' * 32}"
MIRROR = f"registry.example.org/churn@{DIGEST}"
SECOND, THIRD = BEFORE[1:]
FOLDER = f"deploy/staging/{LIGHT}"


@dataclass
class Answering:
    """An address that says which version it serves; `says` may be changed meanwhile."""

    says: str = THIRD
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def address() -> Iterator[Answering]:
    found = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"version": found.says}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("light")
    Light.make(folder)
    return folder


@pytest.fixture
def light(before: Path, tmp_path: Path) -> Light:
    """v1.2.0 is champion; staging is to be rendered for a cluster."""
    shutil.copytree(before, tmp_path / "light")
    found = Light(tmp_path / "light")
    environments(found.world, staging={})
    return found


def environments(here: World, **places: dict[str, object]) -> None:
    """Say in pennon.yaml which there are: target kubernetes, and what is given."""
    file = here.root / "pennon.yaml"
    text = file.read_text().partition("\nenvironments:")[0].rstrip()
    said = {name: {"target": "kubernetes"} | place for name, place in places.items()}
    file.write_text(f"{text}\nenvironments: {json.dumps(said)}\n")


def quick(url: str, **settings: object) -> dict[str, object]:
    """A place that gives up soon."""
    return {"url": url, "contract": False, "settings": {"patience": 0.2} | settings}


def commits(light: Light, branch: str = "deploy") -> list[str]:
    """The subjects of a branch of the remote, newest first."""
    return run_git(light.origin, "log", "--format=%s", branch).splitlines()


def files(light: Light, folder: str = FOLDER, branch: str = "deploy") -> list[str]:
    return run_git(light.origin, "ls-tree", "--name-only", f"{branch}:{folder}").splitlines()


def shown(light: Light, name: str, branch: str = "deploy") -> str:
    return run_git(light.origin, "show", f"{branch}:{FOLDER}/{name}")


def states(here: World, environment: str = "staging") -> list[tuple[str, DeploymentState, str]]:
    return [(it.version, it.state, it.why) for it in here.forge.deployments(environment)]


def refs(light: Light) -> str:
    return run_git(light.origin, "for-each-ref")


def put(light: Light, image: str = IMAGE) -> Deployed:
    (found,) = deploy(light.world, "staging", None, image=image)
    return found


def test_an_assignment_becomes_one_commit_that_names_it(light: Light) -> None:
    root = light.world.root
    before = run_git(root, "rev-parse", "HEAD"), run_git(root, "status", "--short")
    put(light)
    assert commits(light) == [f"deploy: {LIGHT}@{THIRD} to staging"]
    said = run_git(light.origin, "log", "-1", "--format=%(trailers)", "deploy")
    event = light.world.state(LIGHT).stages["champion"]
    assert said.splitlines() == [
        f"Assignment: {LIGHT}#champion#3",
        f"Assignment-Id: {event.oid}",
        "Actor: ada",
        "Reason: better",
        f"Image: {IMAGE}",
    ]
    assert "deployment.yaml" in files(light)
    assert (run_git(root, "rev-parse", "HEAD"), run_git(root, "status", "--short")) == before


def test_where_nothing_changed_nothing_is_committed(light: Light) -> None:
    put(light)
    before = refs(light)
    assert not put(light).changed
    assert refs(light) == before


def test_a_setting_that_changes_is_one_more_commit(light: Light) -> None:
    put(light)
    environments(light.world, staging={"settings": {"replicas": {"most": 9}}})
    assert put(light).changed
    assert len(commits(light)) == 2
    assert "maxReplicas: 9" in shown(light, "hpa.yaml")


def test_a_dry_run_shows_the_files_and_writes_none(light: Light) -> None:
    before = refs(light)
    (found,) = deploy(light.world, "staging", None, image=IMAGE, dry_run=True)
    assert f"+++ b/{FOLDER}/deployment.yaml" in found.diff
    assert f"commit 6 files to {FOLDER} on branch deploy" in found.steps[1]
    assert refs(light) == before
    assert states(light.world) == []


def test_a_file_that_is_rendered_no_more_goes_and_other_folders_stay(light: Light) -> None:
    put(light)
    environments(light.world, staging={}, other={})
    deploy(light.world, "other", None, image=IMAGE)
    environments(light.world, staging={"settings": {"variant": "kserve"}}, other={})
    put(light)
    assert files(light) == ["desired.json", "inference-service.yaml", "kustomization.yaml"]
    assert "deployment.yaml" in files(light, f"deploy/other/{LIGHT}")


def test_only_a_configured_branch_is_written_and_what_it_has_stays(light: Light) -> None:
    main = run_git(light.origin, "rev-parse", "main")
    put(light)
    assert run_git(light.origin, "rev-parse", "main") == main
    environments(light.world, staging={"settings": {"branch": "main"}})
    put(light)
    assert run_git(light.origin, "rev-parse", "main^") == main
    assert "pennon.yaml" in run_git(light.origin, "ls-tree", "--name-only", "main")


def test_two_clones_and_two_environments_at_once_lose_nothing(light: Light) -> None:
    both: dict[str, dict[str, object]] = {"staging": {}, "canary": {}}
    environments(light.world, **both)
    other = light.other()
    environments(other, **both)
    jobs = [(here, name) for here in (light.world, other) for name in both]
    with ThreadPoolExecutor(len(jobs)) as pool:
        asked = [pool.submit(deploy, here, name, None, image=IMAGE) for here, name in jobs]
        assert all(it.result() for it in asked)
    wanted = {f"deploy: {LIGHT}@{THIRD} to {name}" for name in both}
    assert set(commits(light)) == wanted
    assert len(commits(light)) == 2
    assert files(light) == files(light, f"deploy/canary/{LIGHT}")


def test_a_version_that_answers_is_in_health(light: Light, address: Answering) -> None:
    environments(light.world, staging=quick(address.url))
    found = put(light)
    assert (found.url, found.version, found.changed) == (address.url, THIRD, True)
    assert states(light.world) == [(THIRD, DeploymentState.SUCCESS, "")]
    assert set(address.asked) == {"/version"}


def test_without_an_address_it_is_recorded_as_not_verified(light: Light) -> None:
    found = put(light)
    why = f"written to {FOLDER} on branch deploy, not verified: there is no url"
    assert states(light.world) == [(THIRD, DeploymentState.SUCCESS, why)]
    assert found.why == why


@pytest.fixture
def stuck(light: Light, address: Answering) -> Light:
    """v1.1.0 runs in staging, v1.2.0 is asked for, and the cluster does not follow."""
    rollback(light.world, back(version=SECOND))
    address.says = SECOND
    environments(light.world, staging=quick(address.url))
    put(light, OTHER)
    rollback(light.world, back(version=THIRD, reason="again"))
    return light


def test_a_version_that_does_not_answer_gives_way_to_the_files_before(stuck: Light) -> None:
    there = shown(stuck, "deployment.yaml")
    with pytest.raises(TargetError, match=f"answers as {SECOND} after") as caught:
        put(stuck)
    assert caught.value.hint == f"{FOLDER} on branch deploy has the files of {SECOND} again"
    assert [line.split()[1:3] for line in commits(stuck)[:2]] == [
        ["staging", "back"],
        [f"{LIGHT}@{THIRD}", "to"],
    ]
    assert shown(stuck, "deployment.yaml") == there
    newest = states(stuck.world)[0]
    assert newest[:2] == (THIRD, DeploymentState.FAILURE)
    assert "did not become healthy" in newest[2]


def test_whoever_wants_the_new_files_to_stay_says_so(stuck: Light, address: Answering) -> None:
    environments(stuck.world, staging=quick(address.url, restore=False))
    with pytest.raises(TargetError) as caught:
        put(stuck)
    assert caught.value.hint == f"{FOLDER} on branch deploy asks for it still"
    assert THIRD in shown(stuck, "desired.json")


def test_files_that_somebody_wrote_meanwhile_are_left_alone(stuck: Light, tmp_path: Path) -> None:
    def interfere(_: float) -> None:
        clone = tmp_path / "clone"
        if clone.exists():
            return
        run_git(tmp_path, "clone", "--quiet", "--branch", "deploy", str(stuck.origin), str(clone))
        (clone / FOLDER / "mine.yaml").write_text("a: 1\n")
        commit_all(clone, "by hand")
        run_git(clone, "push", "--quiet")

    stuck.world = replace(stuck.world, sleep=interfere)
    with pytest.raises(TargetError) as caught:
        put(stuck)
    assert caught.value.hint == f"somebody wrote {FOLDER} on branch deploy meanwhile"
    assert commits(stuck)[0] == "by hand"


def test_a_first_version_that_does_not_answer_has_nothing_to_give_way_to(light: Light) -> None:
    environments(light.world, staging=quick("http://127.0.0.1:9"))
    with pytest.raises(TargetError, match="does not answer") as caught:
        put(light)
    assert caught.value.hint.startswith("nothing ran there before")


def test_a_rollback_brings_the_image_back_that_the_version_had(
    stuck: Light, address: Answering
) -> None:
    address.says = THIRD
    put(stuck)
    address.says = SECOND
    rollback(stuck.world, back(version=SECOND, reason="wrong"))
    (found,) = deploy(stuck.world, "staging", None)
    assert (found.version, found.image) == (SECOND, OTHER)
    assert OTHER in shown(stuck, "deployment.yaml")
    assert json.loads(shown(stuck, "desired.json"))["before"] == THIRD


def test_an_abort_that_a_cluster_tells_of_is_recorded_once(light: Light) -> None:
    """Argo may tell of it again, or late: by then another version is champion, and a good one."""
    abort = leaving(back(reason=f"Argo Rollouts aborted {THIRD}"))
    assert rollback(light.world, abort).version == SECOND
    champions = light.champions()
    assert rollback(light.world, abort).version == SECOND
    assert rollback(light.world, leaving(back(reason="told again"))).version == SECOND
    assert light.champions() == champions


def leaving(ask: Ask) -> Ask:
    return msgspec.structs.replace(ask, leaving=THIRD)


@pytest.fixture
def chain(light: Light, address: Answering) -> Light:
    """Production waits for staging."""
    production = {"after": "staging"} | quick(address.url)
    environments(light.world, staging=quick(address.url), production=production)
    return light


def test_the_same_image_runs_in_every_environment(chain: Light) -> None:
    found = deploy(chain.world, None, None, image=IMAGE)
    assert [(it.environment, it.image) for it in found] == [
        ("staging", IMAGE),
        ("production", IMAGE),
    ]
    assert chain.world.forge.deployments("production")[0].image == IMAGE


def test_an_environment_that_waits_takes_the_recorded_image(chain: Light) -> None:
    put(chain)
    (found,) = deploy(chain.world, "production", None)
    assert found.image == IMAGE


def test_another_image_than_that_of_staging_is_refused(chain: Light) -> None:
    put(chain)
    with pytest.raises(TargetError, match="runs the image that staging runs") as caught:
        deploy(chain.world, "production", None, image=OTHER)
    assert caught.value.hint.endswith(f"pennon deploy staging --image {OTHER}")
    assert chain.world.forge.deployments("production") == []


def test_the_same_image_may_come_from_another_registry(chain: Light) -> None:
    put(chain)
    (found,) = deploy(chain.world, "production", None, image=MIRROR)
    assert found.image == MIRROR


def test_a_version_without_an_image_says_how_to_make_one(chain: Light) -> None:
    with pytest.raises(TargetError, match="has no image; pennon package"):
        deploy(chain.world, None, None)


def test_a_tag_is_refused_where_other_environments_follow(chain: Light) -> None:
    with pytest.raises(TargetError, match="is a tag, which may move; name it by its digest"):
        deploy(chain.world, None, None, image="ghcr.io/acme/churn:v1.2.0")


def test_an_environment_that_stands_alone_takes_a_tag(light: Light) -> None:
    assert put(light, "churn:dev").image == "churn:dev"


def test_what_is_no_reference_is_refused(light: Light) -> None:
    with pytest.raises(TargetError, match="is no reference to an image"):
        put(light, "ghcr.io/acme/churn@v1")


def test_an_image_is_refused_where_nothing_runs_one(light: Light) -> None:
    environments(light.world, staging={"target": "local"})
    with pytest.raises(ConfigError, match="none of these environments runs an image"):
        put(light)


URL = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("places", "problem"),
    [
        (
            {"staging": {}, "production": {"after": "staging"}},
            "environments.staging.url: production waits for it, and nobody can ask",
        ),
        (
            {"staging": {"settings": {"replicas": {"least": "two"}}}},
            "environments.staging.settings.replicas.least: expected `int`",
        ),
        (
            {"staging": {"target": "moon"}},
            "environments.staging.target: no target is called 'moon'",
        ),
        ({"staging": {"contract": True}}, "environments.staging.url: is needed: the contract"),
        ({"staging": {"url": "ftp://x"}}, "environments.staging.url: expected `str` matching"),
        (
            {
                "staging": {"url": URL, "settings": {"image": "churn:v1"}},
                "production": {"after": "staging"},
            },
            "environments.staging.settings.image: churn:v1 may move: name it by its digest",
        ),
    ],
)
def test_what_cannot_work_is_told_with_its_place(
    light: Light, places: dict[str, dict[str, object]], problem: str
) -> None:
    environments(light.world, **places)
    for ask in (check, lambda here: deploy(here, "staging", None, image=IMAGE)):
        with pytest.raises(ConfigError) as caught:
            ask(light.world)
        assert f"pennon.yaml: {problem}" in caught.value.what


def test_several_models_need_an_address_each(light: Light) -> None:
    file = light.world.root / "pennon.yaml"
    head, _, models = file.read_text().partition("models:\n")
    twin = models.partition("environments:")[0].replace(LIGHT, "two")
    file.write_text(f"{head}models:\n{twin}{models}")
    environments(light.world, staging={"url": URL})
    with pytest.raises(ConfigError, match=r"url: is one address for several models"):
        put(light)
    environments(light.world, staging={"url": f"{URL}/{{model}}"})
    with pytest.raises(ConfigError, match="an image is of one model; say which: --model"):
        put(light)


def test_the_command_takes_the_image_and_prints_the_diff(
    light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(light.world.root)
    monkeypatch.setenv("PENNON_FORGE", f"local:{light.folder / 'forge'}")
    told = CliRunner().invoke(cli, ["deploy", "staging", "--image", IMAGE, "--dry-run"]).stdout
    assert f"+        image: {IMAGE}\n" in told
    told = CliRunner().invoke(cli, ["deploy", "staging", "--image", IMAGE]).stdout
    assert told.startswith(f"staging: {LIGHT}@{THIRD} written to {FOLDER}")


HEAVY = ("pandas", "numpy", "sklearn", "skops", "github", "jinja2", "prometheus_client")


def test_a_deployment_that_renders_imports_nothing_heavy(light: Light) -> None:
    code = (
        "import sys\n"
        "from pennon.cli import main\n"
        f"sys.argv = ['pennon', 'deploy', 'staging', '--image', '{IMAGE}']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', sorted(set({HEAVY}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=light.world.root,
        env=os.environ | {"PENNON_FORGE": f"local:{light.folder / 'forge'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stdout + done.stderr
