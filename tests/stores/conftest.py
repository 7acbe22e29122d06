"""A server that speaks S3, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from pennon.flows.demo.play import free_ports

LOCK = Path(__file__).parents[2] / "scripts" / "locks" / "s3.txt"


class S3:
    """`environment` is that of a process which may use it."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        self.url = url
        self.environment = environment

    def ask(self, path: str, method: str, body: bytes | None = None) -> bytes:
        kind = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"{self.url}{path}", body, kind, method=method)  # noqa: S310  loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            content: bytes = answer.read()
            return content

    def up(self) -> bool:
        try:
            self.ask("/moto-api/data.json", "GET")
        except (URLError, ConnectionError):
            return False
        return True


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment for processes that find s3fs and moto."""
    folder = tmp_path_factory.mktemp("s3")
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*uv, "--target", str(folder), "-r", str(LOCK)], check=True)
    return dict(os.environ) | {"PYTHONPATH": str(folder)}


@pytest.fixture(scope="session")
def server(libraries: dict[str, str]) -> Iterator[S3]:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    found = S3(
        url,
        libraries
        | {
            "AWS_ACCESS_KEY_ID": "ada",
            "AWS_SECRET_ACCESS_KEY": "secret-of-ada",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": url,
        },
    )
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=libraries, stdout=quiet, stderr=quiet) as process:
        deadline = time.monotonic() + 60
        while not found.up():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield found
        process.terminate()


@pytest.fixture
def s3(server: S3) -> S3:
    """With one empty bucket, `models`."""
    server.ask("/moto-api/reset", "POST")
    server.ask("/models", "PUT")
    return server
