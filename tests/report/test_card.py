"""The model card: golden, and honest about what is not known."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from pennon.config import Config
from pennon.evaluation import Evaluation
from pennon.registry import Field, Manifest
from pennon.report import card

Gold = Callable[[str, str], None]


def test_the_card_of_a_classifier(
    config: Config, manifest: Manifest, evaluation: Evaluation, gold: Gold
) -> None:
    gold("card-classification.md", card(config, manifest, evaluation, version="v1.1.0"))


def test_the_card_of_a_regression(
    config: Config, minutes: Manifest, regression: Evaluation, gold: Gold
) -> None:
    gold("card-regression.md", card(config, minutes, regression, version="v2.0.0"))


@pytest.mark.parametrize(
    "limit",
    [
        "Trained on a sample",
        "same period",
        "Not measured, for want of rows",
        "personal data: origin",
    ],
)
def test_the_card_names_the_limits(
    limit: str, config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    known = card(config, manifest, evaluation, version="v1.1.0").partition("## Known limits")[2]
    assert limit in known.partition("##")[0]


def test_a_slice_that_loses_is_named(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    champion = evaluation.comparisons[0]
    part = champion.slices[0]
    losing = [msgspec.structs.replace(part.scores[0], low=-0.1, high=-0.05)]
    worse = msgspec.structs.replace(part, scores=tuple(losing))
    found = msgspec.structs.replace(champion, slices=(worse,))
    text = card(
        config,
        manifest,
        msgspec.structs.replace(evaluation, comparisons=(found,)),
        version="v1.1.0",
    )
    assert "Worse beyond noise than v1.0.0 on origin=EWR." in text


def test_a_column_name_does_not_leave_its_cell(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    odd = msgspec.structs.replace(
        manifest.signature, inputs=(Field(name="a|b`c\n# d", type="num|ber"),)
    )
    manifest = msgspec.structs.replace(manifest, signature=odd)
    text = card(config, manifest, evaluation, version="v1.1.0")
    assert "| <code>a&#124;b&#96;c &#35;\u200b d</code> | num&#124;ber |" in text
