"""Chunks on a real Dask cluster: two worker processes on this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import Desk
from pennon.serving.batch import cluster
from pennon.serving.batch.files import pairs
from pennon.serving.batch.plan import BatchError
from pennon.serving.batch.prepare import Settings
from pennon.serving.batch.run import Run, Watch

CLUSTER = """\
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=sys.argv[1], scheduler_port=0,
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        print(*[nanny.pid for nanny in cluster.workers.values()], flush=True)
        sys.stdin.read()
"""
SCORE = """\
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from desk import Desk
from pennon.serving.batch.cluster import Cluster
from pennon.serving.batch.files import pairs
from pennon.serving.batch.prepare import Settings
from pennon.serving.batch.run import Run, Watch

victim = int(sys.argv[5])

def told(progress):
    global victim
    if victim and progress.rows >= 200:
        os.kill(victim, signal.SIGKILL)
        victim = 0

if __name__ == "__main__":
    desk = Desk(Path(sys.argv[2]), Path(sys.argv[3]))
    (pair,) = pairs(desk.rows(), desk.folder / "far.csv", None)
    watch = Watch(lambda: "2026-11-21T12:00:00Z", print, told)
    with Cluster(desk.bundle, sys.argv[4]) as cluster:
        run = Run(desk.model, Settings(chunk=20, pennon="0.1.0"), watch)
        print(run.score(cluster, pair))
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[str, list[int]]]:
    """The address of the scheduler, and the processes of the workers."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    command = [sys.executable, str(script), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout
        yield it.stdout.readline().strip(), [int(pid) for pid in it.stdout.readline().split()]
        it.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_a_cluster_makes_the_same_file_even_if_a_worker_dies(
    desk: Desk, running: tuple[str, list[int]], *, killed: bool
) -> None:
    address, workers = running
    victim = str(workers[0] if killed else 0)
    places = [str(Path(__file__).parents[2]), str(desk.bundle), str(desk.folder), address, victim]
    script = desk.folder / "score.py"
    script.write_text(SCORE)
    done = subprocess.run(
        [sys.executable, str(script), *places], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    desk.score(desk.rows(), chunk=20)
    assert (desk.folder / "far.csv").read_bytes() == desk.output.read_bytes()
    assert Path(f"/proc/{workers[0]}").exists() != killed


@pytest.mark.parametrize(
    ("address", "words"), [("tcp://127.0.0.1:9", "no Dask scheduler"), ("nowhere", "has no port")]
)
def test_where_no_scheduler_answers_its_address_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    monkeypatch.setattr(cluster, "_CALL", 1)
    (pair,) = pairs(desk.rows(), desk.output, None)
    watch = Watch(lambda: "", print, lambda _: None)
    run = Run(desk.model, Settings(chunk=20, pennon=""), watch)
    with (
        pytest.raises(BatchError, match=words),
        cluster.Cluster(desk.bundle, address) as engine,
    ):
        run.score(engine, pair)
