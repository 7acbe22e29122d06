"""Mutated ledgers: every change that somebody makes to the record is found, and nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pennon.git import Repo
from pennon.registry import ModelState, read_local
from pennon.registry.audit import Known, audit
from worlds import Ledger, commit_all, new_clone, run_git

MUTATIONS = 1000
HEAD = "refs/pennon/churn@head"


class Tampered:
    """A ledger of many events whose tags can be changed and put back."""

    def __init__(self, folder: Path) -> None:
        self.work = new_clone(folder)
        ledger = Ledger(self.work)
        for i in range(4):
            ledger.register(f"v1.{i}.0")
            ledger.assign(f"v1.{i}.0", "challenger")
            ledger.assign(f"v1.{i}.0")
        ledger.assign("v1.1.0", rollback=True, reason="trouble")
        self.repo = Repo(self.work)
        self.sound = self.state()
        self.head = self.sound.events[-1].oid
        self.seen = [event.oid for event in self.sound.events[::3]]
        self.elsewhere = commit_all(self.work, "somewhere else")

    def state(self) -> ModelState:
        return read_local(self.repo, "churn")

    def alarms(self, head: str | None = None) -> list[str]:
        known = Known(head=self.head if head is None else head, seen=self.seen, writers=["Ada"])
        return [alarm.code for alarm in audit(self.state(), known)]

    def content(self, oid: str) -> str:
        return run_git(self.work, "cat-file", "tag", oid) + "\n"

    def write(self, content: str) -> str:
        return run_git(self.work, "hash-object", "-t", "tag", "-w", "--stdin", stdin=content)

    def refs(self, *lines: str) -> None:
        run_git(self.work, "update-ref", "--stdin", stdin="".join(f"{line}\n" for line in lines))

    def put_back(self) -> None:
        now = set(run_git(self.work, "tag").splitlines())
        sound = {event.tag: event.oid for event in self.sound.events}
        gone = [f"delete refs/tags/{tag}" for tag in now - set(sound)]
        self.refs(*gone, *(f"update refs/tags/{tag} {oid}" for tag, oid in sound.items()))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Tampered:
    return Tampered(tmp_path_factory.mktemp("audit"))


Mutation = Callable[[Tampered, random.Random], None]


def pick(it: Tampered, dice: random.Random) -> tuple[str, str]:
    event = dice.choice(it.sound.events)
    return event.tag, it.content(event.oid)


def delete(it: Tampered, dice: random.Random) -> None:
    tag, _ = pick(it, dice)
    it.refs(f"delete refs/tags/{tag}")


def edit(it: Tampered, dice: random.Random) -> None:
    """One character of what the tag says, anywhere below its header."""
    tag, content = pick(it, dice)
    at = dice.randrange(content.index("\n\n") + 2, len(content) - 1)
    letter = dice.choice("abcxyz0189 :")
    changed = content[:at] + letter + content[at + 1 :]
    it.refs(f"update refs/tags/{tag} {it.write(changed + 'x' * (changed == content))}")


def redate(it: Tampered, dice: random.Random) -> None:
    tag, content = pick(it, dice)
    moved = dice.choice([-100, -3, -1, 1, 2, 50])
    changed = re.sub(r"> (\d+) ", lambda m: f"> {int(m[1]) + moved} ", content, count=1)
    it.refs(f"update refs/tags/{tag} {it.write(changed)}")


def rewrite_author(it: Tampered, dice: random.Random) -> None:
    tag, content = pick(it, dice)
    changed = content.replace("tagger Ada", f"tagger {dice.choice(['Mallory', 'Eve', 'A'])}")
    it.refs(f"update refs/tags/{tag} {it.write(changed)}")


def move(it: Tampered, dice: random.Random) -> None:
    """The same words on another commit."""
    tag, content = pick(it, dice)
    changed = re.sub(r"^object \w+", f"object {it.elsewhere}", content)
    it.refs(f"update refs/tags/{tag} {it.write(changed)}")


def swap(it: Tampered, dice: random.Random) -> None:
    """Two refs exchange their objects: the names inside betray it."""
    one, other = dice.sample(it.sound.events, 2)
    it.refs(f"update refs/tags/{one.tag} {other.oid}", f"update refs/tags/{other.tag} {one.oid}")


def insert(it: Tampered, dice: random.Random) -> None:
    """A new event with everything right but its place: after the one it names comes another."""
    event = dice.choice(it.sound.events[:-1])
    tag = f"churn#{dice.choice(['champion', 'challenger'])}#{dice.randrange(50, 99)}"
    stage = tag.split("#")[1]
    body = f"version: v1.0.0\nstage: {stage}\nreason: r\nactor: a\nprevious: {event.oid}\n"
    head = f"object {event.commit}\ntype commit\ntag {tag}\n"
    when = event.seconds + dice.choice([0, 1, 40])
    content = f"{head}tagger Ada <ada@example.com> {when} +0000\n\nAssigning\n\n{body}"
    it.refs(f"create refs/tags/{tag} {it.write(content)}")


def by_hand(it: Tampered, dice: random.Random) -> None:
    event = dice.choice(it.sound.events)
    tag = f"churn#champion#{dice.randrange(50, 99)}"
    flags = ["--annotate", "--message=by hand"] if dice.random() < 0.5 else []
    run_git(it.work, "tag", *flags, tag, event.commit)


def lighten(it: Tampered, dice: random.Random) -> None:
    """As a checkout in a job does it."""
    event = dice.choice(it.sound.events)
    it.refs(f"update refs/tags/{event.tag} {event.commit}")


def cut(it: Tampered, dice: random.Random) -> None:
    """All from somewhere on."""
    first = dice.randrange(len(it.sound.events))
    it.refs(*(f"delete refs/tags/{event.tag}" for event in it.sound.events[first:]))


def rewrite(it: Tampered, dice: random.Random) -> None:
    """An edited event, and every later one written again so that the chain holds."""
    first = dice.randrange(len(it.sound.events))
    new: dict[str, str] = {}
    for event in it.sound.events[first:]:
        content = it.content(event.oid)
        if event is it.sound.events[first]:
            content = content.replace("actor: ada", "actor: eve")
        for old, now in new.items():
            content = content.replace(old, now)
        new[event.oid] = it.write(content)
    by_oid = {event.oid: event.tag for event in it.sound.events}
    it.refs(*(f"update refs/tags/{by_oid[old]} {now}" for old, now in new.items()))


MUTATE: list[Mutation] = [
    delete,
    edit,
    redate,
    rewrite_author,
    move,
    swap,
    insert,
    by_hand,
    lighten,
    cut,
    rewrite,
]


def test_an_untouched_ledger_raises_no_alarm(ledger: Tampered) -> None:
    assert ledger.alarms() == []


@pytest.mark.parametrize("mutate", MUTATE, ids=lambda it: it.__name__)
def test_every_mutation_is_found(ledger: Tampered, mutate: Mutation) -> None:
    """A thousand in all, of every kind; the seed makes them the same in every run."""
    dice = random.Random(mutate.__name__)  # noqa: S311  no secret
    for number in range(MUTATIONS // len(MUTATE) + 1):
        mutate(ledger, dice)
        try:
            assert ledger.alarms(), f"{mutate.__name__} number {number} went unseen"
        finally:
            ledger.put_back()
    assert ledger.alarms() == []


def test_a_cut_end_with_its_head_ref_is_known_from_other_records(ledger: Tampered) -> None:
    """Whoever may push may move the head ref, too: deployments and releases still remember."""
    newest = ledger.sound.events[-1]
    ledger.refs(f"delete refs/tags/{newest.tag}")
    try:
        head = ledger.sound.events[-2].oid
        assert ledger.alarms(head) == ["deleted"] * (newest.oid in ledger.seen)
        ledger.seen.append(newest.oid)
        assert ledger.alarms(head) == ["deleted"]
    finally:
        ledger.put_back()


def test_the_codes_say_what_happened(ledger: Tampered) -> None:
    state = ledger.sound
    known = Known(head=ledger.head)
    assert {it.code for it in audit(state, msgspec.structs.replace(known, writers=["Bob"]))} == {
        "writer"
    }
    assert [it.code for it in audit(state, Known())] == ["head"]


def test_a_stage_for_a_retired_or_unknown_version_is_found(tmp_path: Path) -> None:
    it = Ledger(new_clone(tmp_path))
    it.register("v1.0.0")
    it.assign("v1.0.0")
    state = read_local(it.repo, "churn")
    (made, moved) = state.events
    unknown = msgspec.structs.replace(moved, version=None)
    assert [a.code for a in audit(ModelState("churn", (moved,)), Known(head=moved.oid))] == [
        "chain",
        "version",
    ]
    assert [
        a.code for a in audit(ModelState("churn", (made, unknown)), Known(head=moved.oid))
    ] == []
