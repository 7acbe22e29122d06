"""Footprints of bundles that real trainings made."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pennon.artifacts.footprint import METHOD, Cost, added, footprint
from pennon.errors import ArtifactError
from pennon.evaluation import aspects
from pennon.flows.train import train
from pennon.registry import RunKind
from shop import MODEL, customers, shop, world

pytestmark = pytest.mark.slow

ROWS = customers(60)
MB = 1_000_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = shop(tmp_path_factory.mktemp("measured"))
    return train(world(here.root), MODEL, data="full", kind=RunKind.EXPERIMENT).candidate.folder


@pytest.fixture(scope="module")
def cost(bundle: Path) -> Cost:
    return footprint(bundle, ROWS, calls=50)


HEAVY = """\
import os, pathlib, time, numpy
HELD = numpy.ones(25_000_000)
THREADS = pathlib.Path(__file__).with_name("threads").write_text(os.environ["OMP_NUM_THREADS"])
def build(customers):
    time.sleep(0.1)
    return customers[["age", "spend"]]
"""


def planted(bundle: Path, folder: Path, features: str) -> Path:
    """The same bundle with these features."""
    copy = Path(shutil.copytree(bundle, folder / "planted"))
    (copy / "src" / "shop" / "features.py").write_text(features)
    return copy


@pytest.fixture(scope="module")
def heavy(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cost]:
    """A bundle that sleeps and holds 200 MB, and its cost."""
    folder = planted(bundle, tmp_path_factory.mktemp("heavy"), HEAVY)
    return folder, footprint(folder, ROWS, seconds=1)


def test_a_small_model_is_measured(bundle: Path, cost: Cost) -> None:
    assert cost.size == (bundle / "model.skops").stat().st_size
    assert 0 < cost.latency_median <= cost.latency_p95 < 1
    assert 0 < cost.load < 10
    assert cost.processor
    assert cost.calls == 50


def test_the_memory_is_that_of_the_process_and_of_the_model_in_it(cost: Cost) -> None:
    assert cost.memory is not None
    assert cost.memory_model is not None
    assert 0 <= cost.memory_model < 100 * MB < cost.memory


def test_a_slow_model_is_visibly_slower(heavy: tuple[Path, Cost], cost: Cost) -> None:
    assert heavy[1].latency_median > 0.1
    assert heavy[1].latency_median > 2 * cost.latency_median


def test_a_large_model_is_visibly_larger(heavy: tuple[Path, Cost], cost: Cost) -> None:
    assert cost.memory_model is not None
    assert heavy[1].memory_model is not None
    assert heavy[1].memory_model - cost.memory_model > 150 * MB


def test_a_slow_model_ends_when_the_time_is_over(heavy: tuple[Path, Cost]) -> None:
    assert 0 < heavy[1].calls <= 10


def test_the_process_has_one_thread(heavy: tuple[Path, Cost]) -> None:
    assert (heavy[0] / "src" / "shop" / "threads").read_text() == "1"


def test_the_memory_of_the_process_that_asks_is_not_counted(bundle: Path, cost: Cost) -> None:
    held = np.ones(100 * MB)
    found = footprint(bundle, ROWS, calls=5)
    assert held.nbytes == 800 * MB
    assert found.memory is not None
    assert cost.memory is not None
    assert abs(found.memory - cost.memory) < 100 * MB


def test_a_model_that_cannot_predict_says_why(bundle: Path, tmp_path: Path) -> None:
    folder = planted(bundle, tmp_path, "raise RuntimeError('no such table')\n")
    with pytest.raises(ArtifactError, match="no such table"):
        footprint(folder, ROWS)


def test_a_model_that_kills_its_process_says_so(bundle: Path, tmp_path: Path) -> None:
    folder = planted(bundle, tmp_path, "import os\nos._exit(3)\n")
    with pytest.raises(ArtifactError, match="was killed"):
        footprint(folder, ROWS)


def test_nothing_is_measured_without_a_row(bundle: Path) -> None:
    with pytest.raises(ArtifactError, match="no row"):
        footprint(bundle, ROWS.head(0))


def test_a_command_has_no_memory_of_its_own_here(tmp_path: Path, bundle: Path) -> None:
    folder = Path(shutil.copytree(bundle, tmp_path / "command"))
    project = folder / "pennon.yaml"
    command = "command: [python, answer.py]"
    lines = [
        f"    {command}" if "estimator:" in line else line
        for line in project.read_text().splitlines()
        if "features:" not in line
    ]
    project.write_text("\n".join(lines))
    (folder / "answer.py").write_text(
        "import os\n"
        "rows = len(open(os.environ['PENNON_ROWS']).readlines()) - 1\n"
        "open(os.environ['PENNON_PREDICTIONS'], 'w').write('prediction\\n' + '0.5\\n' * rows)\n"
    )
    found = footprint(folder, ROWS, seconds=0.1)
    assert (found.memory, found.memory_model, found.processor) == (None, None, None)
    assert found.latency_median > 0


LOCK = "numpy==2.4.6 \\\n    --hash=sha256:00\nScikit_Learn==1.9.1 ; python_version > '3'\n"


@pytest.mark.parametrize(
    ("lock", "other", "found"),
    [
        (LOCK, LOCK, ()),
        (LOCK, "numpy==1.0\nscikit-learn==1.0\n", ()),
        (LOCK + "xgboost[dask]==3.1\n", LOCK, ("xgboost==3.1",)),
        (LOCK, "", ("numpy==2.4.6", "scikit-learn==1.9.1")),
        ("# numpy==2\n", "", ()),
    ],
)
def test_the_libraries_that_came_are_named(lock: str, other: str, found: tuple[str, ...]) -> None:
    assert added(lock, other) == found


def test_two_costs_stand_side_by_side_in_the_evaluation(cost: Cost) -> None:
    measured = msgspec.structs.asdict(cost)
    found = aspects.Footprint(figures=aspects.figures(measured, measured), method=METHOD)
    assert [it.quantity for it in found.figures] == list(aspects.QUANTITIES)
    assert all(it.candidate == it.champion for it in found.figures)
    assert msgspec.json.decode(msgspec.json.encode(found), type=aspects.Footprint) == found
