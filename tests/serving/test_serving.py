"""Answers over HTTP, of a bundle that a real training made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from starlette.testclient import TestClient

from pennon.artifacts.bundle import Bundle
from pennon.errors import ArtifactError
from pennon.flows.train import Trained, train
from pennon.registry import RunKind
from pennon.serving.app import app
from shop import MODEL, shop, world

GOOD = {"age": 40.5, "spend": 80.0, "country": "DE"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    here = shop(tmp_path_factory.mktemp("served"))
    return train(world(here.root), MODEL, data="full", kind=RunKind.EXPERIMENT)


@pytest.fixture(scope="module")
def client(trained: Trained) -> TestClient:
    return TestClient(app(Bundle(trained.candidate.folder)))


def test_one_row_is_answered_with_a_probability(client: TestClient) -> None:
    answer = client.post("/predict", json=GOOD)
    assert answer.status_code == 200
    assert answer.json()["model"] == "churn"
    assert 0 < answer.json()["prediction"] < 1


def test_a_batch_is_answered_in_its_order(client: TestClient) -> None:
    rows = [GOOD, GOOD | {"age": 80}, GOOD]
    found = client.post("/predict", json={"rows": rows}).json()["predictions"]
    assert found[0] == found[2] != found[1]


def test_the_answer_is_the_prediction_that_training_made(
    client: TestClient, trained: Trained
) -> None:
    rows = trained.rows.holdout[["age", "spend", "country"]].head(20).to_dict("records")
    served = client.post("/predict", json={"rows": rows}).json()["predictions"]
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
    client: TestClient, body: dict[str, Any], field: str, words: str
) -> None:
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert answer.json()["wrong"] == [{"row": 0, "field": field, "what": words}]


def test_every_wrong_field_of_every_row_is_named(client: TestClient) -> None:
    rows = [GOOD | {"age": "old"}, GOOD, {"age": 1.0}]
    wrong = client.post("/predict", json={"rows": rows}).json()["wrong"]
    assert [(w["row"], w["field"]) for w in wrong] == [(0, "age"), (2, "spend"), (2, "country")]


@pytest.mark.parametrize("body", [b"not json", b"[1, 2]", b'{"rows": []}', b'{"rows": 5}', b""])
def test_what_is_no_request_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/predict", content=body).status_code == 422


def test_a_body_without_end_is_refused(client: TestClient) -> None:
    assert client.post("/predict", content=b" " * 10_000_001).status_code == 413


def test_health_and_version_name_what_runs(client: TestClient, trained: Trained) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/ready").json()["status"] == "ready"
    assert client.get("/version").json()["artifact"] == trained.candidate.manifest.artifact


def test_a_bundle_with_another_artifact_is_not_opened(trained: Trained, tmp_path: Path) -> None:
    facts = msgspec.json.decode((trained.candidate.folder / "manifest.json").read_bytes())
    for file in ("pennon.yaml", "model.skops"):
        (tmp_path / file).write_bytes((trained.candidate.folder / file).read_bytes())
    facts["artifact"] = "sha256:00"
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(facts))
    with pytest.raises(ArtifactError, match="is not the file that was recorded"):
        Bundle(tmp_path)
