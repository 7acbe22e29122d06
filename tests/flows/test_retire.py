"""Retiring: a version, everything that stands in a stage, a model; and GTO reads the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from light import BEFORE, LIGHT, Light
from pennon.errors import GitError, RefusedError, RegistryError
from pennon.flows.retire import Retired, retire
from pennon.flows.show import history
from pennon.git import Repo
from pennon.git.push import Write, push
from pennon.registry import ModelState, Version, read_remote, reference, write
from pennon.registry.audit import Known, audit
from pennon.registry.payloads import retirements
from registry.oracle import by_gto, by_pennon
from worlds import run_git

WHY = "trained on rows that were wrong"


def ask(light: Light, wanted: str, reason: str = WHY, *, dry_run: bool = False) -> Retired:
    return retire(light.world, reference(wanted), reason, dry_run=dry_run)


def state(light: Light) -> ModelState:
    return read_remote(light.world.repo, LIGHT)[0]


def alarms(light: Light) -> list[str]:
    found, head = read_remote(light.world.repo, LIGHT)
    return [alarm.code for alarm in audit(found, Known(head=head))]


def tags(light: Light) -> int:
    return len(run_git(light.origin, "tag").splitlines())


@pytest.mark.parametrize("typed", ["v1.1.0", "1.1.0"])
def test_a_version_that_holds_no_stage_is_retired_with_who_and_why(
    light: Light, typed: str
) -> None:
    done = ask(light, f"{LIGHT}@{typed}")
    assert (done.version, done.tags) == ("v1.1.0", ("model0@v1.1.0!",))
    event = state(light).events[-1]
    made = retirements([event])[event.oid]
    assert made is not None
    assert (made.version, made.reason, made.actor) == ("v1.1.0", WHY, "Ada")
    assert list(state(light).versions) == [Version("v1.0.0"), Version("v1.2.0")]
    assert alarms(light) == []


def test_the_history_tells_who_retired_it_and_why(light: Light) -> None:
    ask(light, f"{LIGHT}@v1.1.0")
    row = history(light.world.repo, LIGHT)[-1]
    assert (row.event, row.version, row.by, row.why) == ("retire", "v1.1.0", "Ada", WHY)


def test_a_stage_is_emptied_from_its_oldest_assignment_to_its_holder(light: Light) -> None:
    """So that whoever is killed in between leaves the champion that there was."""
    done = ask(light, f"{LIGHT}#champion")
    assert done.tags == tuple(f"model0#champion!#{number}" for number in (4, 5, 6))
    assert [str(event.version) for event in state(light).events[-3:]] == BEFORE
    assert state(light).stages == {}
    assert alarms(light) == []


def test_a_model_without_held_stages_is_retired_until_its_next_event(light: Light) -> None:
    ask(light, f"{LIGHT}#champion")
    assert ask(light, LIGHT).tags == ("model0@deprecated",)
    assert state(light).retired
    light.ledger.assign("v1.2.0")
    assert not state(light).retired
    ask(light, f"{LIGHT}#champion", "again")
    assert ask(light, LIGHT, "again").tags == ("model0@deprecated#9",)
    assert alarms(light) == []


@pytest.mark.parametrize("wanted", [f"{LIGHT}@v1.2.0", LIGHT])
def test_what_holds_a_stage_is_refused_with_the_ways_out(light: Light, wanted: str) -> None:
    with pytest.raises(RefusedError, match=r"model0@v1\.2\.0 is champion") as refused:
        ask(light, wanted)
    assert "pennon promote model0 VERSION --stage champion" in refused.value.hint
    assert "pennon retire 'model0#champion'" in refused.value.hint
    assert light.champions() == BEFORE


def test_once_its_stage_is_given_away_it_can_be_retired(light: Light) -> None:
    light.ledger.assign("v1.1.0")
    ask(light, f"{LIGHT}@v1.2.0")
    assert str(state(light).holder("champion")) == "v1.1.0"


@pytest.mark.parametrize("wanted", [f"{LIGHT}@v1.1.0", f"{LIGHT}#champion", LIGHT])
def test_retiring_twice_writes_once_and_keeps_the_first_reason(light: Light, wanted: str) -> None:
    if wanted == LIGHT:
        ask(light, f"{LIGHT}#champion")
    first, before = ask(light, wanted), tags(light)
    again = ask(light, wanted, "another reason")
    assert (again.tags, again.steps, again.reason) == (first.tags[-1:], (), WHY)
    assert tags(light) == before
    assert any("says so already" in words for words in light.said)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("chrun", "no version of 'chrun' is registered on the remote"),
        (f"{LIGHT}@v9.0.0", "is not registered; its versions are: v1.0.0"),
        (f"{LIGHT}@latest", "'latest' is not a version"),
        (f"{LIGHT}#canary", "ever held the stage 'canary'; its stages are: champion"),
        (f"{LIGHT}#", "names no version"),
    ],
)
def test_what_is_not_there_is_named(light: Light, wanted: str, words: str) -> None:
    with pytest.raises(RegistryError, match=words):
        ask(light, wanted)


@pytest.mark.parametrize("wanted", [f"{LIGHT}@v1.1.0", f"{LIGHT}#champion"])
def test_a_dry_run_tells_the_tags_of_the_real_run_and_writes_none(
    light: Light, wanted: str
) -> None:
    before = tags(light)
    planned = ask(light, wanted, dry_run=True)
    assert tags(light) == before
    done = ask(light, wanted)
    assert (done.tags, done.steps) == (planned.tags, planned.steps)


def meanwhile(light: Light, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Bob's assignment arrives between our decision and our push."""

    def late(repo: Repo, writes: Iterable[Write]) -> None:
        monkeypatch.undo()
        light.ledger.assign(version)
        push(repo, writes)

    monkeypatch.setattr(write, "push", late)


def test_a_version_that_was_promoted_meanwhile_is_not_retired(
    light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(light, monkeypatch, "v1.1.0")
    with pytest.raises(RefusedError, match=r"v1\.1\.0 is champion"):
        ask(light, f"{LIGHT}@v1.1.0")
    assert str(state(light).holder("champion")) == "v1.1.0"


def test_who_was_given_the_stage_while_it_was_emptied_keeps_it(
    light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(light, monkeypatch, "v1.1.0")
    done = ask(light, f"{LIGHT}#champion")
    assert (done.holder, len(done.tags)) == ("v1.1.0", 2)
    assert str(state(light).holder("champion")) == "v1.1.0"


def test_emptying_that_was_cut_short_left_the_champion_and_is_completed(light: Light) -> None:
    hook = light.hook("pre-receive", "grep -q 'champion!#5' && exit 1; exit 0")
    with pytest.raises(GitError):
        ask(light, f"{LIGHT}#champion")
    assert str(state(light).holder("champion")) == "v1.2.0"
    hook.unlink()
    assert ask(light, f"{LIGHT}#champion").tags == ("model0#champion!#5", "model0#champion!#6")
    assert state(light).stages == {}


def test_no_push_has_more_than_one_tag(light: Light) -> None:
    log = light.folder / "pushed"
    light.hook("pre-receive", f'grep -c refs/tags/ >> "{log}"; exit 0')
    ask(light, f"{LIGHT}#champion")
    ask(light, LIGHT)
    assert log.read_text().split() == ["1"] * 4


def test_gto_reads_every_retirement_with_the_same_meaning(light: Light) -> None:
    for wanted in (f"{LIGHT}@v1.0.0", f"{LIGHT}#champion", f"{LIGHT}@v1.2.0", LIGHT):
        ask(light, wanted)
        assert by_pennon(light.origin) == by_gto(light.origin)
    theirs = by_gto(light.origin)[LIGHT]
    assert (theirs.versions, theirs.stages, theirs.retired) == (("v1.1.0",), {}, True)


def test_what_gto_retired_is_known(light: Light) -> None:
    gto = str(Path(sys.executable).parent / "gto")
    run = [gto, "deprecate", LIGHT, "v1.1.0", "--repo", str(light.world.root)]
    subprocess.run(run, check=True, capture_output=True)
    run_git(light.world.root, "push", "--quiet", "origin", "--tags")
    done = ask(light, f"{LIGHT}@v1.1.0")
    assert (done.tags, done.steps, done.reason) == (("model0@v1.1.0!",), (), "")
