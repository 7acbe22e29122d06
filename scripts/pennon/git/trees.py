"""Files on a branch, written without a work tree: a commit that changes one folder and no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pennon.git.process import run
from pennon.git.repo import Repo

_FILE = "100644"


def listed(repo: Repo, commit: str, folder: str) -> dict[str, str]:
    """Path below `folder` -> text of every file there; nothing where there is no such commit."""
    if not commit:
        return {}
    found = {}
    out = run(repo.root, "ls-tree", "-r", "-z", "--full-tree", commit, f"{folder}/")
    for entry in out.decode(errors="replace").split("\0"):
        facts, _, path = entry.partition("\t")
        if path:
            blob = run(repo.root, "cat-file", "blob", facts.split()[2])
            found[path.removeprefix(f"{folder}/")] = blob.decode(errors="replace")
    return found


def planted(
    repo: Repo, parent: str, files: Mapping[str, str | None], *, message: str, seconds: int
) -> str:
    """A commit on `parent` (empty: a branch's first) that has these files. No ref names it yet.

    A file whose text is None is gone, every other one stays as it is on the parent.
    """
    blobs = {path: _blob(repo, text) for path, text in files.items() if text is not None}
    with TemporaryDirectory(prefix="pennon-index-") as aside:
        index = {"GIT_INDEX_FILE": str(Path(aside) / "index")}
        if parent:
            run(repo.root, "read-tree", parent, extra=index)
        zero = "0" * len(parent)
        lines = [
            f"{_FILE} {blobs[path]}\t{path}\0" if path in blobs else f"0 {zero}\t{path}\0"
            for path in files
        ]
        flags = ("update-index", "-z", "--index-info")
        run(repo.root, *flags, stdin="".join(lines).encode(), extra=index)
        tree = run(repo.root, "write-tree", extra=index).decode().strip()
    date = f"{seconds} +0000"
    dated = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    parents = ("-p", parent) if parent else ()
    commit = run(
        repo.root, "commit-tree", tree, *parents, "-F", "-", stdin=message.encode(), extra=dated
    )
    return commit.decode().strip()


def _blob(repo: Repo, text: str) -> str:
    return run(repo.root, "hash-object", "-w", "--stdin", stdin=text.encode()).decode().strip()
