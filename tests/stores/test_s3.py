"""The same with S3's own protocol: s3fs before a server of moto, by the command line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shop import MODEL, push, shop, write

if TYPE_CHECKING:
    from stores.conftest import S3

REPLACE = """
import sys
from pennon.stores import open_store
for name in sys.argv[1:]:
    open_store("s3://models").point(name, b"something else")
"""
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("s3-shop")
    here = shop(folder)
    text = (here.root / "pennon.yaml").read_text()
    write(here.root, "pennon.yaml", f"{text}registry: {{store: s3://models/team}}\n")
    push(here, "a store")
    return folder


@pytest.fixture
def work(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "work"


def pennon(work: Path, s3: S3, *arguments: str, **more: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "pennon", *arguments],
        cwd=work,
        env=s3.environment | {"PENNON_FORGE": f"local:{work.parent / 'forge'}"} | more,
        capture_output=True,
        text=True,
        check=False,
    )


def keys(s3: S3) -> list[str]:
    listed = s3.ask("/models?list-type=2", "GET").decode()
    return [it for it in re.findall(r"<Key>([^<]*)</Key>", listed) if "pennon.txt" not in it]


def tags(work: Path) -> str:
    command = ["git", "ls-remote", "--tags", "origin"]
    return subprocess.run(command, cwd=work, capture_output=True, text=True, check=True).stdout


def test_a_version_is_kept_verified_and_its_damage_noticed(work: Path, s3: S3) -> None:
    done = pennon(work, s3, "register")
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, f"{MODEL}@v1.0.0"), done.stderr
    assert "store model.skops in s3://models/team" in done.stderr
    found = keys(s3)
    assert found
    assert all(re.fullmatch(r"team/sha256/([0-9a-f]{2})/\1[0-9a-f]{62}", it) for it in found)
    assert pennon(work, s3, "verify", MODEL + "@v1.0.0").returncode == 0
    subprocess.run([sys.executable, "-c", REPLACE, *found], env=s3.environment, check=True)
    damaged = pennon(work, s3, "verify", MODEL + "@v1.0.0")
    assert damaged.returncode == 12
    assert re.search(r"WRONG +model\.skops.*not what its name says", damaged.stdout)


@pytest.mark.parametrize("defect", ["no bucket", "no credentials", "no server"])
def test_a_store_that_cannot_be_written_stops_a_registration_at_its_start(
    work: Path, s3: S3, defect: str
) -> None:
    wrong = {
        "no bucket": {},
        "no credentials": {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
        "no server": {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
    }
    said = {
        "no bucket": "The specified bucket does not exist",
        "no credentials": "Unable to locate credentials",
        "no server": "Could not connect to the endpoint URL",
    }
    if defect == "no bucket":
        s3.ask("/models", "DELETE")
    done = pennon(work, s3, "register", **wrong[defect])
    assert done.returncode == 17
    assert said[defect] in done.stderr
    assert "AWS_ACCESS_KEY_ID" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tags(work), list((work.parent / "forge").rglob("assets"))) == ("", [])


def test_the_wrong_key_is_refused_and_the_right_one_goes_on(work: Path, s3: S3) -> None:
    s3.ask("/moto-api/reset-auth", "POST", b"0")
    try:
        done = pennon(work, s3, "register")
    finally:
        s3.ask("/moto-api/reset-auth", "POST", b"1000000")
    assert done.returncode == 17
    assert re.search(r"s3://models/team: .*(Forbidden|Access Key Id|Denied)", done.stderr)
    assert "secret-of-ada" not in done.stderr
    assert tags(work) == ""
    assert pennon(work, s3, "register").returncode == 0
    assert keys(s3)


def test_without_its_client_the_way_to_it_is_named(work: Path, s3: S3) -> None:
    del (bare := dict(s3.environment))["PYTHONPATH"]
    s3 = type(s3)(s3.url, bare)
    done = pennon(work, s3, "register", PYTHONPATH="")
    assert done.returncode == 14
    assert "pip install s3fs" in done.stderr
