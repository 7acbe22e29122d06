from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import RegistryError
from pennon.registry import EventKind, EventName, Version, check_model, check_stage, version
from pennon.registry.grammar import parse, tag_name

NAMES = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9/_-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
VERSIONS = st.builds(
    lambda a, b, c, pre: Version(f"v{a}.{b}.{c}{pre}"),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from(["", "-rc.1", "-rc.10", "-alpha"]),
)
COUNTERS = st.none() | st.integers(0, 10**6)


@st.composite
def events(draw: st.DrawFn) -> EventName:
    kind = draw(st.sampled_from(EventKind))
    versioned = kind in (EventKind.REGISTER, EventKind.RETIRE)
    staged = kind in (EventKind.ASSIGN, EventKind.UNASSIGN)
    return EventName(
        kind=kind,
        model=draw(NAMES | st.tuples(NAMES, NAMES).map(":".join)),
        version=draw(VERSIONS) if versioned else None,
        stage=draw(NAMES) if staged else "",
        counter=draw(COUNTERS),
    )


@given(events())
def test_every_event_survives_its_tag_name(event: EventName) -> None:
    assert parse(tag_name(event)) == event


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("churn@v1.4.0", EventKind.REGISTER),
        ("churn@v1.4.0#5", EventKind.REGISTER),
        ("churn@v1.4.0!", EventKind.RETIRE),
        ("churn@v1.4.0!#6", EventKind.RETIRE),
        ("churn#champion#7", EventKind.ASSIGN),
        ("churn#champion", EventKind.ASSIGN),
        ("churn#champion!#8", EventKind.UNASSIGN),
        ("churn#champion!", EventKind.UNASSIGN),
        ("churn@deprecated", EventKind.RETIRE_MODEL),
        ("churn@deprecated#9", EventKind.RETIRE_MODEL),
    ],
)
def test_every_form_of_gto_is_understood(tag: str, kind: EventKind) -> None:
    event = parse(tag)
    assert event is not None
    assert (event.model, event.kind) == ("churn", kind)


@pytest.mark.parametrize(
    "tag", ["v1.4.0", "churn", "churn@1.4.0", "churn@v1.4", "churn@created", "a.b@v1.0.0", "#x#1"]
)
def test_other_tags_are_left_alone(tag: str) -> None:
    assert parse(tag) is None


def test_versions_follow_the_precedence_of_semver() -> None:
    ordered = ["v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0", "v1.10.0"]
    assert [str(v) for v in sorted(map(Version, reversed(ordered)))] == ordered


@pytest.mark.parametrize("text", ["1.2", "v1", "latest", "v01.0.0", "v1.0.0 "])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(RegistryError, match=r"is not a version; versions look like v1\.4\.0"):
        version(text)


def test_a_version_may_be_typed_without_its_v() -> None:
    assert version("1.4.0") == Version("v1.4.0")


@pytest.mark.parametrize("name", ["a.b", "-a", "a-", "a//b", "a/b.lock", "", "ü", "a b", "a..b"])
def test_names_that_gto_or_git_cannot_hold_are_refused(name: str) -> None:
    with pytest.raises(RegistryError, match="cannot name a model"):
        check_model(name)
    with pytest.raises(RegistryError, match="cannot name a stage"):
        check_stage(name)


@pytest.mark.parametrize(
    ("part", "next_one"), [("major", "v2.0.0"), ("minor", "v1.5.0"), ("patch", "v1.4.3")]
)
def test_a_bump_moves_one_part_and_resets_the_lower(part: str, next_one: str) -> None:
    assert str(Version("v1.4.2").bump(part)) == next_one


def test_what_follows_the_plus_has_no_precedence() -> None:
    assert Version("v1.0.0+b").precedence == Version("v1.0.0+a").precedence
    assert Version("v1.0.0-rc.1").precedence < Version("v1.0.0").precedence


def test_a_folder_may_hold_dots_as_gto_allows() -> None:
    event = parse("models/v1.2=churn@v1.0.0")
    assert event is not None
    assert event.model == "models/v1.2:churn"


def test_a_number_that_no_reader_can_hold_is_no_registry_tag() -> None:
    assert parse(f"churn#champion#{'9' * 5000}") is None
