"""Models that are a command: any program that reads rows and writes a folder and predictions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.command import Engine, pack, unpacked
from pennon.artifacts.source import UserCodeError
from pennon.errors import ArtifactError, EvaluationError, PennonError
from pennon.evaluation import Outcome
from pennon.flows.assignment.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.reproduce import reproduce
from pennon.flows.review import Ask as Review
from pennon.flows.review import review
from pennon.flows.versions.bundle import bundle
from pennon.flows.world import World
from pennon.registry import Version, read_model, reference
from served import Server
from shop import FILES, MODEL, customers, push, shop, world, write
from worlds import run_git

PROGRAM = """\
import csv, json, math, os
from shop.bounds import cut

here = os.environ
params = json.load(open(here["PENNON_PARAMS"]))
file = os.path.join(here["PENNON_MODEL"], "means", "spend.json")
if "PENNON_TRAIN" in here:
    rows = list(csv.DictReader(open(here["PENNON_TRAIN"])))
    assert set(rows[0]) == {"age", "spend", "country", "left"}
    os.makedirs(os.path.dirname(file))
    mean = sum(float(row["spend"]) for row in rows) / len(rows)
    json.dump({"mean": mean, "seed": here["PENNON_SEED"]}, open(file, "w"))
mean = json.load(open(file))["mean"]
with open(here["PENNON_PREDICTIONS"], "w") as out:
    print("prediction", file=out)
    for row in csv.DictReader(open(here["PENNON_ROWS"])):
        assert "left" not in row
        print(cut(1 / (1 + math.exp(params["slope"] * (float(row["spend"]) - mean)))), file=out)
"""
"""A model without any library: who spends less than the mean is likelier to leave."""

BOUNDS = "def cut(value):\n    return min(max(value, 0.01), 0.99)\n"


def repository(folder: Path, program: str = PROGRAM) -> World:
    here = shop(folder)
    estimator = "    estimator: shop.model:build\n    features: shop.features:build\n"
    command = "    command: [python, src/train.py]\n"
    write(here.root, "pennon.yaml", FILES["pennon.yaml"].replace(estimator, command))
    write(here.root, "params.yaml", "churn: {slope: 0.06}\n")
    write(here.root, "src/train.py", program)
    write(here.root, "src/shop/bounds.py", BOUNDS)
    push(here, "a model without libraries")
    return world(here.root)


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> World:
    """v1.0.0 is registered and champion."""
    here = repository(tmp_path_factory.mktemp("command"))
    register(here, Registration())
    promote(here, Ask(model=MODEL))
    return here


def test_a_command_is_registered_with_the_folder_that_it_left(champion: World) -> None:
    release = champion.forge.release("churn@v1.0.0")
    assert release is not None
    assert "model.zip" in {asset.name for asset in release.assets}


def test_a_registered_command_scores_in_its_bundle_and_over_http(champion: World) -> None:
    state = read_model(champion.repo, MODEL)
    folder = bundle(champion, state, Version("v1.0.0"))
    opened = Bundle(folder)
    rows = customers(50)
    found = opened.predict(rows)
    assert np.corrcoef(found, rows["spend"])[0, 1] < -0.9
    row = {"age": 40.0, "spend": 100.0, "country": "DE"}
    with Server(folder) as server:
        answer = server.post(row).json
    assert answer["version"] == "v1.0.0"
    assert 0.01 <= answer["prediction"] <= 0.99


def test_a_registered_command_is_reproduced(champion: World) -> None:
    found = reproduce(champion, reference(MODEL))
    assert (found.reproduced, found.largest) == (True, 0)
    assert found.verdict == "reproduced: predictions are exactly the same"


def test_a_challenger_is_compared_with_the_champion_of_its_own_code(champion: World) -> None:
    """The champion's command runs in its bundle: with its program, params and model."""
    run_git(champion.root, "switch", "--quiet", "--create", "worse")
    write(champion.root, "params.yaml", "churn: {slope: -0.06}\n")
    push(champion, "the other way round")
    (found,) = review(champion, Review(data="sample"))
    assert found.verdict is not None
    (better,) = [result for result in found.verdict.results if result.id == "better"]
    assert (found.verdict.champion, better.outcome) == ("v1.0.0", Outcome.FAIL)
    assert better.reference is not None
    assert better.reference > 0.7
    run_git(champion.root, "switch", "--quiet", "main")


def engine(folder: Path, program: str) -> Engine:
    write(folder, "src/train.py", program)
    return Engine(command=("python", "src/train.py"), root=folder, source="src", params={}, seed=1)


WRITE = "import os\nopen(os.environ['PENNON_PREDICTIONS'], 'w').write({text!r})\n"


@pytest.mark.parametrize(
    ("program", "kind", "words"),
    [
        ("import sys; sys.exit('no data')", UserCodeError, "ended with exit code 1: no data"),
        ("import os; os.kill(os.getpid(), 9)", UserCodeError, "ended with signal 9"),
        ("", UserCodeError, "wrote no predictions"),
        (WRITE.format(text="score\n1\n2\n"), UserCodeError, "without a column 'prediction'"),
        (WRITE.format(text="prediction\nhigh\n1\n"), UserCodeError, "cannot be read"),
        (WRITE.format(text=""), UserCodeError, "cannot be read"),
        (WRITE.format(text="prediction\n1\n"), EvaluationError, r"made \(1,\) predictions for 2"),
        (WRITE.format(text="prediction\n1\nnan\n"), EvaluationError, "NaN or infinity for 1 of 2"),
    ],
)
def test_what_a_command_does_wrong_is_said(
    tmp_path: Path, program: str, kind: type[PennonError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        engine(tmp_path, program).run(customers(2), tmp_path)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    there = msgspec.structs.replace(engine(tmp_path, ""), command=("no-such-program",))
    with pytest.raises(UserCodeError, match=r"no-such-program cannot be started.*pennon\.yaml"):
        there.run(customers(2), tmp_path)


def test_a_training_that_leaves_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserCodeError, match=r"left no model.*PENNON_MODEL"):
        pack(tmp_path, tmp_path / "model.zip", said="python train.py")
    assert not list(tmp_path.iterdir())


def test_equal_folders_make_equal_artifacts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path, f"{name}/b/c.txt", "c")
        write(tmp_path, f"{name}/a.txt", "a")
        pack(tmp_path / name, tmp_path / f"{name}.zip", said="")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with unpacked(tmp_path / "one.zip") as folder:
        assert (folder / "b" / "c.txt").read_text() == "c"


def test_what_is_no_archive_is_an_error_of_the_artifact(tmp_path: Path) -> None:
    write(tmp_path, "model.zip", "PK")
    with (
        pytest.raises(ArtifactError, match=r"model\.zip cannot be unpacked"),
        unpacked(tmp_path / "model.zip"),
    ):
        pass


PARQUET = """
import sys
from pathlib import Path
import pandas as pd
from pennon.artifacts.command import Engine
root = Path(sys.argv[1])
it = Engine(command=("python", "train.py"), root=root, source=".", params={}, seed=0)
assert it.run(pd.DataFrame({"a": [1, 2]}), root).tolist() == [0.25, 0.5]
"""


def test_predictions_may_be_parquet(tmp_path: Path, parquet: dict[str, str]) -> None:
    write(
        tmp_path,
        "train.py",
        "import os, pandas as pd\n"
        "file = os.environ['PENNON_PREDICTIONS'].replace('.csv', '.parquet')\n"
        "pd.DataFrame({'prediction': [0.25, 0.5]}).to_parquet(file)\n",
    )
    subprocess.run([sys.executable, "-c", PARQUET, str(tmp_path)], env=parquet, check=True)
