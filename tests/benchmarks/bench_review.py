"""What a review costs beside the training that it is about, imports included.

    PYTHONPATH=tests python tests/benchmarks/bench_review.py

The bare script reads the rows, fits the same estimator on as many and scores it on as many with
scikit-learn. The review also checks the contract, scores the champion with its own code, resamples
1,000 times, decides the gates and writes the report.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from timing import print_table, race

from pennon.flows.demo.changes import apply_change
from pennon.flows.new import bake
from worlds import commit_all, run_git

PENNON = [sys.executable, "-m", "pennon"]
BARE = """
import sys
sys.path.insert(0, "src")
import pandas as pd, yaml
from sklearn.metrics import roc_auc_score
from flights.features import build as features
from flights.model import build
rows = pd.read_csv("data/flights.csv", keep_default_na=False, na_values=[""])
train, holdout = rows[:8000], rows[-4561:]
model = build(yaml.safe_load(open("params.yaml"))["delay"])
model.fit(features(train), train["late"])
print(roc_auc_score(holdout["late"], model.predict_proba(features(holdout))[:, 1]))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = bake(Path(folder) / "flights", {})
        run_git(work, "init", "--quiet", "--bare", "../origin.git")
        run_git(work, "remote", "add", "origin", "../origin.git")
        run_git(work, "push", "--quiet", "origin", "main")
        os.environ["PENNON_FORGE"] = f"local:{folder}/forge"
        race({"register": [*PENNON, "register"]}, runs=0, folder=work)
        race({"promote": [*PENNON, "promote", "delay"]}, runs=0, folder=work)
        apply_change("better", work)
        commit_all(work, "look at the weather")
        commands = {
            "bare fit + score": [sys.executable, "-c", BARE],
            "pennon review": [*PENNON, "review", "delay"],
        }
        seconds = race(commands, runs=5, folder=work)
        print_table(seconds, beside="bare fit + score")
        ours, bare = (sorted(values)[len(values) // 2] for values in reversed(seconds.values()))
        print(f"overhead (difference of the medians): {ours - bare:.2f} s")


if __name__ == "__main__":
    main()
