"""What whoever asks the model relies on, asked of a server of a candidate: `pennon contract`.

The requests come from the signature, and from `consumers/*.json`: what those who ask expect.
"""

import json
import subprocess
import sys

import pytest

MODEL = "{{ cookiecutter.model_name }}"


def pennon(*arguments: str) -> str:
    command = [sys.executable, "-m", "pennon", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


@pytest.fixture(scope="module")
def cases() -> dict:
    """Case -> what was wrong with the answer."""
    pennon("train", MODEL)
    found = json.loads(pennon("contract", MODEL, "--latency", "2000", "--json"))
    return {case["name"]: case["wrong"] for case in found["cases"]}


def test_every_promise_is_kept(cases: dict) -> None:
    assert {name: wrong for name, wrong in cases.items() if wrong} == {}


def test_rows_batches_and_bad_input_are_among_them(cases: dict) -> None:
    for name in ("a row is predicted", "a batch is predicted", "an empty batch is refused"):
        assert name in cases
    assert "distance may not be missing" in cases


def test_the_consumers_are_among_them(cases: dict) -> None:
    assert "example.json: whoever shows the prediction" in cases
