"""The contract of a version: kept by a real server, broken by servers that change their ways."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from pennon.artifacts.bundle import Bundle
from pennon.config import Task
from pennon.errors import ConfigError
from pennon.flows.train import Trained
from pennon.registry import Field
from pennon.serving.contract import Asked, Subject, asked, cases, consumed
from served import Server

ROW = {"age": 40.0, "country": "DE"}
SUBJECT = Subject(
    model="churn",
    version="v1.0.0",
    task=Task.CLASSIFICATION,
    inputs=(Field(name="age", type="number"), Field(name="country", type="string", optional=True)),
    example=ROW,
)
Answer = Callable[[str, Any], tuple[int, Any]]


def sound(path: str, body: Any) -> tuple[int, Any]:  # noqa: ANN401  any JSON
    """What a server of the subject answers, as serving/app.py does."""
    said = {"model": "churn", "version": "v1.0.0"}
    if path == "/version":
        return 200, said
    rows = body.get("rows", [body]) if isinstance(body, dict) else None
    if not rows:
        return 422, {"error": "send 1 to 1000 rows"}
    for row in rows:
        for name in [*row, "age"]:
            kind = {"age": float, "country": str}.get(name)
            if kind is None or not isinstance(row.get(name), kind):
                wrong = [{"row": 0, "field": name, "what": "wrong"}]
                return 422, {"error": "1 field is wrong", "wrong": wrong}
    said |= {"id": "x"}
    if "rows" in body:
        return 200, said | {"predictions": [0.5] * len(rows)}
    return 200, said | {"prediction": 0.5}


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply(None)

        def do_POST(self) -> None:
            self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def reply(self, body: object) -> None:
            status, data = answer(self.path, body)
            content = data if isinstance(data, bytes) else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def broken(found: list[Asked]) -> dict[str, str]:
    return {it.name: "; ".join(it.wrong) for it in found if it.wrong}


def test_a_real_server_keeps_the_contract_of_its_version(server: Server, trained: Trained) -> None:
    said = server.get("/version").json
    bundle = Bundle(trained.candidate.folder)
    inputs = tuple(Field(name=it.name, type=it.type, optional=it.optional) for it in bundle.inputs)
    it = Subject(
        model=said["model"],
        version=said["version"],
        task=Task.CLASSIFICATION,
        inputs=inputs,
        example=bundle.example,
    )
    found = asked(server.url, cases(it), latency=5000)
    assert broken(found) == {}
    assert len(found) > 2 * len(inputs) + 4


def test_a_stand_in_that_is_sound_keeps_it_as_well() -> None:
    with serving(sound) as url:
        assert broken(asked(url, cases(SUBJECT))) == {}


def breaking(change: Callable[[str, Any, int, Any], tuple[int, Any]]) -> Answer:
    return lambda path, body: change(path, body, *sound(path, body))


def _renamed(_: str, __: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    text = json.dumps(data).replace('"prediction"', '"score"')
    return status, json.loads(text)


def _as_text(_: str, __: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    return status, data | ({"prediction": "0.5"} if "prediction" in data else {})


def _beyond(_: str, __: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    return status, data | ({"prediction": 1.2} if "prediction" in data else {})


def _lost(_: str, __: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    return status, data | ({"predictions": [0.5]} if "predictions" in data else {})


def _lenient(_: str, __: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    good = {"model": "churn", "version": "v1.0.0", "id": "x", "prediction": 0.1}
    return (200, good) if status == 422 else (status, data)


def _nameless(_: str, __: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    return status, {"error": "wrong"} if status == 422 else data


def _strict(_: str, body: Any, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    missing = isinstance(body, dict) and "rows" not in body and "country" not in body
    return (422, {"error": "no country"}) if missing else (status, data)


def _html(path: str, _: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    return (status, b"<html>") if path == "/predict" else (status, data)


def _other(path: str, _: object, status: int, data: Any) -> tuple[int, Any]:  # noqa: ANN401
    return status, data | ({"version": "v0.9.0"} if path == "/version" else {})


@pytest.mark.parametrize(
    ("change", "case", "words"),
    [
        (_renamed, "a row is predicted", "has no 'prediction'"),
        (_as_text, "a row is predicted", "prediction is '0.5', not of type number"),
        (_beyond, "a row is predicted", "prediction is 1.2, more than 1"),
        (_lost, "a batch is predicted", "predictions has 1 items, not 2 to 2"),
        (_lenient, "an empty batch is refused", "answered 200, not 422"),
        (_lenient, "age may not be missing", "answered 200, not 422"),
        (_lenient, "age of another type is refused", "answered 200, not 422"),
        (_nameless, "age may not be missing", "does not name 'age'"),
        (_strict, "country may be missing", 'answered 422, not 200: {"error": "no country"}'),
        (_html, "a row is predicted", "no JSON"),
        (_other, "it says which version it is", "version is 'v0.9.0', not 'v1.0.0'"),
    ],
)
def test_a_promise_that_is_broken_is_named(
    change: Callable[..., tuple[int, Any]], case: str, words: str
) -> None:
    with serving(breaking(change)) as url:
        assert words in broken(asked(url, cases(SUBJECT)))[case]


def test_a_regression_predicts_any_number() -> None:
    it = msgspec.structs.replace(SUBJECT, task=Task.REGRESSION)
    with serving(breaking(_beyond)) as url:
        assert broken(asked(url, cases(it))) == {}


def test_without_an_example_only_refusals_are_asked_for() -> None:
    it = msgspec.structs.replace(SUBJECT, example=None)
    assert [one.status for one in cases(it)] == [200, 422, 422]


def test_where_nobody_answers_nothing_more_is_asked() -> None:
    with serving(sound) as url:
        pass
    assert broken(asked(url, cases(SUBJECT))) == {"it says which version it is": "nobody answers"}


def test_a_row_that_takes_longer_than_its_budget_breaks_it() -> None:
    ticks = iter(i * 0.02 for i in range(1000))
    with serving(sound) as url:
        found = asked(url, cases(SUBJECT), latency=10, clock=lambda: next(ticks))
        assert found[-1].wrong == ("it took 20.0 ms",)
        ticks = iter(i * 0.005 for i in range(1000))
        assert asked(url, cases(SUBJECT), latency=10, clock=lambda: next(ticks))[-1].wrong == ()


FIXTURE = {
    "name": "the booking page",
    "request": ROW,
    "response": {"type": "object", "required": ["prediction"]},
}


def fixture(**changes: object) -> dict[str, bytes]:
    return {"booking.json": json.dumps(FIXTURE | changes).encode()}


def test_a_consumer_s_fixture_is_asked_as_it_is() -> None:
    with serving(sound) as url:
        assert broken(asked(url, consumed(fixture(), "churn"))) == {}
        wanted = fixture(response={"type": "object", "required": ["score"]})
        said = broken(asked(url, consumed(wanted, "churn")))
    assert said == {"booking.json: the booking page": "the answer has no 'score'"}


def test_a_fixture_of_another_model_is_left_out() -> None:
    assert list(consumed(fixture(model="delay"), "churn")) == []
    assert len(list(consumed(fixture(model="churn"), "churn"))) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"response": {"$ref": "#/x"}}, r"\$ref cannot be checked"),
        ({"response": {"properties": {"a": {"oneOf": []}}}}, "a: oneOf cannot be checked"),
        ({"respond": {}}, "respond"),
        ({"status": "200"}, "status"),
    ],
)
def test_a_fixture_that_cannot_be_held_to_is_refused(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=rf"booking\.json: .*{words}"):
        list(consumed(fixture(**changes), "churn"))
