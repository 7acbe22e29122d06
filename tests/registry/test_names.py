"""Names: what GTO, git and pennon refuse, and what cannot stand beside what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from gto.constants import Action, assert_fullname_is_valid, assert_name_is_valid
from gto.exceptions import ValidationError
from gto.tag import parse_name
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.errors import RegistryError
from pennon.git.process import attempt
from pennon.registry import EventKind, EventName, Version, check_model, check_stage, read_model
from pennon.registry.grammar import parse, tag_name
from pennon.registry.names import is_new, refuse_clash, refuse_shared_commit
from registry.oracle import MODELS, STAGES
from worlds import Ledger

PIECES = [
    *("a", "Z9", "-", "_", "/", "//", ".", "..", ".lock", "=", ":", "#", "@", "!", " ", "ü", "\n"),
    *("v1.0.0", "v1.2.3-rc.1+b.7", "v01.0.0", "v1.0.0-", "٣", "7", "007", "deprecated", "created"),
    *("churn", "team=churn", "#champion", "@v1.4.0", "#5"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
NAME_TEXTS = TEXTS | MODELS | STAGES | st.text(max_size=6)
ACTIONS = {
    Action.REGISTER: EventKind.REGISTER,
    Action.DEREGISTER: EventKind.RETIRE,
    Action.ASSIGN: EventKind.ASSIGN,
    Action.UNASSIGN: EventKind.UNASSIGN,
    Action.DEPRECATE: EventKind.RETIRE_MODEL,
}


def assignment(model: str, stage: str, counter: int | None = 9) -> EventName:
    return EventName(kind=EventKind.ASSIGN, model=model, stage=stage, counter=counter)


def pennon_takes(name: str, what: str) -> bool:
    try:
        check = check_model if what == "model" else check_stage
        check(name)
    except RegistryError:
        return False
    return True


def gto_takes(name: str, what: str) -> bool:
    try:
        valid = assert_fullname_is_valid if what == "model" else assert_name_is_valid
        valid(name)  # type: ignore[no-untyped-call]  # GTO's
    except ValidationError:
        return False
    return True


def git_takes(tag: str) -> bool:
    """Git's rule for refs, the one that `git tag` adds, and room in a file's name."""
    if "\0" in tag or tag.startswith("-") or any(len(part) > 200 for part in tag.split("/")):
        return False
    return attempt(Path("/"), "check-ref-format", f"refs/tags/{tag}").returncode == 0


@settings(max_examples=2000, deadline=None)
@given(TEXTS)
def test_a_tag_means_to_pennon_what_it_means_to_gto(tag: str) -> None:
    theirs = parse_name(tag, raise_on_fail=False)
    if not tag.isascii() or tag.endswith("\n") or (theirs and "action" not in theirs):
        assert parse(tag) is None  # no such tag can be, or GTO cannot read it (`@created`)
        return
    ours = parse(tag)
    assert (ours is None) == (not theirs)
    if ours is not None:
        assert (ours.model, ours.kind) == (theirs["name"], ACTIONS[theirs["action"]])
        assert str(ours.version or "") == theirs.get("version", "")
        assert (ours.stage, ours.counter) == (theirs.get("stage", ""), theirs.get("counter"))


@settings(max_examples=300, deadline=None)
@given(NAME_TEXTS, st.sampled_from(["model", "stage"]))
def test_a_name_is_refused_where_gto_or_git_refuses_it_and_nowhere_else(
    name: str, what: str
) -> None:
    event = assignment(name, "s") if what == "model" else assignment("m", name)
    simple = tag_name(event).removesuffix("#9")
    possible = gto_takes(name, what) and git_takes(tag_name(event)) and git_takes(simple)
    assert pennon_takes(name, what) == possible


@pytest.mark.parametrize(
    ("name", "takes"),
    [("a" * 100, True), ("a" * 101, False), ("/".join(["a" * 100] * 3), True)],
)
def test_a_name_has_room_in_the_name_of_a_file(name: str, *, takes: bool) -> None:
    assert pennon_takes(name, "model") is takes
    assert pennon_takes(name, "stage") is takes


@pytest.mark.parametrize(
    ("model", "stage", "there", "why"),
    [
        ("churn", "prod/eu", "churn#prod", "a folder of the other"),
        ("churn", "prod", "churn#prod/eu#3", "a folder of the other"),
        ("churn/eu", "prod", "churn", "a folder of the other"),
        ("Churn", "prod", "churn@v1.0.0", "upper and lower case"),
        ("churn", "Prod", "churn#prod#1", "upper and lower case"),
        ("churn", "Prod/eu", "churn#prod/us#1", "upper and lower case"),
        ("Team/churn", "prod", "team/delay@v1.0.0", "upper and lower case"),
        ("team:churn", "prod", "Team=churn#prod!#2", "upper and lower case"),
    ],
)
def test_a_name_without_room_beside_a_tag_is_refused(
    model: str, stage: str, there: str, why: str
) -> None:
    with pytest.raises(RegistryError, match=f"has no room beside {there}: .*{why}"):
        refuse_clash(assignment(model, stage), [there])


@pytest.mark.parametrize(
    "there",
    ["churn@v1.0.0", "churn#prod#1", "churn#prod", "churn2@v1.0.0", "churn/eu@v1.0.0", "v1.0.0"],
)
def test_names_that_can_stand_side_by_side_do(there: str) -> None:
    refuse_clash(assignment("churn", "prod"), [there])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(MODELS, STAGES, st.none() | st.integers(1, 3)),
        min_size=2,
        max_size=5,
        unique=True,
    )
)
def test_git_holds_whatever_is_not_refused(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[str, str, int | None]]
) -> None:
    held: list[str] = []
    for model, stage, counter in wanted:
        event = assignment(model, stage, counter)
        try:
            refuse_clash(event, held)
        except RegistryError:
            continue
        held.append(tag_name(event))
    folded = {"/".join(tag.lower().split("/")[: i + 1]) for tag in held for i in range(len(tag))}
    exact = {"/".join(tag.split("/")[: i + 1]) for tag in held for i in range(len(tag))}
    assert len(folded) == len(exact)  # a disk that ignores case keeps them apart
    folder = tmp_path_factory.mktemp("held")
    attempt(folder, "init", "--quiet", "--bare", "--template=")
    blob = attempt(folder, "hash-object", "-w", "--stdin", stdin=b"x").stdout.decode().strip()
    orders = "".join(f"update refs/tags/{tag} {blob}\n" for tag in held)
    assert attempt(folder, "update-ref", "--stdin", stdin=orders.encode()).returncode == 0


def test_a_commit_has_room_for_one_version_of_a_model(clone: Path) -> None:
    ledger = Ledger(clone)
    written = ledger.register("v1.0.0")
    state = read_model(ledger.repo, "churn")
    refuse_shared_commit(state, Version("v1.0.0"), written.commit)
    refuse_shared_commit(state, Version("v1.1.0"), "another")
    with pytest.raises(RegistryError, match=r"v1\.0\.0 was registered on .* its own commit"):
        refuse_shared_commit(state, Version("v1.1.0"), written.commit)


def test_names_are_checked_the_first_time_only(clone: Path) -> None:
    ledger = Ledger(clone)
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    state = read_model(ledger.repo, "churn")
    assert not is_new(assignment("churn", "champion"), state)
    assert is_new(assignment("churn", "challenger"), state)
