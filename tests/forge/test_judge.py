"""The judge of the contract tests can say no: to what we send, and to what our fakes answer."""

from __future__ import annotations

from typing import Protocol

import pytest


class Judge(Protocol):
    def request(self, method: str, path: str, query: str, body: bytes) -> list[str]: ...

    def answer(self, method: str, path: str, status: int, body: object) -> list[str]: ...


DEPLOYMENTS = "/repos/acme/delay/deployments"


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "problem"),
    [
        ("POST", DEPLOYMENTS, "", b'{"ref": "main"}', None),
        ("POST", DEPLOYMENTS, "", b'{"ref": "main", "description": null}', None),
        ("POST", DEPLOYMENTS, "", b'{"ref": "main", "enviroment": "staging"}', "no field"),
        ("POST", DEPLOYMENTS, "", b'{"environment": "staging"}', "'ref' is a required"),
        ("POST", DEPLOYMENTS, "", b'{"ref": 7}', "7 is not of type 'string'"),
        ("POST", DEPLOYMENTS, "", b'{"ref": null}', "None is not of type 'string'"),
        ("GET", DEPLOYMENTS, "environment=staging&per_page=100", b"", None),
        ("GET", DEPLOYMENTS, "env=staging", b"", "no parameter env"),
        ("PUT", DEPLOYMENTS, "", b"{}", "GitHub has no PUT"),
        ("GET", "/repos/acme/delay/deploy", "", b"", "GitHub has no GET"),
        ("GET", "/repos/acme/delay/releases/tags/a%2Fb@v1", "", b"", None),
        ("GET", "/repos/acme/delay/contents/.github/workflows/a.yml", "ref=main", b"", None),
    ],
)
def test_a_request_is_judged(
    judge: Judge, *, method: str, path: str, query: str, body: bytes, problem: str | None
) -> None:
    found = judge.request(method, path, query, body)
    assert (problem in "\n".join(found)) if problem else (found == [])


def test_an_answer_without_a_required_field_is_noticed(judge: Judge) -> None:
    found = judge.answer("POST", DEPLOYMENTS, 201, {"id": 1})
    assert any("'payload' is a required property" in it for it in found)


def test_an_answer_with_a_state_that_github_has_not_is_noticed(judge: Judge) -> None:
    found = judge.answer("GET", f"{DEPLOYMENTS}/1/statuses", 200, [{"state": "done"}])
    assert any("'done' is not one of" in it for it in found)


def test_an_answer_that_github_never_gives_is_noticed(judge: Judge) -> None:
    assert judge.answer("POST", DEPLOYMENTS, 418, {}) != []
