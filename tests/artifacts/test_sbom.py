"""A bill of materials that the standard's library accepts, and sums that sha256sum checks."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from pennon.artifacts.lock import Pin, pins
from pennon.artifacts.sbom import Made, checksums, sbom

ROOT = Path(__file__).parents[2]
LOCK = next((ROOT / "template").glob("*/requirements.lock")).read_text()
MADE = Made(
    model="fraud/eu",
    version="v1.2.0",
    artifact="sha256:" + "a" * 64,
    commit="c" * 40,
    at="2026-11-21T12:00:00Z",
    data={"flights": "sha256:" + "b" * 64},
    environment="sha256:" + "d" * 64,
    pennon="0.1.0",
)


def bill(made: Made = MADE, lock: str = LOCK) -> dict[str, Any]:
    text = sbom(made, lock)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


def test_it_keeps_the_schema_and_names_model_data_and_every_library() -> None:
    found = bill()
    kinds = [part["type"] for part in found["components"]]
    assert found["metadata"]["component"]["type"] == "machine-learning-model"
    assert kinds.count("library") == len({(pin.name, pin.version) for pin in pins(LOCK)})
    assert kinds.count("data") == 1
    assert len(found["dependencies"][0]["dependsOn"]) == len(kinds)


def test_the_same_version_gives_the_same_bytes_and_another_does_not() -> None:
    other = msgspec.structs.replace(MADE, artifact="sha256:" + "e" * 64)
    assert sbom(MADE, LOCK) == sbom(MADE, LOCK)
    assert bill(other)["serialNumber"] != bill()["serialNumber"]


@pytest.mark.parametrize("lock", ["", "# nothing\n", "torch==2.9.0+cpu \\\n    --hash=sha256:00\n"])
def test_odd_locks_keep_the_schema_too(lock: str) -> None:
    made = msgspec.structs.replace(MADE, data={}, environment="", artifact="")
    purls = [part["purl"] for part in bill(made, lock)["components"]]
    assert purls == (["pkg:pypi/torch@2.9.0%2Bcpu"] if "torch" in lock else [])


def test_a_pin_has_its_name_version_and_where_it_is_needed() -> None:
    lines = "Foo_Bar[x]==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\nbaz==2 # via foo\n"
    assert list(pins(lines)) == [
        Pin("foo-bar", "1.0", "sys_platform == 'win32'"),
        Pin("baz", "2"),
    ]


def test_checksums_are_what_sha256sum_checks(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a")
    digest = "sha256:" + hashlib.sha256(b"a").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(checksums({"a.txt": digest}))
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "a.txt").write_bytes(b"b")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1
