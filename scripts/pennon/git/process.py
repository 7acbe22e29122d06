"""Runs the git binary: the only place that does. Output is bytes until somebody decides."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251  this is git's room
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
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
    environment = os.environ | _QUIET  # noqa: TID251  git needs the user's own
    with subprocess.Popen(  # noqa: S603  arguments, never a shell
        ["git", *arguments],  # noqa: S607  whichever git the user has
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        bufsize=0,
    ) as process:
        assert process.stdout is not None  # noqa: S101  it was asked for
        out: bytes = process.stdout.read()
    return process.returncode, out


@contextmanager
def stream(root: Path, *arguments: str, stdin: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """The standard output of git while it is being written; git ends with the context."""
    from tempfile import TemporaryFile  # noqa: PLC0415  start-up: few commands stream

    with TemporaryFile() as asked:  # a pipe would have to be filled and emptied at once
        asked.writelines(stdin)
        asked.seek(0)
        environment = os.environ | _QUIET  # noqa: TID251  git needs the user's own
        process = subprocess.Popen(  # noqa: S603  arguments, never a shell
            ["git", *arguments],  # noqa: S607  whichever git the user has
            cwd=root,
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=_BUFFER,
        )
        with process:
            assert process.stdout is not None  # noqa: S101  it was asked for
            try:
                yield process.stdout
            finally:
                process.kill()


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
