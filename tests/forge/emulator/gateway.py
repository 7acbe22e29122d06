"""The door that PyGithub knocks at: judges, breaks on demand, answers or asks the emulator."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

REPO = r"/repos/([^/]+)/([^/]+)"
ENVIRONMENT = f"{REPO}/environments/([^/]+)"
POLICIES = f"{ENVIRONMENT}/deployment-branch-policies"
LOST = 0
"""The status of a fault that closes the line without a word."""
COMMENT_LIMIT = 65_536


@dataclass
class Fault:
    """Happens once, to the first request that it fits; `after` lets the request work before."""

    method: str
    path: str
    status: int
    after: bool = False
    half: bool = False  # an upload that GitHub lists, but never got whole
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None
    hang: threading.Event | None = None


@dataclass
class Asked:
    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(status: int, data: object, headers: dict[str, str] | None = None) -> Answer:
        body = b"" if data is None else json.dumps(data).encode()
        return Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


class Gateway:
    """`judge`, `deployments`, `store` and `call` come from the files beside this one."""

    def __init__(
        self,
        upstream: str,
        *,
        judge: Any,  # noqa: ANN401  modules here cannot import each other
        deployments: Any,  # noqa: ANN401  the same
        rulesets: Any,  # noqa: ANN401  the same
        artifacts: Any,  # noqa: ANN401  the same
        store: Any,  # noqa: ANN401  the same
        call: Callable[..., Any],
        logins: dict[str, str],
    ) -> None:
        self.upstream = urlsplit(upstream)
        self.judge, self.deployments, self.store, self.call = judge, deployments, store, call
        self.rulesets, self.artifacts = rulesets, artifacts
        self.environments: Any = None  # set before the first question, like the others
        self.variables: Any = None  # the same
        self.hosting: dict[str, Any] = {}  # what a repository says of itself, otherwise than it is
        self.plan: str | None = None  # of the organisation, if it may be seen
        self.logins = logins
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.problems: list[str] = []
        self.twice = False  # list every release twice, the second with a higher id
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answer | None:
        """None where the line is to be cut."""
        with self._lock:
            self.asked.append(asked)
            fault = next((it for it in self.faults if _fits(it, asked)), None)
            if fault:
                self.faults.remove(fault)
        if fault is None:
            return self._answer(asked)
        if fault.after or fault.half:
            done = self._answer(asked)
            if fault.half:
                self.store.half.add(json.loads(done.body)["id"])
        if fault.hang:
            fault.hang.wait(20)
        return None if fault.status == LOST else Answer.of(fault.status, fault.body, fault.headers)

    def _answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/storage/"):
            return self._storage(asked)
        problems = self.judge.request(
            asked.method, asked.path, asked.query, b"" if _is_bytes(asked) else asked.body
        )
        if problems:
            self.problems += problems
            return Answer.of(422, {"message": "; ".join(problems)})
        with self._lock:
            return self._own(asked) or self._forward(asked)

    def _own(self, asked: Asked) -> Answer | None:
        """What GitHub does and the emulator does not."""
        places: list[tuple[str, str, Callable[[Asked, Any], Answer | None]]] = [
            ("GET", "/user", self._who),
            ("GET", f"{REPO}/commits/([^/]+)/pulls", self._pulls_of),
            ("GET", f"{REPO}/deployments", self._faked("list")),
            ("POST", f"{REPO}/deployments", self._faked("create")),
            ("GET", f"{REPO}/deployments/([^/]+)/statuses", self._faked("list_statuses")),
            ("POST", f"{REPO}/deployments/([^/]+)/statuses", self._faked("create_status")),
            ("GET", f"{REPO}/rulesets", self._ruled("list")),
            ("POST", f"{REPO}/rulesets", self._ruled("create")),
            ("GET", f"{REPO}/rulesets/([^/]+)", self._ruled("get")),
            ("PUT", f"{REPO}/rulesets/([^/]+)", self._ruled("put")),
            ("GET", f"{REPO}/actions/variables", self._made(self.variables.list)),
            ("POST", f"{REPO}/actions/variables", self._made(self.variables.create)),
            ("PATCH", f"{REPO}/actions/variables/([^/]+)", self._made(self.variables.change)),
            ("GET", REPO, self._hosted),
            ("GET", "/orgs/([^/]+)", self._organisation),
            ("GET", "/orgs/([^/]+)/teams/([^/]+)", self._made(self.environments.team)),
            ("GET", "/users/(ada|Ada|bob|nobody)", self._made(self.environments.user)),
            ("GET", f"{REPO}/environments", self._made(self.environments.list)),
            ("PUT", ENVIRONMENT, self._made(self.environments.put)),
            ("GET", POLICIES, self._made(self.environments.policies)),
            ("POST", POLICIES, self._made(self.environments.add_policy)),
            ("DELETE", f"{POLICIES}/([^/]+)", self._made(self.environments.drop_policy)),
            ("GET", f"{REPO}/actions/runs/([^/]+)/artifacts", self._made(self.artifacts.list)),
            ("GET", f"{REPO}/actions/artifacts/([^/]+)/zip", self._zip),
            ("POST", f"{REPO}/actions/workflows/([^/]+)/dispatches", self._dispatch),
            ("POST", f"{REPO}/issues/([^/]+)/comments", self._comment),
            ("PATCH", f"{REPO}/issues/comments/([^/]+)", self._comment),
            ("GET", f"{REPO}/releases/tags/([^/]+)", self._by_tag),
            ("GET", f"{REPO}/releases/assets/([^/]+)", self._bytes),
        ]
        for method, shape, place in places:
            found = re.fullmatch(shape, asked.path)
            if method == asked.method and found:
                return place(asked, found)
        return None

    def _faked(self, name: str) -> Callable[[Asked, Any], Answer | None]:
        return self._made(getattr(self.deployments, name))

    def _ruled(self, name: str) -> Callable[[Asked, Any], Answer | None]:
        return self._made(getattr(self.rulesets, name))

    def _made(self, make: Callable[[Any], tuple[int, Any]]) -> Callable[[Asked, Any], Answer]:
        def place(asked: Asked, found: re.Match[str]) -> Answer:
            query = dict(parse_qsl(asked.query))
            body = json.loads(asked.body or b"{}")
            login = self.logins.get(_token(asked), "nobody")
            call = self.call(found.groups(), query, body, self.url, login)
            status, data = make(call)
            self.problems += self.judge.answer(asked.method, asked.path, status, data)
            if not isinstance(data, list):
                return Answer.of(status, data)
            return self._page(asked, query, data)

        return place

    def _page(self, asked: Asked, query: dict[str, str], data: list[object]) -> Answer:
        page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
        more = {"page": str(page + 1), "per_page": str(size)}
        rest = "&".join(f"{name}={value}" for name, value in {**query, **more}.items())
        link = {"Link": f'<{self.url}{asked.path}?{rest}>; rel="next"'}
        shown = data[(page - 1) * size : page * size]
        return Answer.of(200, shown, link if len(data) > page * size else {})

    def _who(self, asked: Asked, _: object) -> Answer | None:
        if not self.logins.get(_token(asked), "").endswith("[bot]"):
            return None
        return Answer.of(403, {"message": "Resource not accessible by integration"})

    def _dispatch(self, asked: Asked, found: re.Match[str]) -> Answer:
        owner, name, workflow = found.groups()
        ref = json.loads(asked.body)["ref"]
        path = f"/repos/{owner}/{name}/contents/.github/workflows/{workflow}"
        there = self._forward(Asked("GET", path, f"ref={ref}", b"", asked.headers))
        if there.status != 200:
            return Answer.of(404, {"message": "Not Found"})
        self.problems += self.judge.answer(asked.method, asked.path, 204, None)
        return Answer.of(204, None)

    def _comment(self, asked: Asked, _: object) -> Answer | None:
        if len(json.loads(asked.body)["body"]) <= COMMENT_LIMIT:
            return None
        problem = f"Body is too long (maximum is {COMMENT_LIMIT} characters)"
        error = {"resource": "IssueComment", "field": "data", "message": problem}
        return Answer.of(422, {"message": "Validation Failed", "errors": [error]})

    def _pulls_of(self, asked: Asked, found: re.Match[str]) -> Answer:
        """Those that were merged as this commit; GitHub has those of its history as well."""
        owner, name, commit = found.groups()
        listed = Asked("GET", f"/repos/{owner}/{name}/pulls", "state=closed", b"", asked.headers)
        pulls = json.loads(self._forward(listed).body)
        return Answer.of(200, [it for it in pulls if it["merge_commit_sha"] == commit])

    def _hosted(self, asked: Asked, _: object) -> Answer | None:
        """A repository of an organisation, private or not: the emulator's are a person's."""
        if not self.hosting:
            return None
        found = self._forward(asked)
        data = json.loads(found.body)
        kind = self.hosting["owner"]
        data["private"], data["owner"] = self.hosting["private"], data["owner"] | {"type": kind}
        return Answer(200, json.dumps(data).encode(), found.headers)

    def _organisation(self, _: Asked, found: re.Match[str]) -> Answer:
        plan = {"plan": {"name": self.plan, "space": 1, "private_repos": 1}} if self.plan else {}
        return Answer.of(200, {"login": found[1], **plan})

    def _by_tag(self, asked: Asked, _: object) -> Answer | None:
        """GitHub does not find a draft by its tag."""
        found = self._forward(asked)
        draft = json.loads(found.body or b"{}").get("draft")
        return Answer.of(404, {"message": "Not Found"}) if draft else found

    def _bytes(self, asked: Asked, found: re.Match[str]) -> Answer | None:
        if asked.headers.get("accept") != "application/octet-stream":
            return None
        # Another host by name, as GitHub's storage is: the token must not follow.
        to = f"http://127.0.0.1:{self.port}/storage/{found[3]}"
        return Answer(302, b"", {"Location": to})

    def _zip(self, asked: Asked, found: re.Match[str]) -> Answer:
        """GitHub documents its own media type here; we hold ourselves to it."""
        if "json" not in asked.headers.get("accept", ""):
            return Answer.of(415, {"message": "Unsupported 'Accept' header"})
        self.problems += self.judge.answer(asked.method, asked.path, 302, None)
        to = f"http://127.0.0.1:{self.port}/storage/{found[3]}"
        return Answer(302, b"", {"Location": to})

    def _storage(self, asked: Asked) -> Answer:
        if "authorization" in asked.headers:
            self.problems.append("the token was sent to the storage")
            return Answer.of(400, {"message": "Only one auth mechanism allowed"})
        number = int(asked.path.rpartition("/")[2])
        content = self.artifacts.contents.get(number) or self.store.kept[number]
        return Answer(200, content, {"Content-Type": "application/octet-stream"})

    def _forward(self, asked: Asked) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.upstream.port or 80, timeout=20)
        target = f"{asked.path}?{asked.query}" if asked.query else asked.path
        headers = {
            name: value
            for name, value in asked.headers.items()
            if name in {"accept", "authorization", "content-type", "user-agent"}
        }
        headers["host"] = self.upstream.netloc  # links are built from it
        try:
            line.request(asked.method, target, asked.body or None, headers)
            got = line.getresponse()
            body = got.read()
            kept = {
                name: value.replace(self.upstream.geturl(), self.url)
                for name, value in got.getheaders()
                if name.lower() in {"content-type", "link", "location"}
            }
        finally:
            line.close()
        body = body.replace(self.upstream.geturl().encode(), self.url.encode())
        return self._with_bytes(asked, Answer(got.status, body, kept))

    def _with_bytes(self, asked: Asked, answer: Answer) -> Answer:
        if "/releases" not in asked.path or not answer.body:
            return answer
        data = json.loads(answer.body)
        if _is_bytes(asked) and answer.status == 201:
            self.store.keep(data["id"], asked.body)
        self.store.tell(data)
        if self.twice and isinstance(data, list):
            data = [{**it, "id": it["id"] + 1_000_000} for it in data] + data
        return Answer(answer.status, json.dumps(data).encode(), answer.headers)

    def _handler(gateway) -> type[BaseHTTPRequestHandler]:  # noqa: N805  the handler's self is another
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two packets

            def handle(self) -> None:
                with suppress(ConnectionResetError):  # of who had enough of a download
                    super().handle()

            def serve(self) -> None:
                address = urlsplit(self.path)
                size = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(
                    self.command, address.path, address.query, self.rfile.read(size), headers
                )
                answer = gateway.answer(asked)
                if answer is None:
                    self.close_connection = True
                    return
                with suppress(BrokenPipeError, ConnectionResetError):  # a client that gave up
                    self.send_response(answer.status)
                    length = {"Content-Length": str(len(answer.body))}
                    for name, value in {**length, **answer.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer.body)
                    self.close_connection = "Content-Length" in answer.headers  # a lie

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve  # noqa: N815  http.server's names

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _fits(fault: Fault, asked: Asked) -> bool:
    return fault.method == asked.method and bool(re.search(fault.path, asked.path))


def _is_bytes(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/assets")


def _token(asked: Asked) -> str:
    return asked.headers.get("authorization", "").partition(" ")[2]
