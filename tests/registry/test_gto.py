"""GTO is the oracle: it reads what pennon writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pennon.registry import read_model
from worlds import Ledger


def gto(work: Path, *arguments: str) -> Any:  # noqa: ANN401  whatever GTO prints
    command = [str(Path(sys.executable).parent / "gto"), *arguments, "--repo", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_gto_shows_the_versions_and_stages_that_pennon_wrote(clone: Path) -> None:
    ledger = Ledger(clone)
    for version in ("v1.0.0", "v1.1.0"):
        ledger.register(version)
        ledger.assign(version)
    ledger.assign("v1.0.0")
    theirs = gto(clone, "show", "--json")
    ours = read_model(ledger.repo, "churn")
    assert theirs["churn"]["version"] == str(max(ours.versions))
    assert theirs["churn"]["stage"]["champion"] == str(ours.holder("champion"))


def test_gto_tells_the_same_history(clone: Path) -> None:
    ledger = Ledger(clone)
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    ledger.register("v1.1.0")
    theirs = [row["ref"] for row in gto(clone, "history", "churn", "--json", "--ascending")]
    ours = [event.tag for event in read_model(ledger.repo, "churn").events]
    assert [ref for ref in theirs if not ref.endswith("commit")] == ours
