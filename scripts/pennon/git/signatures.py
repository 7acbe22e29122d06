"""Who signed a tag or commit: git asks gpg or ssh-keygen, pennon believes neither more nor less."""

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


def flaw(repo: Repo, oid: str, signers: Path, kind: str = "tag") -> str:
    """What is wrong with the signature of an object, a `tag` or `commit`; empty where it is good.

    SSH keys count if the file `signers` names them, GPG keys if the user's keyring trusts them.
    """
    done = attempt(repo.root, *_options(signers), f"verify-{kind}", "--raw", oid)
    if done.returncode == 0:
        return ""
    return _reason(done.stderr.decode(errors="replace").strip())


def signer(repo: Repo, commit: str, signers: Path) -> str:
    """Whose key signed a commit: the name that `signers` has for it, or `Name <mail>` of a GPG key.

    Worth something where `flaw` finds nothing.
    """
    shape = ("log", "--max-count=1", "--no-show-signature", "--format=%GS", commit)
    return attempt(repo.root, *_options(signers), *shape).stdout.decode(errors="replace").strip()


def _options(signers: Path) -> tuple[str, ...]:
    return ("-c", f"gpg.ssh.allowedSignersFile={signers}", "-c", "gpg.minTrustLevel=marginal")


def _reason(words: str) -> str:
    """By the first of gpg's status lines that tells; else what git or ssh-keygen said last."""
    told = re.findall(r"^\[GNUPG:\] (\w+)", words, re.MULTILINE)
    known = [_REASONS[word] for word in told if word in _REASONS]
    if known:
        key = re.findall(r"SIG ([0-9A-F]{16,})", words)[:1]
        return " ".join(["its key", *key, known[0]])
    return words.splitlines()[-1] if words else "no signature"
