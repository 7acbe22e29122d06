"""`python -m pennon.serving FILE`: serves what the file says, and what it says after a SIGHUP.

A bundle's folder in the place of the file is served as it is.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.served import Part, Serve, read
from pennon.errors import PennonError
from pennon.serving.server import Options, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pennon.serving")
    parser.add_argument("what", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--log", type=Path)
    said = parser.parse_args()
    wanted = (
        partial(_folder, said.what, said.workers)
        if said.what.is_dir()
        else partial(read, said.what)
    )
    now = partial(datetime.now, UTC)  # noqa: TID251  a process of its own reads it itself
    run(wanted, Options(host=said.host, port=said.port, log=said.log), now)


def _folder(folder: Path, workers: int) -> Serve:
    facts = Bundle(folder).facts
    part = Part(version=facts.version, bundle=str(folder.resolve()))
    return Serve(model=facts.model, live=part, workers=workers)


if __name__ == "__main__":
    try:
        main()
    except PennonError as error:
        sys.exit(str(error))
