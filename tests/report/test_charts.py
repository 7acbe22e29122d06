"""Pictures say what the numbers say."""

from __future__ import annotations

import msgspec

from pennon.report import Feature, Past, ReviewView
from pennon.report.charts import feature_bars, forest, history_chart, trend


def test_better_lies_right_whatever_the_direction_of_the_metric(
    views: dict[str, ReviewView],
) -> None:
    for whisker in forest(views["better"].metrics):
        better = whisker.row.scores.improvement > 0
        assert (whisker.middle > 0.5) is better
        assert 0 <= whisker.low <= whisker.middle <= whisker.high <= 1


def test_the_limit_of_a_gate_stands_on_the_worse_side(views: dict[str, ReviewView]) -> None:
    (whisker,) = forest(views["worse-slice"].worst)
    assert whisker.limit is not None
    assert whisker.high < whisker.limit < 0.5


def test_slices_share_one_scale(views: dict[str, ReviewView]) -> None:
    rows = views["worse-slice"].slices
    own, shared = forest(rows), forest(rows, shared=True)
    assert own[0] == shared[0]
    assert shared[1].high < own[1].high


def test_only_versions_on_the_same_holdout_are_drawn(views: dict[str, ReviewView]) -> None:
    assert [point.label for point in trend(views["better"])] == ["v0.9.0", "v1.0.0", "candidate"]
    assert "v0.8.0" not in history_chart(views["better"])


def test_without_a_past_there_is_no_picture(views: dict[str, ReviewView]) -> None:
    assert trend(views["first"]) == []
    assert history_chart(views["first"]) == ""


def test_no_label_can_end_its_quotes(views: dict[str, ReviewView]) -> None:
    past = (Past(version='v1"]\n```', value=0.6),)
    text = history_chart(msgspec.structs.replace(views["better"], history=past))
    assert text.count("\n") == 4
    assert '"v1' in text
    assert "`" not in text


def test_equal_values_still_have_a_place(views: dict[str, ReviewView]) -> None:
    row = views["same"].deciding
    assert row is not None
    past = (Past(version="v1.0.0", value=row.scores.candidate),)
    points = trend(msgspec.structs.replace(views["same"], history=past))
    assert [point.y for point in points] == [0.5, 0.5]


def test_bars_are_as_long_as_the_features_are_important() -> None:
    text = feature_bars([Feature(name="a", importance=0.4), Feature(name="b", importance=-0.1)])
    first, second = text.splitlines()
    assert first.count("█") == 20
    assert second.count("█") == 0
    assert "−0.100" in second
