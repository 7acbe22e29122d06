"""Who signed a tag: git asks gpg or ssh-keygen, pennon believes neither more nor less."""

from __future__ import annotations

from pathlib import Path

from pennon.git.process import attempt
from pennon.git.repo import Repo


def flaw(repo: Repo, oid: str, signers: Path) -> str:
    """What is wrong with the signature of a tag object; empty where it is good.

    SSH keys count if the file `signers` names them, GPG keys if the user's keyring trusts them.
    """
    options = ("-c", f"gpg.ssh.allowedSignersFile={signers}", "-c", "gpg.minTrustLevel=marginal")
    done = attempt(repo.root, *options, "verify-tag", oid)
    if done.returncode == 0:
        return ""
    words = done.stderr.decode(errors="replace").strip().splitlines()
    return words[-1] if words else "no signature"
