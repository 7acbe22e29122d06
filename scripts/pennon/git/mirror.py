"""Repositories that are read without a clone of one's own: for a moment, or kept in a cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pennon.git.process import attempt, run
from pennon.git.refusals import remote_error
from pennon.git.repo import Repo

_SHA256 = 64


@contextmanager
def mirror(url: str) -> Iterator[Repo]:
    """An empty bare repository whose remote is `url`; gone with the context.

    Raises GitError where nothing answers there.
    """
    from tempfile import TemporaryDirectory  # noqa: PLC0415  start-up: a clone needs no mirror

    with TemporaryDirectory(prefix="pennon-remote-") as folder:
        root = Path(folder)
        asked = attempt(Path.cwd(), "ls-remote", url, "HEAD", "refs/heads/*")
        if asked.returncode:
            raise remote_error(Repo(root, url), asked.stderr.decode(errors="replace"))
        is_sha256 = asked.stdout.find(b"\t") == _SHA256
        kind = "sha256" if is_sha256 else "sha1"
        run(root, "init", "--quiet", "--bare", f"--object-format={kind}")
        there = str(Path(url).resolve()) if Path(url).exists() else url
        run(root, "remote", "add", "origin", there)
        yield Repo(root)


def copy(url: str, cache: Path) -> Repo:
    """A bare copy of `url` below `cache`, made once; its files come when they are read.

    Raises GitError where nothing answers there.
    """
    from hashlib import blake2b  # noqa: PLC0415  as above

    folder = cache / f"{blake2b(url.encode(), digest_size=8).hexdigest()}.git"
    if not folder.exists():
        from tempfile import TemporaryDirectory  # noqa: PLC0415  as above

        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache, prefix=".new-") as draft:
            made = Path(draft) / "copy"
            flags = ("--quiet", "--bare", "--filter=blob:none")
            done = attempt(cache, "clone", *flags, url, str(made))
            if done.returncode:
                raise remote_error(Repo(cache, url), done.stderr.decode(errors="replace"))
            with suppress(OSError):  # somebody else was faster
                made.rename(folder)
    return Repo(folder)
