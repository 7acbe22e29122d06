"""The same verb twice, by one or by two people: nobody undoes what the other has just mended."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from light import BEFORE, LIGHT, Light, back
from pennon.errors import ConflictError, RegistryError
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.assignment.settle import LONGEST, pause, until_settled
from pennon.flows.promote import promote
from pennon.flows.rollback import rollback
from pennon.git import Repo
from pennon.git.push import Write, push
from pennon.registry import Assignment, EventKind, Version, read_remote, write
from pennon.registry.write import NewEvent, append
from worlds import run_git


def test_the_same_rollback_again_goes_no_further_back(light: Light) -> None:
    first = rollback(light.world, back())
    again = rollback(light.world, back())
    assert (again.version, again.tag, again.steps) == ("v1.1.0", first.tag, ())
    assert light.champions() == [*BEFORE, "v1.1.0"]


def test_the_same_rollback_again_starts_the_deployment_again(light: Light) -> None:
    for _ in range(2):
        rollback(light.world, back(then=Then.DISPATCH))
    asked = light.world.forge.dispatches()  # type: ignore[attr-defined]  # the local forge has it
    assert [it.workflow for it in asked] == ["deploy.yml", "deploy.yml"]


@pytest.mark.parametrize("typed", ["v1.0.0", "1.0.0"])
def test_the_same_rollback_to_a_version_again_is_done(light: Light, typed: str) -> None:
    rollback(light.world, back(version=typed))
    assert rollback(light.world, back(version=typed)).steps == ()
    assert light.champions() == [*BEFORE, "v1.0.0"]


def test_a_rollback_for_another_reason_goes_further_back(light: Light) -> None:
    rollback(light.world, back("wrong for FR"))
    rollback(light.world, back("wrong for DE, too"))
    assert light.champions() == [*BEFORE, "v1.1.0", "v1.0.0"]


def test_no_rollback_returns_to_what_somebody_rolled_back_from(light: Light) -> None:
    rollback(light.world, back(version="v1.0.0"))
    with pytest.raises(RegistryError, match=r"v1\.1\.0: it was rolled back from"):
        rollback(light.world, back("wrong for DE, too"))


def test_a_version_that_is_promoted_again_can_be_gone_back_to(light: Light) -> None:
    rollback(light.world, back())
    light.ledger.assign("v1.2.0")
    rollback(light.world, back("worse than before"))
    assert light.champions() == [*BEFORE, "v1.1.0", "v1.2.0", "v1.1.0"]


def meanwhile(light: Light, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Bob's rollback arrives between our decision and our push."""

    def late(repo: Repo, writes: Iterable[Write]) -> None:
        monkeypatch.undo()
        light.ledger.assign(version, rollback=True, reason="bob saw it, too")
        push(repo, writes)

    monkeypatch.setattr(write, "push", late)


def test_two_people_who_roll_back_at_once_go_back_once(
    light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(light, monkeypatch, "v1.1.0")
    done = rollback(light.world, back())
    assert (done.version, done.steps) == ("v1.1.0", ())
    assert light.champions() == [*BEFORE, "v1.1.0"]


def test_a_rollback_to_a_version_stands_whoever_was_faster(
    light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(light, monkeypatch, "v1.1.0")
    rollback(light.world, back(version="v1.0.0"))
    assert light.champions() == [*BEFORE, "v1.1.0", "v1.0.0"]


def test_a_promotion_that_was_cut_short_starts_its_deployment_when_it_is_run_again(
    light: Light,
) -> None:
    done = promote(light.world, Ask(model=LIGHT, then=Then.DISPATCH))
    assert [step.partition(" on ")[0] for step in done.steps] == ["start deploy.yml"]
    assert light.champions() == BEFORE


def test_an_event_after_one_that_is_gone_is_refused(light: Light) -> None:
    run_git(light.world.root, "push", "--quiet", "origin", f":refs/tags/{LIGHT}#champion#3")
    with pytest.raises(RegistryError, match=r"the newest event of model0 is gone"):
        rollback(light.world, back())


def test_a_remote_that_was_read_while_somebody_wrote_is_read_again(light: Light) -> None:
    """A listing may show the new head before it shows the new tag."""
    state, head = read_remote(light.world.repo, LIGHT)
    half = msgspec.structs.replace(state, events=state.events[:-1])
    event = NewEvent(
        kind=EventKind.ASSIGN,
        model=LIGHT,
        version=Version("v1.0.0"),
        stage="challenger",
        commit=state.find(Version("v1.0.0")).commit,
        payload=Assignment(version="v1.0.0", stage="challenger", reason="late", actor="ada"),
    )
    with pytest.raises(ConflictError, match="was read while somebody wrote"):
        append(light.world.repo, half, head, event, now=light.world.seconds)


def test_who_meets_one_other_writer_does_not_wait() -> None:
    assert pause(1, took=2.0, chance=1.0) == 0


def test_waits_double_with_each_conflict_up_to_a_longest_one() -> None:
    waits = [pause(conflicts, took=2.0, chance=1.0) for conflicts in (2, 3, 4, 50)]
    assert waits == [4.0, 8.0, 16.0, LONGEST]
    assert pause(4, took=2.0, chance=0.25) == 4.0


def test_conflicts_are_waited_for_without_sleeping_in_a_test(light: Light) -> None:
    left = [ConflictError("first"), ConflictError("second"), ConflictError("third")]

    def once() -> str:
        if left:
            raise left.pop()
        return "done"

    assert until_settled(light.world, once) == "done"
    assert len(light.slept) == 3
    assert light.slept[0] == 0
