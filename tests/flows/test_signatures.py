"""With `registry.signatures: required`, which events of the ledger an audit accepts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from keys import keyring, sign_with, ssh_key
from light import LIGHT, Light, back
from pennon.flows.audit import audit_registry
from pennon.flows.rollback import rollback
from worlds import commit_all

UNSIGNED = "is not signed as it has to be: it has no signature"


@pytest.fixture
def required(light: Light) -> Light:
    """Six events that nobody signed, in a repository that now asks for it."""
    with (light.world.root / "pennon.yaml").open("a") as project:
        project.write("registry: {signatures: required}\n")
    commit_all(light.world.root, "signatures")
    return light


def refused(light: Light) -> list[str]:
    """What is wrong with each event that does not count, oldest first."""
    (found,) = audit_registry(light.world, LIGHT, forge=False)
    assert {alarm.code for alarm in found.alarms} == {"signature"}
    return [alarm.what for alarm in found.alarms]


def write_signed(light: Light, reason: str) -> None:
    assert rollback(light.world, back(reason)).steps
    assert light.world.state(LIGHT).events[-1].is_signed


def test_an_event_counts_if_a_key_signed_it_that_the_signers_file_names(
    required: Light, tmp_path: Path
) -> None:
    good, bad = ssh_key(tmp_path / "good"), ssh_key(tmp_path / "bad")
    signers = required.world.root / ".github" / "allowed_signers"
    signers.parent.mkdir()
    signers.write_text(f"ada@example.com {good.read_text()}")
    assert refused(required) == [UNSIGNED] * 6
    sign_with(required.world.root, str(good), "ssh")
    write_signed(required, "wrong for FR")
    assert refused(required) == [UNSIGNED] * 6
    sign_with(required.world.root, str(bad), "ssh")
    write_signed(required, "wrong for DE")
    assert refused(required)[6:] == ["is not signed as it has to be: No principal matched."]


@pytest.mark.skipif(
    shutil.which("gpg") is None, reason="gpg is not installed: no test of its signatures"
)
def test_an_event_counts_if_a_key_signed_it_that_the_keyring_trusts(
    required: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = required.world.root
    with keyring() as writers, keyring() as auditors:
        good, bad = writers.make("good"), writers.make("bad")
        auditors.learn(writers.run("--armor", "--export", good))
        auditors.trust(good)
        for key in (good, bad):
            monkeypatch.setenv("GNUPGHOME", str(writers.home))
            sign_with(root, key)
            write_signed(required, f"signed by {key}")
        monkeypatch.setenv("GNUPGHOME", str(auditors.home))
        assert refused(required) == [
            *[UNSIGNED] * 6,
            f"is not signed as it has to be: its key {bad[-16:]} is not in the keyring",
        ]
