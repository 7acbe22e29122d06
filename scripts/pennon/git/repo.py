"""One repository: its state, its history and its files at any commit."""

from __future__ import annotations

from pathlib import Path

from pennon.errors import GitError
from pennon.git.process import attempt, run

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Repo:
    """A work tree or bare repository. `remote` is where the registry is written."""

    def __init__(self, root: Path, remote: str = "origin") -> None:
        self.root = root
        self.remote = remote
        self._shallow: bool | None = None

    @classmethod
    def at(cls, path: Path, remote: str = "origin") -> Repo:
        """The repository that `path` lies in. Raises GitError outside of one."""
        result = attempt(path, "rev-parse", "--is-shallow-repository", "--show-toplevel")
        shallow, _, top = result.stdout.decode().partition("\n")
        if shallow:  # a bare repository says so much, and has no top level
            repo = cls(Path(top.strip()) if result.returncode == 0 else path, remote)
            repo._shallow = shallow == "true"
            return repo
        words = result.stderr.decode(errors="replace").strip()
        if "dubious ownership" in words:
            raise GitError(
                f"git does not trust {path}: it belongs to somebody else",
                hint=f"git config --global --add safe.directory {path}",
            )
        raise GitError(f"{path} is not in a git repository", hint="git init, or cd into a clone")

    def head(self) -> str:
        """The commit that is checked out. Raises GitError where there is none yet."""
        return self.commit("HEAD")

    def commit(self, revision: str) -> str:
        result = attempt(self.root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if result.returncode:
            raise GitError(
                f"no commit {revision!r} in {self.root}",
                hint="the clone may be shallow: git fetch --unshallow"
                if self.is_shallow()
                else "git log shows what there is",
            )
        return result.stdout.decode().strip()

    def branch(self) -> str | None:
        """The branch that is checked out; None for a detached head."""
        result = attempt(self.root, "symbolic-ref", "--quiet", "--short", "HEAD")
        return result.stdout.decode().strip() or None

    def default_branch(self) -> str:
        """The remote's default branch as this clone knows it, else `main`."""
        ref = f"refs/remotes/{self.remote}/HEAD"
        result = attempt(self.root, "symbolic-ref", "--quiet", "--short", ref)
        return result.stdout.decode().strip().removeprefix(f"{self.remote}/") or "main"

    def is_shallow(self) -> bool:
        """Whether history ends somewhere. Asked once: nothing here makes it longer or shorter."""
        if self._shallow is None:
            answer = attempt(self.root, "rev-parse", "--is-shallow-repository").stdout
            self._shallow = answer.strip() == b"true"
        return self._shallow

    def changed_files(self) -> list[str]:
        """Files that differ from the commit, untracked ones included: what makes a tree dirty."""
        out = run(self.root, "status", "--porcelain=v1", "-z", "--untracked-files=all")
        return [entry[3:] for entry in out.decode(errors="replace").split("\0") if entry]

    def merge_base(self, one: str, other: str) -> str | None:
        result = attempt(self.root, "merge-base", one, other)
        return result.stdout.decode().strip() or None

    def diff_names(self, old: str, new: str) -> list[str]:
        out = run(self.root, "diff", "--name-only", "-z", "--no-renames", old, new)
        return [name for name in out.decode(errors="replace").split("\0") if name]

    def changed_between(self, old: str, new: str) -> list[str] | None:
        """The files that differ between two commits; None where this clone lacks one of them."""
        present = [attempt(self.root, "cat-file", "-e", f"{it}^{{tree}}") for it in (old, new)]
        return None if any(it.returncode for it in present) else self.diff_names(old, new)

    def show(self, commit: str, path: str) -> str | None:
        """The text of a file at a commit; None where there is no such file."""
        result = attempt(self.root, "cat-file", "blob", f"{commit}:{path}")
        return result.stdout.decode() if result.returncode == 0 else None

    def changes_of(self, *paths: str, most: int) -> list[str]:
        """The newest commits on the way to HEAD that changed one of `paths`, the newest first."""
        flags = ("--first-parent", "--format=%H", f"--max-count={most}")
        result = attempt(self.root, "log", *flags, "HEAD", "--", *paths)
        return result.stdout.decode().split()

    def last_change(self, commit: str, path: str) -> str:
        """The newest commit on the way to `commit` that changed a file; empty where none did."""
        flags = ("--first-parent", "--format=%H", "--max-count=1")
        return attempt(self.root, "log", *flags, commit, "--", path).stdout.decode().strip()

    def tree_id(self, commit: str, path: str) -> str:
        """The object id of a file or folder at a commit; empty where there is none."""
        result = attempt(self.root, "rev-parse", "--verify", "--quiet", f"{commit}:{path}")
        return result.stdout.decode().strip()

    def extract(self, commit: str, paths: tuple[str, ...], to: Path) -> None:
        """Write those of `paths` that exist at `commit` below the folder `to`."""
        present = [path for path in paths if self.tree_id(commit, path)]
        if not present:
            return
        import io  # noqa: PLC0415  readers of the registry need no archive
        import tarfile  # noqa: PLC0415

        tar = run(self.root, "archive", "--format=tar", commit, *present)
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            archive.extractall(to, filter="data")

    def worktrees(self) -> dict[Path, str]:
        """Folder of each work tree of this repository -> the commit that is checked out there."""
        found, folder = {}, self.root
        for line in run(self.root, "worktree", "list", "--porcelain").decode().splitlines():
            key, _, value = line.partition(" ")
            if key == "worktree":
                folder = Path(value).resolve()
            elif key == "HEAD" and folder.exists():
                found[folder] = value
        return found

    def add_worktree(self, folder: Path, commit: str) -> None:
        """A new work tree with a detached head. Raises GitError where something is there."""
        run(self.root, "worktree", "prune")  # of folders that somebody deleted
        run(self.root, "worktree", "add", "--quiet", "--detach", str(folder), commit)

    def remote_url(self) -> str:
        """Where the remote is. Raises GitError where there is none."""
        result = attempt(self.root, "remote", "get-url", self.remote)
        if result.returncode:
            raise GitError(
                f"{self.root} has no remote named {self.remote!r}",
                hint=f"git remote add {self.remote} <url>: the registry lives in its tags",
            )
        return result.stdout.decode().strip()

    def has_remote(self) -> bool:
        return attempt(self.root, "remote", "get-url", self.remote).returncode == 0

    def private_folder(self, name: str) -> Path:
        """A folder that every clone of the remote on this machine shares; else this clone's own."""
        url = attempt(self.root, "remote", "get-url", self.remote).stdout.decode().strip()
        if url and (self.root / url).is_dir():
            return (self.root / url).resolve() / name
        return self.own_folder(name)

    def own_folder(self, name: str) -> Path:
        """A folder in this clone's git folder, shared by its work trees."""
        common = run(self.root, "rev-parse", "--git-common-dir").decode().strip()
        return (self.root / common).resolve() / name

    def identity(self) -> str:
        """`Name <mail>` that git would write into a tag. Raises GitError where there is none."""
        result = attempt(self.root, "var", "GIT_COMMITTER_IDENT")
        if result.returncode:
            raise GitError(
                "git does not know who you are, and a registry without names is no record",
                hint='git config user.name "…" and git config user.email "…"',
            )
        return result.stdout.decode().rpartition(" ")[0].rpartition(" ")[0]


def initialise(folder: Path, message: str) -> Repo:
    """A repository on branch main with one commit of everything in `folder`."""
    run(folder, "init", "--quiet", "--initial-branch=main")
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--message", message)
    return Repo(folder)
