"""Two forges under one suite: a directory, and PyGithub before a GitHub of our own."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from github import Auth, GithubIntegration

from kits import NODE, installed
from pennon.forge import Forge
from pennon.forge.github import GitHubForge
from pennon.forge.local import LocalForge

HERE = Path(__file__).parent / "emulator"
OWNER = "token-of-acme"
PERMISSIONS = dict.fromkeys(("actions", "contents", "deployments", "issues"), "write")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

Author = Callable[[str], Forge]
"""A login -> the forge as this account sees it, on the same repository."""


@pytest.fixture(scope="session")
def kit() -> Path:
    """The installed emulator and GitHub's description; installed once for all workers."""
    kit = installed(HERE)
    # The package holds every edition of GitHub; one is needed.
    for file in _description(kit).parent.glob("*.json"):
        if file != _description(kit):
            file.unlink(missing_ok=True)
    return kit


@pytest.fixture(scope="session")
def judge(kit: Path) -> Any:  # noqa: ANN401  its class lives in a file that cannot be imported
    return _load("openapi").Judge(_description(kit))


@pytest.fixture(scope="session")
def _emulator(kit: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Address and app keys of a running emulator. It ends with us: it reads our end of a pipe."""
    command = [NODE / "node", kit / "start.mjs"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the emulator said nothing; see its error above"
        facts = json.loads(line)
        yield facts["url"], facts["keys"]
        process.stdin.close()
        process.wait(20)


@pytest.fixture(scope="session")
def tokens(_emulator: tuple[str, dict[str, str]]) -> dict[str, str]:
    """Token by login. Apps get one for their installation, as a workflow does."""
    url, keys = _emulator
    found = {"acme": OWNER, "mallory": "token-of-mallory"}
    for app, login in (("1", "github-actions[bot]"), ("2", "another-app[bot]")):
        with GithubIntegration(auth=Auth.AppAuth(app, keys[app]), base_url=url) as integration:
            found[login] = integration.get_access_token(int(app), PERMISSIONS).token
    return found


@pytest.fixture(scope="session")
def _gateway(
    judge: Any,  # noqa: ANN401  the same
    _emulator: tuple[str, dict[str, str]],
    tokens: dict[str, str],
) -> Iterator[Any]:
    rest = _load("rest")
    logins = {token: login for login, token in tokens.items()}
    gateway = _load("gateway").Gateway(
        _emulator[0],
        judge=judge,
        deployments=rest.Deployments(),
        rulesets=rest.Rulesets(),
        artifacts=rest.Artifacts(),
        store=rest.Bytes(),
        call=rest.Call,
        logins=logins,
    )
    gateway.environments, gateway.variables = rest.Environments(), rest.Variables()
    yield gateway
    gateway.close()


@pytest.fixture
def gateway(_gateway: Any) -> Iterator[Any]:  # noqa: ANN401  the same
    """As new. Fails the test if anything sent or faked is not GitHub's."""
    _gateway.faults, _gateway.problems, _gateway.asked = [], [], []
    _gateway.hosting, _gateway.plan = {}, None
    yield _gateway
    assert _gateway.problems == []


@pytest.fixture
def fail(gateway: Any) -> Callable[..., None]:  # noqa: ANN401  the same
    """`fail("POST", "/comments$", 502, after=True)`: once, and after it has worked."""
    kind = _load("gateway").Fault

    def plan(method: str, path: str, status: int, **more: object) -> None:
        gateway.faults.append(kind(method, path, status, **more))

    return plan


@pytest.fixture
def asked(gateway: Any) -> Callable[[str], list[str]]:  # noqa: ANN401  the same
    """The paths that were asked for with a method, in order."""
    return lambda method: [it.path for it in gateway.asked if it.method == method]


@pytest.fixture
def waits() -> list[float]:
    """What our own rules slept, in seconds."""
    return []


@pytest.fixture
def repository(gateway: Any) -> str:  # noqa: ANN401  the same
    """A new one with a branch `better`, one commit ahead, and a workflow deploy.yml."""
    name = f"flights-{next(_NUMBERS)}"
    base = f"{gateway.url}/repos/acme/{name}"
    _call("POST", f"{gateway.url}/user/repos", {"name": name, "auto_init": True})
    workflow = {"message": "Deploy", "content": "b246IHB1c2g=", "branch": "main"}
    _call("PUT", f"{base}/contents/.github/workflows/deploy.yml", workflow)
    main = _call("GET", f"{base}/git/ref/heads/main")["object"]["sha"]
    _call("POST", f"{base}/git/refs", {"ref": "refs/heads/better", "sha": main})
    change = {"message": "Better", "content": "eDogMQ==", "branch": "better"}
    _call("PUT", f"{base}/contents/params.yaml", change)
    gateway.asked = []
    return f"acme/{name}"


@pytest.fixture
def call(gateway: Any, repository: str) -> Callable[..., Any]:  # noqa: ANN401  the same
    """`call("POST", "/pulls", body)` as the owner, past PyGithub: what others do on GitHub."""
    return lambda method, path, *more, **who: _call(
        method, f"{gateway.url}/repos/{repository}{path}", *more, **who
    )


@pytest.fixture
def kept(gateway: Any, repository: str) -> Callable[[], list[dict[str, Any]]]:  # noqa: ANN401  the same
    """The deployments as GitHub keeps them, to be tampered with."""
    return lambda: list(gateway.deployments.kept[repository])


@pytest.fixture
def upload(author: Author, request: pytest.FixtureRequest) -> Callable[[int, str, bytes], object]:
    """`upload(run, name, zip)`: what a step of a run leaves behind."""
    forge = author("github-actions[bot]")
    if isinstance(forge, LocalForge):
        return forge.keep_artifact
    artifacts = request.getfixturevalue("gateway").artifacts
    return partial(artifacts.keep, request.getfixturevalue("repository"))


@pytest.fixture
def listed_twice(gateway: Any) -> Iterator[Callable[[], None]]:  # noqa: ANN401  the same
    """From then on each release is listed twice, the copy first and with a higher id."""
    yield lambda: setattr(gateway, "twice", True)
    gateway.twice = False


@pytest.fixture
def github_as(
    gateway: Any,  # noqa: ANN401  the same
    repository: str,
    tokens: dict[str, str],
    waits: list[float],
) -> Author:
    def connect(login: str) -> Forge:
        return GitHubForge(
            repository,
            tokens.get(login, login),
            api_url=gateway.url,
            sleep=waits.append,
            now=NOON.timestamp,
            pace=0,
            timeout=1,
        )

    return connect


@pytest.fixture
def local_as(tmp_path: Path) -> Author:
    return lambda login: LocalForge(tmp_path / "forge", clock=lambda: NOON, login=login)


@pytest.fixture(params=["local", "github"])
def author(request: pytest.FixtureRequest) -> Author:
    found: Author = request.getfixturevalue(f"{request.param}_as")
    return found


@pytest.fixture
def forge(author: Author) -> Forge:
    """Ours, with the token of a workflow."""
    return author("github-actions[bot]")


@pytest.fixture
def pull(forge: Forge, request: pytest.FixtureRequest) -> int:
    """The number of an open pull request."""
    if isinstance(forge, LocalForge):
        head, base = "a" * 40, "b" * 40
        it = forge.open_pull(title="Better", head=head, base=base, base_branch="main")
        return it.number
    body = {"title": "Better", "head": "better", "base": "main"}
    number: int = request.getfixturevalue("call")("POST", "/pulls", body)["number"]
    return number


@pytest.fixture
def merge(author: Author, pull: int, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Mallory approves the pull request of acme, who merges it: the id of that commit."""

    def on_github() -> str:
        call = request.getfixturevalue("call")
        verdict = {"event": "APPROVE", "body": "good"}
        call("POST", f"/pulls/{pull}/reviews", verdict, token="token-of-mallory")  # noqa: S106
        commit: str = call("PUT", f"/pulls/{pull}/merge", {})["sha"]
        return commit

    def here() -> str:
        mallory, acme = author("mallory"), author("acme")
        assert isinstance(mallory, LocalForge)
        assert isinstance(acme, LocalForge)
        mallory.review_pull(pull, "approved")
        acme.merge_pull(pull, "c" * 40, by="acme")
        return "c" * 40

    return here if isinstance(author("acme"), LocalForge) else on_github


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """A file of this name with these bytes, to upload."""

    def write(name: str, content: bytes) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


_NUMBERS = itertools.count()


def _call(method: str, url: str, body: object = None, *, token: str = OWNER) -> Any:  # noqa: ANN401  any JSON
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = Request(url, data, headers, method=method)  # noqa: S310  our own loopback server
    with urlopen(request, timeout=20) as answer:  # noqa: S310  the same
        return json.loads(answer.read() or b"null")


def _load(name: str) -> Any:  # noqa: ANN401  a module
    """A file beside this one. pytest's importlib mode lets no test file import another."""
    known = f"pennon_tests_forge_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return sys.modules[known]


def _description(kit: Path) -> Path:
    return kit / "node_modules" / "@octokit" / "openapi" / "generated" / "api.github.com.json"
