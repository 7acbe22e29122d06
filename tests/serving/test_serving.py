"""Answers over HTTP, of a bundle that a real training made, by a server of its own process."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import msgspec
import numpy as np
import pytest

from pennon.artifacts.bundle import Bundle
from pennon.errors import ArtifactError
from pennon.flows.train import Trained
from served import Server

GOOD = {"age": 40.5, "spend": 80.0, "country": "DE"}


def test_one_row_is_answered_with_a_probability(server: Server) -> None:
    answer = server.post(GOOD)
    assert answer.status == 200
    assert answer.json["model"] == "churn"
    assert 0 < answer.json["prediction"] < 1


def test_a_batch_is_answered_in_its_order(server: Server) -> None:
    rows = [GOOD, GOOD | {"age": 80}, GOOD]
    found = server.post({"rows": rows}).json["predictions"]
    assert found[0] == found[2] != found[1]


def test_the_answer_is_the_prediction_that_training_made(server: Server, trained: Trained) -> None:
    rows = trained.rows.holdout[["age", "spend", "country"]].head(20).to_dict("records")
    served = server.post({"rows": rows}).json["predictions"]
    np.testing.assert_allclose(served, trained.predictions[:20], rtol=1e-12)


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({k: v for k, v in GOOD.items() if k != "age"}, "age", "missing"),
        (GOOD | {"age": None}, "age", "must not be empty"),
        (GOOD | {"age": "old"}, "age", "expected `float`, got `str`"),
        (GOOD | {"country": 7}, "country", "expected `str`, got `int`"),
        (GOOD | {"shoe": 44}, "shoe", "the model does not know it"),
    ],
)
def test_a_wrong_field_is_named(
    server: Server, body: dict[str, Any], field: str, words: str
) -> None:
    answer = server.post(body)
    assert answer.status == 422
    assert answer.json["wrong"] == [{"row": 0, "field": field, "what": words}]


def test_every_wrong_field_of_every_row_is_named(server: Server) -> None:
    rows = [GOOD | {"age": "old"}, GOOD, {"age": 1.0}]
    wrong = server.post({"rows": rows}).json["wrong"]
    assert [(w["row"], w["field"]) for w in wrong] == [(0, "age"), (2, "spend"), (2, "country")]


@pytest.mark.parametrize("body", [b"not json", b"[1, 2]", b'{"rows": []}', b'{"rows": 5}', b""])
def test_what_is_no_request_is_refused(server: Server, body: bytes) -> None:
    assert server.post(body).status == 422


def test_a_body_without_end_is_refused(server: Server) -> None:
    assert server.post(b" " * 10_000_001).status == 413


def test_an_address_or_a_verb_that_is_none_is_refused(server: Server) -> None:
    assert server.get("/predictions").status == 404
    assert server.get("/predict").status == 405


def test_health_and_version_name_what_runs(server: Server, trained: Trained) -> None:
    assert server.get("/health").json["status"] == "ok"
    assert server.get("/ready").json["status"] == "ready"
    assert server.get("/version").json["artifact"] == trained.candidate.manifest.artifact


def test_a_request_keeps_its_own_id(server: Server) -> None:
    answer = server.post(GOOD, X_Request_ID="order-7")
    assert (answer.json["id"], answer.headers["x-request-id"]) == ("order-7", "order-7")


@pytest.mark.parametrize("hostile", ["x" * 129, "caf\xe9"])
def test_an_id_that_no_log_should_hold_is_replaced(server: Server, hostile: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", server.post(GOOD, X_Request_ID=hostile).json["id"])


def test_an_explanation_adds_up_to_the_prediction(server: Server) -> None:
    found = server.post(GOOD, "/predict?explain=true").json
    (explained,) = found["explanations"]
    assert set(explained["contributions"]) == set(GOOD)
    total = explained["base"] + sum(explained["contributions"].values())
    assert total == pytest.approx(found["prediction"], abs=1e-12)


def test_many_rows_are_not_explained_at_once(server: Server) -> None:
    answer = server.post({"rows": [GOOD] * 21}, "/predict?explain=true")
    assert (answer.status, answer.json["error"]) == (422, "at most 20 rows are explained at once")


def test_the_description_is_the_signature(server: Server) -> None:
    said = server.get("/openapi.json").json
    row = said["components"]["schemas"]["Row"]
    jsonschema.Draft202012Validator.check_schema(row)
    jsonschema.validate(GOOD, row)
    for wrong in (GOOD | {"age": "old"}, GOOD | {"shoe": 1}, {"age": 1.0}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, row)
    assert {"/predict", "/health", "/ready", "/version", "/metrics"} == set(said["paths"])


def test_what_is_answered_is_what_the_description_says(server: Server) -> None:
    said = server.get("/openapi.json").json
    answers = {
        "Prediction": server.post(GOOD, "/predict?explain=1"),
        "Predictions": server.post({"rows": [GOOD]}),
        "Refusal": server.post({"age": 1}),
    }
    for name, answer in answers.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": said["components"]}
        jsonschema.validate(answer.json, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({}, schema)


def test_the_page_asks_nobody_else(server: Server) -> None:
    page = server.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http" not in page.body.decode().replace("http://www.w3.org", "")


def test_a_hundred_requests_are_counted(trained: Trained) -> None:
    with Server(trained.candidate.folder) as fresh:
        for i in range(100):
            fresh.post(GOOD | ({"age": "old"} if i % 10 == 0 else {"age": float(i)}))
        told = fresh.get("/metrics").body.decode()
    labels = 'model="churn",role="live",status="{}",version=""'
    assert f"pennon_requests_total{{{labels.format(200)}}} 90.0" in told
    assert f"pennon_requests_total{{{labels.format(422)}}} 10.0" in told
    assert 'pennon_rows_total{model="churn",role="live",version=""} 90.0' in told
    assert 'pennon_request_seconds_count{model="churn",version=""} 100.0' in told


def test_a_bundle_with_another_artifact_is_not_opened(trained: Trained, tmp_path: Path) -> None:
    facts = msgspec.json.decode((trained.candidate.folder / "manifest.json").read_bytes())
    for file in ("pennon.yaml", "model.skops"):
        (tmp_path / file).write_bytes((trained.candidate.folder / file).read_bytes())
    facts["artifact"] = "sha256:00"
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(facts))
    with pytest.raises(ArtifactError, match="is not the file that was recorded"):
        Bundle(tmp_path)


def refused(trained: Trained, *options: str) -> str:
    command = [sys.executable, "-m", "pennon.serving", str(trained.candidate.folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_of_somebody_else_is_refused_before_anything_is_loaded(trained: Trained) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(trained, "--port", port)
    assert f"nobody can listen on port {port} of 127.0.0.1: Address already in use" in said


def test_a_log_that_cannot_be_kept_is_refused(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refused(trained, "--port", "0", "--log", str(tmp_path / "file" / "log"))
    assert f"no prediction log can be kept in {tmp_path}/file/log: Not a directory" in said


def test_a_server_says_what_it_serves_and_where(server: Server) -> None:
    assert f"serving churn@ at {server.url}\n" in server.output.read_text()
