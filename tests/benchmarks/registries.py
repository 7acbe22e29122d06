"""Registries of any size for benchmarks: annotated tags with real payloads and unbroken chains."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pennon.registry import Assignment, Registration
from pennon.registry.payload import message
from worlds import DIGEST, manifest, run_git

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
WHO = "Ada <ada@example.com>"
START = 1_600_000_000


def build(folder: Path, tags: int, models: int) -> Path:
    """A bare repository with `tags` events, of each model a version and its promotion in turn."""
    run_git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    stream = subprocess.Popen(
        ["git", "fast-import", "--quiet", "--force"], cwd=folder, stdin=subprocess.PIPE
    )
    assert stream.stdin is not None
    for piece in _pieces(tags // models, models):
        stream.stdin.write(piece)
    stream.stdin.close()
    assert stream.wait() == 0
    _heads(folder)
    run_git(folder, "pack-refs", "--all")
    return folder


def _heads(folder: Path) -> None:
    """The head ref of every model, on its newest event."""
    listed = run_git(folder, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)")
    newest: dict[str, tuple[int, str]] = {}
    for line in listed.splitlines():
        oid, name = line.split(" ")
        model, _, rest = name.partition("#champion#")
        if rest:
            newest[model] = max(newest.get(model, (0, "")), (int(rest), oid))
    lines = (f"create refs/pennon/{model}@head {oid}\n" for model, (_, oid) in newest.items())
    run_git(folder, "update-ref", "--stdin", stdin="".join(lines))


def _pieces(each: int, models: int) -> Iterator[bytes]:
    texts = _Texts()
    commit = ""
    last: dict[str, str] = {}
    for i in range(each // 2):
        first, commit = not commit, _commit_id(commit, START + 2 * i)
        yield _commit(i, START + 2 * i, first=first)
        version = f"v{i // 100}.{i % 100}.0"
        for number in range(models):
            model = f"model-{number:04d}"
            names = (f"{model}@{version}", f"{model}#champion#{i + 1}")
            for kind, name in enumerate(names):
                text = texts.of(kind, model, version, commit, last.get(model))
                seconds = START + 2 * i + kind
                last[model] = _tag_id(name, commit, seconds, text)
                yield _tag(name, i, seconds, text)


class _Texts:
    """Messages as pennon writes them, filled in: YAML for a million events would take hours."""

    def __init__(self) -> None:
        self._filled = ("MODEL", "v0.0.0-VERSION", "c" * 40, "d" * 40)
        model, version, commit, previous = self._filled
        made = Registration(
            version=version, manifest=manifest(commit, model=model), previous=previous
        )
        moved = Assignment(
            version=version,
            stage="champion",
            reason="better: ROC AUC +0.007",
            actor="ada",
            verdict=DIGEST,
            artifact=DIGEST,
            previous=previous,
        )
        self._texts = (message("register", made, model), message("assign", moved, model))

    def of(self, kind: int, *facts: str | None) -> bytes:
        text = self._texts[kind]
        for placeholder, fact in zip(self._filled, facts, strict=True):
            text = text.replace(placeholder, fact or "null")
        return text.encode()


def _commit_id(parent: str, seconds: int) -> str:
    parents = f"parent {parent}\n" if parent else ""
    who = f"{WHO} {seconds} +0000"
    text = f"tree {EMPTY_TREE}\n{parents}author {who}\ncommitter {who}\n\nnext\n"
    return _object_id("commit", text.encode())


def _commit(mark: int, seconds: int, *, first: bool) -> bytes:
    reset = "reset refs/heads/main\n" if first else ""
    who = f"{WHO} {seconds} +0000"
    people = f"author {who}\ncommitter {who}\n"
    return f"{reset}commit refs/heads/main\nmark :{mark + 1}\n{people}data 5\nnext\n\n".encode()


def _tag_id(name: str, commit: str, seconds: int, text: bytes) -> str:
    head = f"object {commit}\ntype commit\ntag {name}\ntagger {WHO} {seconds} +0000\n\n"
    return _object_id("tag", head.encode() + text)


def _tag(name: str, mark: int, seconds: int, text: bytes) -> bytes:
    head = f"tag {name}\nfrom :{mark + 1}\ntagger {WHO} {seconds} +0000\ndata {len(text)}\n"
    return head.encode() + text + b"\n"


def _object_id(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()  # noqa: S324  git's
