"""How long until a command line answers.

PYTHONPATH=tests python tests/benchmarks/bench_startup.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from timing import print_table, race

from worlds import Ledger, new_clone

BIN = Path(sys.executable).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = new_clone(Path(folder))
        ledger = Ledger(work)
        ledger.register("v1.0.0")
        ledger.assign("v1.0.0")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            'python -c "import click"': [sys.executable, "-c", "import click"],
            "pennon --help": [str(BIN / "pennon"), "--help"],
            "pennon which": [str(BIN / "pennon"), "which", "churn"],
            "pennon show": [str(BIN / "pennon"), "show"],
            "gto --help": [str(BIN / "gto"), "--help"],
            "gto show": [str(BIN / "gto"), "show"],
        }
        print_table(race(commands, folder=work), beside='python -c "import click"')


if __name__ == "__main__":
    main()
