"""Real repositories for tests: no mock of git anywhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from pennon.git import Repo
from pennon.registry import (
    Assignment,
    DatasetRef,
    EventKind,
    Field,
    Manifest,
    Measured,
    Registration,
    Retirement,
    RunInfo,
    RunKind,
    Signature,
    Version,
    read_remote,
)
from pennon.registry.payload import Payload
from pennon.registry.write import NewEvent, Written, append

Git = Callable[..., str]

BY_HAND = {"GIT_COMMITTER_DATE": "1760000000 +0000"}
"""When people tag: after what a Ledger writes, before the clocks of tests, whatever day it is."""


def run_git(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    """Standard output of git, stripped; a failing git fails the test."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | (BY_HAND if arguments[0] == "tag" else {}),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def new_clone(folder: Path, name: str = "work") -> Path:
    """A work tree with one pushed commit; its bare origin lies beside it."""
    origin = folder / "origin.git"
    run_git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    work = folder / name
    run_git(folder, "clone", "--quiet", str(origin), str(work))
    run_git(work, "switch", "--quiet", "--orphan", "main")
    run_git(work, "remote", "set-url", "origin", "../origin.git")  # so that both can be copied
    (work / "README.md").write_text("a model repository\n")
    commit_all(work, "first")
    run_git(work, "push", "--quiet", "--set-upstream", "origin", "main")
    return work


def commit_all(work: Path, message: str) -> str:
    """The id of a commit of everything in the tree."""
    run_git(work, "add", "--all")
    run_git(work, "commit", "--quiet", "--allow-empty", "--message", message)
    return run_git(work, "rev-parse", "HEAD")


DIGEST = f"sha256:{'ab' * 32}"


def manifest(commit: str, **changes: object) -> Manifest:
    """A manifest that says something in every field; `changes` replace some."""
    facts: dict[str, object] = {
        "model": "churn",
        "task": "classification",
        "commit": commit,
        "artifact": DIGEST,
        "size": 1234,
        "recipe": DIGEST,
        "data": (DatasetRef(name="customers", content=DIGEST, schema=DIGEST, rows=100),),
        "holdout": DIGEST,
        "holdout_rows": 20,
        "train_rows": 80,
        "sample": False,
        "params": {"depth": 3},
        "params_digest": DIGEST,
        "environment": DIGEST,
        "python": "3.11.7",
        "libraries": {"scikit-learn": "1.9.1"},
        "signature": Signature(
            inputs=(Field(name="age", type="number"),), outputs=(Field(name="p", type="number"),)
        ),
        "metrics": {"roc_auc": Measured(value=0.8, low=0.75, high=0.85)},
        "files": {"evaluation.json": DIGEST},
        "run": RunInfo(kind=RunKind.CANDIDATE, actor="ada", at="2026-11-21T12:00:00Z"),
        "pennon": "0.1.0",
    }
    return Manifest(**(facts | changes))  # type: ignore[arg-type]  # any field may be replaced


class Ledger:
    """Writes events of one model into a clone's remote, a clock tick apart."""

    def __init__(self, work: Path, model: str = "churn", start: int = 1_700_000_000) -> None:
        self.repo = Repo(work)
        self.model = model
        self.clock = start

    def now(self) -> float:
        self.clock += 1
        return self.clock

    def register(self, version: str, **changes: object) -> Written:
        """On a new commit: at most one version of a model per commit."""
        commit = commit_all(self.repo.root, f"make {version}")
        run_git(self.repo.root, "push", "--quiet")
        lineage = manifest(commit, model=self.model, **changes)
        payload = Registration(version=version, manifest=lineage)
        return self._append(EventKind.REGISTER, version, commit, payload)

    def assign(self, version: str, stage: str = "champion", **changes: object) -> Written:
        facts = {"version": version, "stage": stage, "reason": "better", "actor": "ada"} | changes
        payload = Assignment(**facts)  # type: ignore[arg-type]  # any field may be replaced
        state, _ = read_remote(self.repo, self.model)
        commit = state.find(Version(version)).commit
        return self._append(EventKind.ASSIGN, version, commit, payload)

    def retire(self, version: str) -> Written:
        state, _ = read_remote(self.repo, self.model)
        commit = state.find(Version(version)).commit
        payload = Retirement(version=version, reason="wrong", actor="ada")
        return self._append(EventKind.RETIRE, version, commit, payload)

    def _append(self, kind: EventKind, version: str, commit: str, payload: Payload) -> Written:
        state, head = read_remote(self.repo, self.model)
        event = NewEvent(
            kind=kind,
            model=self.model,
            version=Version(version),
            stage=getattr(payload, "stage", ""),
            commit=commit,
            payload=payload,
        )
        return append(self.repo, state, head, event, now=self.now)
