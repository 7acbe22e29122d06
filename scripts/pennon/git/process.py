"""Runs the git binary: the only place that does. Output is bytes until somebody decides."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251  this is git's room
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO

from pennon.errors import GitError

_BUFFER = 1 << 20
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def run(
    root: Path,
    *arguments: str,
    stdin: bytes | None = None,
    extra: dict[str, str] | None = None,
) -> bytes:
    """Standard output of `git arguments` in `root`. Raises GitError with git's own last words."""
    result = attempt(root, *arguments, stdin=stdin, extra=extra)
    if result.returncode:
        words = result.stderr.decode(errors="replace").strip() or f"exit code {result.returncode}"
        raise GitError(f"git {arguments[0]} failed in {root}: {words}")
    return result.stdout


def gather(root: Path, *arguments: str) -> tuple[int, bytes]:
    """Exit code and standard output, however long, held in memory once. Errors are not kept."""
    with _started(root, arguments, stdin=subprocess.DEVNULL, buffer=0) as process:
        assert process.stdout is not None  # noqa: S101  it was asked for
        out: bytes = process.stdout.read()
    return process.returncode, out


@contextmanager
def stream(root: Path, *arguments: str, stdin: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """The standard output of git while it is being written; git ends with the context."""
    with _started(root, arguments, stdin=subprocess.PIPE, buffer=_BUFFER) as process:
        assert process.stdin is not None  # noqa: S101  both were asked for
        assert process.stdout is not None  # noqa: S101
        feeder = Thread(target=_feed, args=(process.stdin, stdin))
        feeder.start()  # git stops reading while nobody takes what it writes
        try:
            yield process.stdout
        finally:
            process.kill()
            feeder.join()


def _started(
    root: Path, arguments: tuple[str, ...], *, stdin: int, buffer: int
) -> subprocess.Popen[bytes]:
    """Git, with its output in a pipe; what it complains of is thrown away."""
    return subprocess.Popen(  # noqa: S603  arguments, never a shell
        ["git", *arguments],  # noqa: S607  whichever git the user has
        cwd=root,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | _QUIET,  # noqa: TID251  git needs the user's own
        bufsize=buffer,
    )


def _feed(pipe: IO[bytes], pieces: Iterable[bytes]) -> None:
    with suppress(BrokenPipeError), pipe:  # whoever reads has enough
        pipe.writelines(pieces)


def attempt(
    root: Path,
    *arguments: str,
    stdin: bytes | None = None,
    extra: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """The finished process, whatever its exit code."""
    environment = os.environ | _QUIET | (extra or {})  # noqa: TID251  git needs the user's own
    try:
        return subprocess.run(  # noqa: S603  arguments, never a shell
            ["git", *arguments],  # noqa: S607  whichever git the user has
            cwd=root,
            input=stdin,
            capture_output=True,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        hint = "install git 2.30 or newer" if root.exists() else f"{root} does not exist"
        raise GitError("git cannot be started", hint=hint) from None
