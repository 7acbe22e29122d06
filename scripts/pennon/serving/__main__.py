"""`python -m pennon.serving BUNDLE --port N`: one process that answers for one version."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pennon.errors import PennonError
from pennon.serving.server import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pennon.serving")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    run(options.bundle, host=options.host, port=options.port)


if __name__ == "__main__":
    try:
        main()
    except PennonError as error:
        sys.exit(str(error))
