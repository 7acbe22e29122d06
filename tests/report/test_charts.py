"""Pictures of the comment say what the numbers say."""

from __future__ import annotations

import msgspec

from pennon.report import Feature, Past, ReviewView
from pennon.report.charts import feature_bars, history_chart


def test_only_versions_on_the_same_holdout_are_drawn(views: dict[str, ReviewView]) -> None:
    assert 'x-axis ["v0.9.0", "v1.0.0", "candidate"]' in history_chart(views["better"])
    assert "v0.8.0" not in history_chart(views["better"])


def test_without_a_past_there_is_no_picture(views: dict[str, ReviewView]) -> None:
    assert history_chart(views["first"]) == ""


def test_no_label_can_end_its_quotes(views: dict[str, ReviewView]) -> None:
    past = (Past(version='v1"]\n```', value=0.6),)
    text = history_chart(msgspec.structs.replace(views["better"], history=past))
    assert text.count("\n") == 4
    assert '"v1' in text
    assert "`" not in text


def test_bars_are_as_long_as_the_features_are_important() -> None:
    text = feature_bars([Feature(name="a", importance=0.4), Feature(name="b", importance=-0.1)])
    first, second = text.splitlines()
    assert first.count("█") == 20
    assert second.count("█") == 0
    assert "−0.100" in second
