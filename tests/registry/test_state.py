"""What events add up to, without any git."""

from __future__ import annotations

import pytest

from pennon.registry import EventKind, Finding, ModelState, Version
from pennon.registry.grammar import parse, tag_name
from pennon.registry.state import Event, replay

V1, V2, V3 = (Version(f"v{number}.0.0") for number in (1, 2, 3))


def state(*moves: tuple[str, Version | None], findings: tuple[str, ...] = ()) -> ModelState:
    """Of tags a second apart, each with the version it is about."""
    events = []
    for seconds, (tag, version) in enumerate(moves):
        name = parse(tag)
        assert name is not None
        event = Event(
            name=name,
            tag=tag,
            oid=f"{seconds:040x}",
            commit="c",
            seconds=seconds,
            tagger="Ada",
            version=version or name.version,
        )
        events.append(event)
    return replay("churn", events, [Finding(tag, "odd", "") for tag in findings])


REGISTERED = [(f"churn@{version}", version) for version in (V1, V2, V3)]


def test_who_leaves_a_stage_gives_it_back_to_the_one_before() -> None:
    moves = [("churn#prod#1", V1), ("churn#prod#2", V2), ("churn#prod!#3", V2)]
    assert state(*REGISTERED, *moves).holder("prod") == V1


def test_who_is_retired_gives_its_stage_back_to_the_one_before() -> None:
    moves = [("churn#prod#1", V1), ("churn#prod#2", V2), ("churn@v2.0.0!", V2)]
    assert state(*REGISTERED, *moves).holder("prod") == V1


def test_another_s_leaving_does_not_touch_the_holder() -> None:
    moves = [("churn#prod#1", V1), ("churn#prod#2", V2), ("churn#prod!#3", V1)]
    after = state(*REGISTERED, *moves)
    assert after.holder("prod") == V2
    assert [event.version for event in after.standing("prod")] == [V2]


def test_a_version_that_is_registered_again_has_its_stages_again() -> None:
    moves = [("churn#prod#1", V1), ("churn@v1.0.0!", V1), ("churn@v1.0.0#2", V1)]
    assert state(*REGISTERED, *moves).holder("prod") == V1


def test_a_model_is_retired_until_its_next_event() -> None:
    retired = state(*REGISTERED, ("churn@deprecated", None))
    assert retired.retired
    assert retired.latest == V3
    assert not state(("churn@deprecated", None), *REGISTERED).retired


def test_the_latest_of_equal_rank_is_the_one_registered_last() -> None:
    b, a = Version("v1.0.0+b"), Version("v1.0.0+a")
    assert state(("churn@v1.0.0+b", b), ("churn@v1.0.0+a", a)).latest == a


def test_a_number_on_an_unusable_tag_is_used_up() -> None:
    found = state(*REGISTERED, ("churn#prod#4", V1), findings=("churn#prod#9",))
    assert found.counter == 9
    assert tag_name(found.next_name(EventKind.ASSIGN, None, "prod")) == "churn#prod#10"


@pytest.mark.parametrize(
    ("there", "written"),
    [([], "churn@v1.0.0!"), ([("churn@v1.0.0!", V1), ("churn@v1.0.0#4", V1)], "churn@v1.0.0!#5")],
)
def test_a_plain_name_that_is_taken_gets_a_number(
    there: list[tuple[str, Version]], written: str
) -> None:
    name = state(*REGISTERED, *there).next_name(EventKind.RETIRE, V1)
    assert tag_name(name) == written
