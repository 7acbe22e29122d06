"""Baking a repository beside cookiecutter-data-science's and beside bare cookiecutter.

    uv pip install cookiecutter-data-science  # the peer, not part of the locked environment
    PYTHONPATH=tests python tests/benchmarks/bench_bake.py [FOLDER OF ITS TEMPLATE]

Its template lies in a git repository, not in its package; without a folder that holds it, the table
shows what can be measured: our bake, cookiecutter alone on our template, and the peer's start-up.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from timing import print_table, race

from pennon.assets import kit

BIN = Path(sys.executable).parent
FRESH = "import sys, tempfile; folder = tempfile.mkdtemp()\n"
OURS = (
    FRESH
    + "sys.argv = ['pennon', 'new', folder + '/x', '--yes']\nfrom pennon.cli import main; main()"
)
BARE = FRESH + (
    "from cookiecutter.main import cookiecutter\n"
    f"cookiecutter({str(kit() / 'template')!r}, no_input=True, output_dir=folder)"
)


def main() -> None:
    commands = {
        "pennon new": [sys.executable, "-c", OURS],
        "cookiecutter, our template": [sys.executable, "-c", BARE],
    }
    peer = shutil.which("ccds", path=str(BIN))
    if peer and len(sys.argv) > 1:
        with tempfile.TemporaryDirectory() as folder:
            bake = [
                peer,
                sys.argv[1],
                "--no-input",
                "--output-dir",
                folder,
                "--overwrite-if-exists",
            ]
            print_table(race(commands | {"ccds": bake}), beside="pennon new")
        return
    start = {"ccds --help": [peer, "--help"]} if peer else {}
    print_table(race(commands | start), beside="pennon new")


if __name__ == "__main__":
    main()
