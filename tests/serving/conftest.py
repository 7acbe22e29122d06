"""Bundles that a real training made, and scorers that are told what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator

import msgspec
import pytest

from pennon.artifacts.served import Part
from pennon.flows.train import Trained, train
from pennon.registry import RunKind
from served import Server
from shop import MODEL, shop, world

FAKE = f"""#!{sys.executable}
import os, socket, sys, time
import msgspec
from pennon.serving.wire import PROTOCOL, Answer, Ask, Frames, Hello, packed

server = socket.socket(fileno=int(sys.argv[-2]))
version = sys.argv[-3].rpartition("/")[2]
server.sendall(packed(Hello(protocol=PROTOCOL, engine="fake", together=True)))
asks, frames = msgspec.msgpack.Decoder(Ask), Frames()
while received := server.recv(65536):
    for content in frames.feed(received):
        ages = [row[0] for row in asks.decode(content).rows]
        if 13.0 in ages:
            os._exit(1)
        time.sleep(0.05 if 7.0 in ages else 0)
        answer = Answer(error="an age of 66") if 66.0 in ages else Answer([len(ages)] * len(ages))
        server.sendall(packed(answer))
"""
"""Predicts how many rows it was asked for at once. It dies of an age of 13, fails for one of 66 and
takes its time over one of 7."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    here = shop(tmp_path_factory.mktemp("served"))
    return train(world(here.root), MODEL, data="full", kind=RunKind.EXPERIMENT)


@pytest.fixture(scope="session")
def version_of(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Part]:
    """The candidate's folder, saying that it is some version."""

    def made(version: str) -> Part:
        bundle = tmp_path_factory.mktemp("bundles") / version
        shutil.copytree(trained.candidate.folder, bundle)
        facts = msgspec.json.decode((bundle / "manifest.json").read_bytes())
        (bundle / "manifest.json").write_bytes(msgspec.json.encode(facts | {"version": version}))
        return Part(version=version, bundle=str(bundle))

    return made


@pytest.fixture(scope="session")
def fake(
    version_of: Callable[[str], Part], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Part]:
    """The same, scored by a process that does as it is told by the ages."""
    python = tmp_path_factory.mktemp("fake") / "python"
    python.write_text(FAKE)
    python.chmod(0o755)
    return lambda version: msgspec.structs.replace(version_of(version), python=str(python))


@pytest.fixture(scope="module")
def server(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log")
    with Server(trained.candidate.folder, log=log) as found:
        yield found
