"""A bundle as one file, and what is refused when it is unpacked."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.artifacts.archive import check, pack, seal, unpack
from pennon.errors import ArtifactError

FILES = {"manifest.json": b"{}", "model.skops": bytes(range(256)) * 100, "src/shop/it.py": b"1\n"}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def empty(tmp_path: Path) -> Path:
    (to := tmp_path / "unpacked").mkdir()
    return to


def test_a_bundle_comes_back_as_it_was(bundle: Path, tmp_path: Path) -> None:
    pack(bundle, tmp_path / "it.tar.gz", "churn-v1.0.0")
    unpack(tmp_path / "it.tar.gz", to := empty(tmp_path))
    assert {name: (to / name).read_bytes() for name in FILES} == FILES
    check(to)


def test_the_same_bundle_gives_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    first = pack(bundle, tmp_path / "one.tar.gz", "churn-v1.0.0")
    (bundle / "src" / "shop" / "__pycache__").mkdir()
    (bundle / "src" / "shop" / "__pycache__" / "it.pyc").write_bytes(b"any")
    for it in bundle.rglob("*"):
        it.touch()
        it.chmod(0o700)
    assert pack(bundle, tmp_path / "two.tar.gz", "churn-v1.0.0") == first


def test_a_machine_without_pennon_can_check_and_unpack_it(bundle: Path, tmp_path: Path) -> None:
    pack(bundle, tmp_path / "it.tar.gz", "churn-v1.0.0")
    subprocess.run(["tar", "xzf", "it.tar.gz"], cwd=tmp_path, check=True)
    sums = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    subprocess.run(sums, cwd=tmp_path / "churn-v1.0.0", check=True, capture_output=True)


def made(to: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        for entry, content in members:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return to


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


HOSTILE = {
    "out of the folder": tarfile.TarInfo("churn/../../out"),
    "from the root": tarfile.TarInfo("/tmp/pennon-hostile"),  # noqa: S108  it is not written
    "a way of Windows": tarfile.TarInfo("churn\\..\\out"),
    "a link": link("churn/src", tarfile.SYMTYPE, "/etc"),
    "a hard link": link("churn/src", tarfile.LNKTYPE, "../../../etc/passwd"),
    "a device": link("churn/zero", tarfile.CHRTYPE, ""),
    "a pipe": link("churn/pipe", tarfile.FIFOTYPE, ""),
}


@pytest.mark.parametrize("entry", HOSTILE.values(), ids=HOSTILE)
def test_what_would_write_elsewhere_is_refused(entry: tarfile.TarInfo, tmp_path: Path) -> None:
    archive = made(tmp_path / "it.tar.gz", (entry, b""))
    with pytest.raises(ArtifactError, match="which no bundle has"):
        unpack(archive, empty(tmp_path))
    assert sorted(it.name for it in tmp_path.rglob("*")) == ["it.tar.gz", "unpacked"]
    assert not Path("/tmp/pennon-hostile").exists()  # noqa: S108


def test_a_file_through_a_link_before_it_is_refused(tmp_path: Path) -> None:
    way = (link("churn/src", tarfile.SYMTYPE, str(tmp_path)), b"")
    archive = made(tmp_path / "it.tar.gz", way, (tarfile.TarInfo("churn/src/out"), b"x"))
    with pytest.raises(ArtifactError):
        unpack(archive, empty(tmp_path))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["more.py", "src/__pycache__/it.pyc", "src/SHA256SUMS"])
def test_a_file_that_no_checksum_names_is_refused(bundle: Path, tmp_path: Path, name: str) -> None:
    seal(bundle)
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_bytes(b"besides")
    subprocess.run(["tar", "czf", "it.tar.gz", "bundle"], cwd=tmp_path, check=True)
    with pytest.raises(ArtifactError, match=f"not whole: {name} is missing, or not in its"):
        unpack(tmp_path / "it.tar.gz", empty(tmp_path))


def test_a_file_that_is_missing_or_another_one_is_noticed(bundle: Path) -> None:
    seal(bundle)
    check(bundle)
    (bundle / "manifest.json").write_bytes(b"[]")
    with pytest.raises(ArtifactError, match=r"manifest\.json is [0-9a-f]{64}, not the"):
        check(bundle)
    (bundle / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match=r"manifest\.json is missing"):
        check(bundle)


def test_half_an_archive_or_none_is_one_error(bundle: Path, tmp_path: Path) -> None:
    pack(bundle, tmp_path / "it.tar.gz", "churn")
    content = (tmp_path / "it.tar.gz").read_bytes()
    for i, wrong in enumerate([content[: len(content) // 2], b"", b"no archive", b"\x1f\x8b"]):
        (tmp_path / "half.tar.gz").write_bytes(wrong)
        (tmp_path / str(i)).mkdir()
        with pytest.raises(ArtifactError):
            unpack(tmp_path / "half.tar.gz", tmp_path / str(i))


@settings(max_examples=200)
@given(noise=st.binary(max_size=400), packed=st.booleans())
def test_no_bytes_make_it_break_otherwise(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, *, packed: bool
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    (folder / "it.tar.gz").write_bytes(gzip.compress(noise) if packed else noise)
    with pytest.raises(ArtifactError):
        unpack(folder / "it.tar.gz", empty(folder))
