"""Odd registries: each oddity is one finding with its way out, and the other models are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pennon.flows.show import show
from pennon.flows.upkeep.doctor import doctor
from pennon.git import Repo
from pennon.registry import Version, read_model
from shop import world
from worlds import Ledger, commit_all, new_clone, run_git

Odd = Callable[[Path], None]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """v1.1.0 of churn is champion; another model, delay, is sound."""
    clone = new_clone(tmp_path)
    for model in ("churn", "delay"):
        ledger = Ledger(clone, model)
        ledger.register("v1.0.0")
        ledger.register("v1.1.0")
        ledger.assign("v1.1.0")
    return clone


def tag(
    work: Path, name: str, target: str, *, inner: str = "", more: str = "", **head: str
) -> None:
    """A tag object of any shape, pushed: no porcelain would make most of these."""
    kind = head.get("kind", "commit")
    tagger = head.get("tagger", "tagger Eve <eve@example.com> 1700000100 +0000\n")
    text = f"object {target}\ntype {kind}\ntag {inner or name}\n{tagger}\nby hand\n{more}"
    oid = run_git(work, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=text)
    push(work, name, oid)


def push(work: Path, name: str, oid: str) -> None:
    run_git(work, "update-ref", f"refs/tags/{name}", oid)
    run_git(work, "push", "--quiet", "origin", f"refs/tags/{name}")


def commit(work: Path) -> str:
    return run_git(work, "rev-parse", "churn@v1.0.0^{commit}")


def lightweight(work: Path) -> None:
    push(work, "churn#champion#9", commit(work))


def on_a_blob(work: Path) -> None:
    blob = run_git(work, "hash-object", "-w", "--stdin", stdin="large " * 1000)
    tag(work, "churn#champion#9", blob, kind="blob")


def on_a_tree(work: Path) -> None:
    tag(work, "churn#champion#9", run_git(work, "rev-parse", "HEAD^{tree}"), kind="tree")


def nested(work: Path) -> None:
    tag(work, "churn#champion#9", run_git(work, "rev-parse", "churn@v1.0.0"), kind="tag")


def without_tagger(work: Path) -> None:
    tag(work, "churn#champion#9", commit(work), tagger="")


def spoof(work: Path) -> None:
    """GTO believes the name inside: champion of churn, under a name that no ruleset protects."""
    tag(work, "churn#challenger#9", commit(work), inner="churn#champion#9")


def undecodable(work: Path) -> None:
    head = f"object {commit(work)}\ntype commit\ntag churn#champion#9".encode()
    body = head + b"\xff\ntagger E <e@x> 1700000100 +0000\n\n\xfe\n"
    (work / "odd").write_bytes(body)
    oid = run_git(work, "hash-object", "-t", "tag", "-w", "--literally", "odd")
    (work / "odd").unlink()
    push(work, "churn#champion#9", oid)


def to_no_version(work: Path) -> None:
    tag(work, "churn#champion#9", commit_all(work, "no version here"))


def broken(work: Path) -> None:
    (work / ".git" / "refs" / "tags" / "churn#champion#9").write_text("ab" * 20 + "\n")


def unpushed(work: Path) -> None:
    run_git(work, "tag", "--annotate", "--message=mine", "delays@v1.0.0")


def stale(work: Path) -> None:
    """What actions/checkout leaves of the tag that started the job."""
    run_git(work, "update-ref", "refs/tags/delay@v1.0.0", commit(work))


def behind(work: Path) -> None:
    run_git(work, "tag", "--delete", "delay@v1.0.0", "delay@v1.1.0", "delay#champion#1")


def two_on_a_commit(work: Path) -> None:
    tag(work, "churn@v1.2.0", commit(work))


def same_second(work: Path) -> None:
    last = read_model(Repo(work), "churn").events[-1]
    tagger = f"tagger Eve <eve@example.com> {last.seconds} +0000\n"
    tag(work, "churn#challenger#9", commit(work), tagger=tagger)


def tomorrow(work: Path) -> None:
    tagger = "tagger Eve <eve@example.com> 4000000000 +0000\n"
    tag(work, "churn#challenger#9", commit(work), tagger=tagger)


ODD: list[tuple[Odd, set[str]]] = [
    (lightweight, {"unusable"}),
    (on_a_blob, {"unusable"}),
    (on_a_tree, {"unusable"}),
    (nested, {"unusable"}),
    (without_tagger, {"unusable"}),
    (spoof, {"unusable"}),
    (undecodable, {"unusable"}),
    (to_no_version, {"unusable"}),
    (broken, {"unusable", "unpushed"}),
    (unpushed, {"unpushed"}),
    (stale, {"stale", "unusable"}),
    (behind, {"missing"}),
    (two_on_a_commit, {"one-commit"}),
    (same_second, {"tie"}),
    (tomorrow, {"future"}),
]


def test_a_sound_registry_has_no_findings(work: Path) -> None:
    assert doctor(world(work)) == []


@pytest.mark.parametrize(("odd", "codes"), ODD, ids=lambda it: getattr(it, "__name__", ""))
def test_an_oddity_is_found_and_stops_nobody(work: Path, odd: Odd, codes: set[str]) -> None:
    odd(work)
    found = doctor(world(work))
    assert {alarm.code for alarm in found} == codes
    assert len(found) == len(codes)
    assert all(alarm.fix for alarm in found)
    models = {it.model: it for it in show(Repo(work))}
    assert models["churn"].stages["champion"] == "v1.1.0"
    if odd not in (stale, behind):
        assert models["delay"].stages == {"champion": "v1.1.0"}


def test_both_counter_forms_mix(work: Path) -> None:
    """GTO's simple form beside its numbered one."""
    tag(work, "churn#challenger", commit(work))
    tag(work, "churn@v2.0.0#7", commit_all(work, "next"))
    state = read_model(Repo(work), "churn")
    assert state.holder("challenger") == Version("v1.0.0")
    assert Version("v2.0.0") in state.versions
    assert state.counter == 7
    assert {alarm.code for alarm in doctor(world(work))} <= {"tie"}


@pytest.mark.parametrize("kind", ["worktree", "bare", "partial", "shallow"])
def test_every_kind_of_clone_reads_the_same(work: Path, tmp_path: Path, kind: str) -> None:
    origin, there = f"file://{tmp_path / 'origin.git'}", tmp_path / "there"
    commands = {
        "worktree": ["worktree", "add", "--quiet", str(there), "HEAD"],
        "bare": ["clone", "--quiet", "--bare", origin, str(there)],
        "partial": ["clone", "--quiet", "--filter=tree:0", "--no-checkout", origin, str(there)],
        "shallow": ["clone", "--quiet", "--depth=1", "--no-single-branch", origin, str(there)],
    }
    run_git(work, *commands[kind])
    run_git(there, "fetch", "--quiet", "--tags", "origin")
    models = {it.model: it.stages for it in show(Repo.at(there))}
    assert models == {"churn": {"champion": "v1.1.0"}, "delay": {"champion": "v1.1.0"}}


def test_a_repository_of_sha_256_is_read_and_written(tmp_path: Path) -> None:
    origin, there = tmp_path / "origin.git", tmp_path / "work"
    run_git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", str(origin))
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "-b", "main", str(there))
    run_git(there, "remote", "add", "origin", str(origin))
    commit_all(there, "first")
    run_git(there, "push", "--quiet", "--set-upstream", "origin", "main")
    ledger = Ledger(there)
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    state = read_model(Repo(there), "churn")
    assert (len(state.events[-1].oid), state.holder("champion")) == (64, Version("v1.0.0"))
    assert doctor(world(there)) == []
