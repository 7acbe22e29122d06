"""Throw-away keys: GPG keyrings in homes of their own, SSH keys in files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from worlds import run_git


class Keyring:
    """Of one person: what is signed with it, or held against it, has GNUPGHOME on its home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Standard output of gpg."""
        command = ["gpg", "--batch", "--quiet", "--no-tty", *arguments]
        home = dict(os.environ) | {"GNUPGHOME": str(self.home)}
        return subprocess.run(
            command, env=home, input=stdin, capture_output=True, text=True, check=True
        ).stdout

    def make(self, name: str, *options: str, lasts: str = "never") -> str:
        """A key without a passphrase, which this keyring trusts; its fingerprint."""
        empty = ("--status-fd", "1", "--pinentry-mode", "loopback", "--passphrase", "")
        wanted = (f"{name} <{name}@example.com>", "ed25519", "sign", lasts)
        said = self.run(*options, *empty, "--quick-generate-key", *wanted)
        return said.split("KEY_CREATED P ")[1].split()[0]

    def learn(self, public: str) -> None:
        """Somebody's key, as `--armor --export` gives it."""
        self.run("--import", stdin=public)

    def trust(self, fingerprint: str) -> None:
        self.run("--import-ownertrust", stdin=f"{fingerprint}:6:\n")

    def revoke(self, fingerprint: str) -> None:
        made = self.home / "openpgp-revocs.d" / f"{fingerprint}.rev"
        self.run("--import", stdin=made.read_text().replace("\n:---", "\n---"))


@contextmanager
def keyring() -> Iterator[Keyring]:
    """An empty one. Its agent's socket needs a short name, which pytest's folders have not."""
    with TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:
        try:
            yield Keyring(Path(home))
        finally:
            agent = ["gpgconf", "--homedir", home, "--kill", "all"]
            subprocess.run(agent, check=True)


def ssh_key(file: Path) -> Path:
    """A key without a passphrase; the file of its public half."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", file.name, "-f", str(file)]
    subprocess.run(command, check=True)
    return file.with_suffix(".pub")


def sign_with(work: Path, key: str, kind: str = "openpgp") -> None:
    """Have every tag of this clone signed, as people set it up."""
    for name, value in (("gpg.format", kind), ("user.signingkey", key), ("tag.gpgsign", "true")):
        run_git(work, "config", name, value)
