"""Baking a repository beside cookiecutter-data-science's and beside bare cookiecutter.

    uv tool install cookiecutter-data-science  # the peer, on the path, out of our environment
    PYTHONPATH=tests python tests/benchmarks/bench_bake.py [CLONE OF ITS REPOSITORY]

Its template lies in a git repository, not in its package; without a clone of that, the table shows
what can be measured: our bake, cookiecutter alone on our template, and the peer's start-up.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

from timing import print_table, race

from pennon.assets import kit

FRESH = "import sys, tempfile; folder = tempfile.mkdtemp()\n"
OURS = (
    FRESH
    + "sys.argv = ['pennon', 'new', folder + '/x', '--yes']\nfrom pennon.cli import main; main()"
)
BARE = FRESH + (
    "from cookiecutter.main import cookiecutter\n"
    f"cookiecutter({str(kit() / 'template')!r}, no_input=True, output_dir=folder)"
)


PEER = 'exec ccds "$0" --no-input --output-dir "$(mktemp -d)"'


def main() -> None:
    commands = {
        "pennon new": [sys.executable, "-c", OURS],
        "cookiecutter, our template": [sys.executable, "-c", BARE],
    }
    if shutil.which("ccds"):
        with_template = len(sys.argv) > 1
        name = "ccds" if with_template else "ccds --help"
        commands[name] = ["sh", "-c", PEER, sys.argv[1]] if with_template else ["ccds", "--help"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # every run bakes into a new folder in it
        print_table(race(commands), beside="pennon new")


if __name__ == "__main__":
    main()
