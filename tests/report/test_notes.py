"""The release notes: golden, and what is different from the champion before."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from pennon.artifacts.lock import Pin
from pennon.config import Config, Gate, Gates, Superior
from pennon.config.intake import Answers
from pennon.evaluation import Evaluation, decide
from pennon.registry import BaseModel, Manifest
from pennon.report import Change, notes
from pennon.report.notes import Said, libraries

Gold = Callable[[str, str], None]


@pytest.fixture
def before(manifest: Manifest) -> Manifest:
    flights = msgspec.structs.replace(manifest.data[0], content="sha256:7f3c9b1e21aa", rows=17274)
    return msgspec.structs.replace(
        manifest,
        commit="81d0e77f1d0e7788990011223344556677889900",
        data=(flights,),
        params={"estimator": "linear", "learning_rate": 0.1},
        environment="sha256:abcdef012345",
        libraries={"scikit-learn": "1.8.0", "numpy": "2.4.6"},
        holdout="sha256:00ff00ff00ff",
    )


OLD = "numpy==2.4.6\npandas==2.3.0\nscikit-learn==1.8.0\nscipy==1.15.0\n"
NEW = "narwhals==2.1.0\nnumpy==2.4.6\npandas==3.0.1\nscikit-learn==1.9.1\nscipy==1.15.0 ; x\n"
ANSWERS = Answers(
    out_of_scope="- prices\n- flights from other cities",
    risks="Who flies to a small airport may get worse answers.",
)


def judged(evaluation: Evaluation, *gates: Gate) -> Said:
    verdict = decide(evaluation, Gates(gates=gates), "v1.0.0")
    return Said(verdict=verdict, answers=ANSWERS, locks=(OLD, NEW))


@pytest.fixture
def better(config: Config, manifest: Manifest, evaluation: Evaluation, before: Manifest) -> str:
    said = judged(
        evaluation,
        Gate(id="better", metric="roc_auc", superior=Superior()),
        Gate(id="floor", metric="roc_auc", min=0.75),
    )
    return notes(config, manifest, evaluation, version="v1.1.0", before=before, said=said)


def test_the_notes_of_a_better_version(better: str, gold: Gold) -> None:
    gold("notes.md", better)


@pytest.mark.parametrize(
    "change",
    [
        "`flights 7f3c9b1e21aa → 9b1e7f3c21aa`",
        "`estimator linear → unset`",
        "updated: `pandas 2.3.0 → 3.0.1`, `scikit-learn 1.8.0 → 1.9.1`",
        "added: `narwhals 2.1.0`",
        "1 of 2 gates pass, `floor` ❌ fails",
        "- flights from other cities",
        "Who flies to a small airport",
        "other sealed rows",
        "Trained on a sample",
    ],
)
def test_every_change_is_told(change: str, better: str) -> None:
    assert change in better


def test_a_library_that_went_and_one_that_differs_by_platform_are_told() -> None:
    found = libraries("a==1\nb==1 ; x\nb==2 ; y\nc==1\n", "a==1\nb==1 ; x\nb==3 ; y\n")
    assert found.removed == (Pin("c", "1"),)
    assert found.updated == (Change(name="b", old="1, 2", new="1, 3"),)


def test_without_the_champions_lock_the_libraries_of_both_manifests_are_told(
    config: Config, manifest: Manifest, evaluation: Evaluation, before: Manifest
) -> None:
    text = notes(config, manifest, evaluation, version="v1.1.0", before=before)
    assert "updated: `scikit-learn 1.8.0 → 1.9.1`" in text
    assert "added" not in text


def test_another_base_model_is_told(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    base = BaseModel(uri="https://example.org/w", digest="sha256:0102030405060708")
    made = msgspec.structs.replace(manifest, base_model=base)
    text = notes(config, made, evaluation, version="v1.1.0", before=manifest)
    assert "- base model: `digest unset → 010203040506`" in text


def test_the_notes_of_the_first_version(
    config: Config, manifest: Manifest, first: Evaluation, gold: Gold
) -> None:
    gold("notes-first.md", notes(config, manifest, first, version="v1.0.0"))


def test_the_notes_of_a_regression(
    config: Config, minutes: Manifest, regression: Evaluation, gold: Gold
) -> None:
    text = notes(config, minutes, regression, version="v2.0.0", before=minutes)
    gold("notes-regression.md", text)


def test_what_did_not_change_is_said_to_be_unchanged(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    text = notes(config, manifest, evaluation, version="v1.1.0", before=manifest)
    assert "- params: unchanged" in text
    assert "`flights` unchanged" in text
    assert "`requirements.lock` unchanged" in text
