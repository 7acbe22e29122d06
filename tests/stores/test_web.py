"""A web server as a place to read from: verified, and never written to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pennon.errors import ArtifactError, StoreError
from pennon.stores import Store, open_store

DIGEST = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of "abc"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody asked."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "weights").write_bytes(b"abc")
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield open_store(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_a_file_comes_whole_and_verified(store: Store, tmp_path: Path) -> None:
    store.fetch("weights", DIGEST, tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == b"abc"


@pytest.mark.parametrize(("name", "what"), [("weights", "not sha256:00"), ("wights", "no http")])
def test_what_is_another_one_or_not_there_leaves_nothing(
    name: str, what: str, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError, match=what):
        store.fetch(name, f"sha256:{'0' * 64}", tmp_path / "here")
    assert sorted(it.name for it in tmp_path.iterdir()) == ["weights"]


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read weights… in http://127\.0\.0\.1:9"):
        open_store("http://127.0.0.1:9").fetch("weights", DIGEST, tmp_path / "here")


def test_nothing_is_written_to_it(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a web server"):
        store.put(tmp_path / "weights", DIGEST)
