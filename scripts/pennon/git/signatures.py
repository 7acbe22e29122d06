"""Who signed a tag: git asks gpg or ssh-keygen, pennon believes neither more nor less."""

from __future__ import annotations

import re
from pathlib import Path

from pennon.git.process import attempt
from pennon.git.repo import Repo

_REASONS = {  # the words of GnuPG's doc/DETAILS
    "NO_PUBKEY": "is not in the keyring",
    "BADSIG": "did not sign this content",
    "REVKEYSIG": "was revoked",
    "EXPKEYSIG": "has expired",
    "EXPSIG": "signed for a time that is over",
    "TRUST_UNDEFINED": "is in the keyring, which does not trust it",
    "TRUST_NEVER": "is in the keyring, which distrusts it",
}


def flaw(repo: Repo, oid: str, signers: Path) -> str:
    """What is wrong with the signature of a tag object; empty where it is good.

    SSH keys count if the file `signers` names them, GPG keys if the user's keyring trusts them.
    """
    options = ("-c", f"gpg.ssh.allowedSignersFile={signers}", "-c", "gpg.minTrustLevel=marginal")
    done = attempt(repo.root, *options, "verify-tag", "--raw", oid)
    if done.returncode == 0:
        return ""
    return _reason(done.stderr.decode(errors="replace").strip())


def _reason(words: str) -> str:
    """By the first of gpg's status lines that tells; else what git or ssh-keygen said last."""
    told = re.findall(r"^\[GNUPG:\] (\w+)", words, re.MULTILINE)
    known = [_REASONS[word] for word in told if word in _REASONS]
    if known:
        key = re.findall(r"SIG ([0-9A-F]{16,})", words)[:1]
        return " ".join(["its key", *key, known[0]])
    return words.splitlines()[-1] if words else "no signature"
