"""A store by its door: real files, and fsspec's own memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from pennon.errors import ArtifactError, MissingExtraError, StoreError
from pennon.stores import Store, open_store, place
from pennon.stores.remote import Remote

Patch = pytest.MonkeyPatch


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture(params=["{0}", "file://{0}", "local://{0}", "memory://{0}"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A folder by ourselves, by fsspec, and fsspec's memory."""
    return open_store(request.param.format(tmp_path / "store"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.skops"
    path.write_bytes(b"weights" * 1000)
    return path


def names(folder: Path) -> list[str]:
    return sorted(it.relative_to(folder).as_posix() for it in folder.rglob("*") if it.is_file())


def test_a_file_lies_under_its_digest_and_comes_back(
    store: Store, file: Path, tmp_path: Path
) -> None:
    digest = digest_of(file.read_bytes())
    assert store.put(file, digest)
    store.get(digest, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    assert store.read(f"sha256/{digest[7:9]}/{digest[7:]}") == file.read_bytes()


def test_what_is_there_is_not_written_again(store: Store, file: Path, monkeypatch: Patch) -> None:
    digest = digest_of(file.read_bytes())
    store.put(file, digest)
    monkeypatch.setattr(store._files, "put", pytest.fail)
    assert not store.put(file, digest)


def test_half_of_a_file_is_replaced(store: Store, file: Path, tmp_path: Path) -> None:
    digest = digest_of(file.read_bytes())
    store.point(place(digest), file.read_bytes()[:100])
    assert store.put(file, digest)
    store.get(digest, tmp_path / "back")


def test_a_file_that_is_not_what_its_name_says_is_not_handed_out(
    store: Store, file: Path, tmp_path: Path
) -> None:
    digest = digest_of(file.read_bytes())
    store.point(place(digest), b"something else")
    with pytest.raises(ArtifactError, match="not what its name says; somebody replaced it"):
        store.get(digest, tmp_path / "back")
    assert sorted(tmp_path.glob("*back*")) + sorted(tmp_path.glob(".*")) == []


def test_what_is_no_store_at_all_is_said_to_be_none(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is no store of models: it has no pennon\.txt"):
        store.get(f"sha256:{'0' * 64}", tmp_path / "back")


def test_what_is_not_there_is_missed(store: Store, tmp_path: Path) -> None:
    store.reach()
    with pytest.raises(ArtifactError, match=r"has no sha256/00/0+; somebody removed it"):
        store.get(f"sha256:{'0' * 64}", tmp_path / "back")


def test_a_pointer_can_be_written_again(store: Store) -> None:
    assert store.read("churn/current.json") is None
    store.point("churn/current.json", b"one")
    store.point("churn/current.json", b"two")
    assert store.read("churn/current.json") == b"two"


def broken(_: object, to: object) -> None:
    Path(str(to)).write_bytes(b"half")
    raise OSError(28, "No space left on device")


def test_a_write_that_ends_in_the_middle_leaves_nothing(
    file: Path, tmp_path: Path, monkeypatch: Patch
) -> None:
    store, digest = open_store(f"file://{tmp_path}/store"), digest_of(file.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfile", broken)
        with pytest.raises(StoreError, match=r"cannot write model\.skops in .*No space left"):
            store.put(file, digest)
    assert names(tmp_path / "store") == []
    assert store.put(file, digest)


@pytest.mark.parametrize("act", ["put_file", "mv"])
def test_nor_does_one_behind_a_protocol(
    file: Path, tmp_path: Path, monkeypatch: Patch, act: str
) -> None:
    digest = digest_of(file.read_bytes())
    store = open_store(f"local://{tmp_path}/store")  # fsspec's own folders
    assert isinstance(store._files, Remote)
    with monkeypatch.context() as patch:
        patch.setattr(store._files._files, act, broken)
        with pytest.raises(StoreError, match="No space left"):
            store.put(file, digest)
    assert not store.holds(digest)
    assert store.put(file, digest)


def test_a_store_that_loses_bytes_is_noticed(file: Path, tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/store")
    with pytest.raises(ArtifactError, match=r"came back from .* run the same command again"):
        store.put(file, digest_of(b"what was meant"))


def test_a_folder_that_nobody_may_write_to_says_so(file: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"cannot .* in file://.*may this user write"):
        open_store(f"file://{tmp_path}/store").put(file, digest_of(file.read_bytes()))


PUT = """
import sys, pathlib
from pennon.stores import open_store
open_store(sys.argv[1]).put(pathlib.Path(sys.argv[2]), sys.argv[3])
"""


def test_many_writers_of_one_file_leave_one_whole_file(file: Path, tmp_path: Path) -> None:
    url, digest = f"file://{tmp_path}/store", digest_of(file.read_bytes())
    command = [sys.executable, "-c", PUT, url, str(file), digest]
    writers = [subprocess.Popen(command) for _ in range(4)]
    assert [it.wait(60) for it in writers] == [0] * 4
    assert names(tmp_path / "store") == [place(digest)]


@pytest.mark.parametrize("digest", ["sha256:ab", "md5:" + "0" * 32, "../../etc/passwd"])
def test_only_digests_have_a_place(digest: str) -> None:
    with pytest.raises(ArtifactError, match="is no digest"):
        place(digest)


def test_a_protocol_that_nobody_knows_is_no_store() -> None:
    with pytest.raises(StoreError, match="nowhere://x is no store"):
        open_store("nowhere://x")


def test_a_missing_package_is_named_with_the_way_to_it(monkeypatch: Patch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtraError, match=r"needs s3fs.*pip install s3fs; in a model"):
        open_store("s3://bucket")
    monkeypatch.delitem(sys.modules, "pennon.stores.remote")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match=r"needs fsspec.*pip install 'pennon\[stores\]'"):
        open_store("s3://bucket")


def test_the_door_is_light() -> None:
    code = "import sys, pennon.stores; sys.exit('fsspec' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
