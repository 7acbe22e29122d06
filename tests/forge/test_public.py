"""A public repository without a token: a real server with the addresses of GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pennon.errors import ForgeError
from pennon.forge.github.public import PublicForge

CONTENT = b"weights" * 1000
FOUND = "/acme/shop/releases/download/churn%40v1.0.0/model.skops"


class Site(BaseHTTPRequestHandler):
    """Answers 503, then half of the file, then all of it."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        missing = self.path != FOUND
        self.send_response(404 if missing else 503 if len(self.asked) == 1 else 200)
        self.send_header("Content-Length", "0" if missing else str(len(CONTENT)))
        self.end_headers()
        if not missing and len(self.asked) > 1:
            self.wfile.write(CONTENT if len(self.asked) > 2 else CONTENT[:100])

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def forge(site: str) -> PublicForge:
    return PublicForge(
        repository="acme/shop",
        api_url="https://api.github.com",
        server=site,
        sleep=lambda _: None,
        now=lambda: 0.0,
    )


def test_a_file_is_fetched_whole_without_a_token(site: str, tmp_path: Path) -> None:
    forge(site).download_asset("churn@v1.0.0", "model.skops", tmp_path / "model.skops")
    assert (tmp_path / "model.skops").read_bytes() == CONTENT
    assert Site.asked == [(FOUND, None)] * 3


def test_what_is_not_there_may_be_private(site: str, tmp_path: Path) -> None:
    with pytest.raises(ForgeError, match=r"404.*is the repository private\? Set GITHUB_TOKEN"):
        forge(site).download_asset("churn@v2.0.0", "model.skops", tmp_path / "model.skops")
    assert (list(tmp_path.iterdir()), len(Site.asked)) == ([], 1)


def test_a_server_that_is_down_is_an_error_after_some_tries(tmp_path: Path) -> None:
    with pytest.raises(ForgeError, match=r"without a token.*see whether GitHub is up"):
        forge("http://127.0.0.1:1").download_asset("a@v1.0.0", "x", tmp_path / "x")


def test_whatever_else_needs_the_token() -> None:
    with pytest.raises(ForgeError, match="no token for acme/shop; set GITHUB_TOKEN"):
        forge("http://127.0.0.1:1").release("churn@v1.0.0")
