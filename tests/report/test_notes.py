"""The release notes: golden, and what is different from the champion before."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from pennon.config import Config
from pennon.evaluation import Evaluation
from pennon.registry import Manifest
from pennon.report import notes

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


@pytest.fixture
def better(config: Config, manifest: Manifest, evaluation: Evaluation, before: Manifest) -> str:
    return notes(config, manifest, evaluation, version="v1.1.0", before=before)


def test_the_notes_of_a_better_version(better: str, gold: Gold) -> None:
    gold("notes.md", better)


@pytest.mark.parametrize(
    "change",
    [
        "`flights 7f3c9b1e21aa → 9b1e7f3c21aa`",
        "`estimator linear → unset`",
        "`scikit-learn 1.8.0 → 1.9.1`",
        "other sealed rows",
        "Trained on a sample",
    ],
)
def test_every_change_is_told(change: str, better: str) -> None:
    assert change in better


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
