"""Signatures of tags by GPG keys: which count, and what is said of one that does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys import Keyring, keyring, sign_with
from pennon.git import Repo
from pennon.git.signatures import flaw
from worlds import Git, run_git

pytestmark = pytest.mark.skipif(
    shutil.which("gpg") is None, reason="gpg is not installed: no test of its signatures"
)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyring]:
    with keyring() as made:
        monkeypatch.setenv("GNUPGHOME", str(made.home))
        yield made


@pytest.fixture
def other() -> Iterator[Keyring]:
    """Of somebody who looks at what was signed elsewhere."""
    with keyring() as made:
        yield made


def signed(clone: Path, key: str) -> str:
    sign_with(clone, key)
    run_git(clone, "tag", "--annotate", "--message", "a version", "v1")
    return run_git(clone, "rev-parse", "refs/tags/v1")


def wrong(clone: Path, oid: str) -> str:
    return flaw(Repo(clone), oid, clone / "nobody")


def test_a_signature_by_a_trusted_key_is_good(clone: Path, ring: Keyring) -> None:
    assert wrong(clone, signed(clone, ring.make("ada"))) == ""


@pytest.mark.usefixtures("ring")
def test_a_tag_without_one_has_none(clone: Path, git: Git) -> None:
    git("tag", "--annotate", "--message", "a version", "v1")
    assert wrong(clone, git("rev-parse", "refs/tags/v1")) == "error: no signature found"


def test_a_key_that_is_not_in_the_keyring_does_not_count(
    clone: Path, ring: Keyring, other: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ring.make("eve")
    oid = signed(clone, key)
    monkeypatch.setenv("GNUPGHOME", str(other.home))
    assert wrong(clone, oid) == f"its key {key[-16:]} is not in the keyring"


def test_a_key_counts_once_the_keyring_trusts_it(
    clone: Path, ring: Keyring, other: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ring.make("bob")
    oid = signed(clone, key)
    monkeypatch.setenv("GNUPGHOME", str(other.home))
    other.learn(ring.run("--armor", "--export", key))
    assert wrong(clone, oid) == f"its key {key[-16:]} is in the keyring, which does not trust it"
    other.trust(key)
    assert wrong(clone, oid) == ""


def test_a_revoked_key_does_not_count(clone: Path, ring: Keyring) -> None:
    key = ring.make("ada")
    oid = signed(clone, key)
    ring.revoke(key)
    assert wrong(clone, oid) == f"its key {key[-16:]} was revoked"


def test_an_expired_key_does_not_count(clone: Path, ring: Keyring, git: Git) -> None:
    then = ("--faked-system-time", "20200101T000000")
    key = ring.make("ada", *then, lasts="1d")
    program = clone.parent / "gpg-in-2020"
    program.write_text(f'#!/bin/sh\nexec gpg {" ".join(then)} "$@"\n')
    program.chmod(0o755)
    git("config", "gpg.program", str(program))
    oid = signed(clone, key)
    git("config", "--unset", "gpg.program")
    assert wrong(clone, oid) == f"its key {key[-16:]} has expired"


def test_an_edited_tag_is_not_what_was_signed(clone: Path, ring: Keyring, git: Git) -> None:
    key = ring.make("ada")
    text = git("cat-file", "tag", signed(clone, key)).replace("a version", "another")
    oid = git("hash-object", "-t", "tag", "-w", "--stdin", stdin=f"{text}\n")
    assert wrong(clone, oid) == f"its key {key[-16:]} did not sign this content"
