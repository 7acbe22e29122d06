"""One row over HTTP: pennon beside MLflow, BentoML, FastAPI and a server of constants.

    apt-get install wrk; pip install uv
    PYTHONPATH=tests python tests/benchmarks/bench_serving.py FOLDER [--seconds 5] [--rounds 3]

FOLDER gets an environment for each peer, made once. All serve the same two pipelines, trained
alike: a scaler with scikit-learn's gradient boosting, and with its histogram gradient boosting.
Each is asked by wrk with 1 and with 16 connections, in turn (A B A B …); medians of the rounds.
All have OMP_NUM_THREADS=1: with more, those that run scikit-learn are many times slower.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pennon.flows.demo.play import free_ports
from pennon.flows.register import Ask, register
from pennon.flows.versions.bundle import bundle
from pennon.registry import Version, read_model
from pennon.targets import process
from shop import push, shop, world, write

KINDS = {"gradient": "GradientBoostingClassifier", "histogram": "HistGradientBoostingClassifier"}
COLUMNS = [f"x{i}" for i in range(8)]
ROW = {name: 0.25 * i for i, name in enumerate(COLUMNS)}
ROWS = 6000
MODEL = """\
from sklearn.ensemble import {kind}
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def build(params):
    return make_pipeline(StandardScaler(), {kind}(random_state=0))
"""
DATA = f"""\
import numpy as np
import pandas as pd


def rows():
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=({ROWS}, 8)), columns={COLUMNS})
    logit = frame["x0"] - frame["x1"] * frame["x2"] + np.sin(3 * frame["x3"])
    frame["y"] = (generator.random({ROWS}) < 1 / (1 + np.exp(-logit))).astype(int)
    return frame
"""
TRAIN = """\
import sys
import joblib
from data import rows
from model import build

frame = rows()
model = build({}).fit(frame.drop(columns="y"), frame["y"])
joblib.dump(model, "model.joblib")
if sys.argv[1:] == ["mlflow"]:
    import mlflow.sklearn

    mlflow.sklearn.save_model(model, "mlflow", pyfunc_predict_fn="predict_proba",
                              serialization_format="cloudpickle")
"""
FASTAPI = """\
import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import create_model

model = joblib.load("model.joblib")
Row = create_model("Row", **{f"x{i}": (float, ...) for i in range(8)})
app = FastAPI()


@app.post("/predict")
async def predict(row: Row):
    return {"prediction": float(model.predict_proba(pd.DataFrame([row.model_dump()]))[0, 1])}
"""
BENTOML = """\
import bentoml
import joblib
import pandas as pd


@bentoml.service
class Service:
    def __init__(self):
        self.model = joblib.load("model.joblib")

    @bentoml.api
    def predict(self, row: dict[str, float]) -> float:
        return float(self.model.predict_proba(pd.DataFrame([row]))[0, 1])
"""
CONSTANT = """\
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route


async def predict(request):
    await request.body()
    return Response(b'{"prediction": 0.5}', media_type="application/json")


app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
"""
ENVIRONMENTS = {
    "mlflow": ["mlflow", "scikit-learn", "pandas"],
    "bentoml": ["bentoml", "scikit-learn", "pandas"],
    "fastapi": ["fastapi", "uvicorn[standard]", "scikit-learn", "pandas"],
    "servers": ["starlette", "uvicorn[standard]", "granian", "litestar", "msgspec"],
}
PEERS = ("mlflow", "bentoml", "fastapi")
PENNON = """\
kit: 1
models:
  bench:
    task: classification
    dataset: rows
    target: y
    estimator: bench.model:build
    metric: roc_auc
    trusted:
      - sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor
      - sklearn.tree._tree.Tree
"""
ROWS_YAML = """\
source: data/rows.csv
key: [id]
contract:
  columns: {id: {type: integer}, y: {type: integer}, COLUMNS}
"""


class Contender(NamedTuple):
    """A command that serves at a port, in a folder, and what it is asked."""

    name: str
    command: list[str]
    folder: Path
    path: str = "/predict"
    body: str = json.dumps(ROW)


class Served(NamedTuple):
    """Where a server answers, and its process."""

    port: int
    process: int


class Load(NamedTuple):
    """What wrk says."""

    rate: float
    p50: float
    p99: float
    failed: int


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--only", nargs="*")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for kind in asked.kinds:
        print(f"\nscaler and {KINDS[kind]}")
        contenders = [
            it
            for it in prepared(asked.folder.resolve(), kind)
            if not asked.only or it.name in asked.only
        ]
        compare(contenders, asked.seconds, asked.rounds)


def compare(contenders: list[Contender], seconds: int, rounds: int) -> None:
    found: dict[tuple[str, int], list[Load]] = {}
    for _ in range(rounds):
        for it in contenders:
            with serving(it) as served:
                for connections in (1, 16):
                    load = wrk(it, served.port, connections, seconds)
                    found.setdefault((it.name, connections), []).append(load)
    print(f"{'':28}{'1 connection':>34}{'16 connections':>36}")
    print(f"{'':28}" + f"{'a second':>12}{'p50 ms':>10}{'p99 ms':>10}{'failed':>8}" * 2)
    for it in contenders:
        loads = [middle(found[it.name, connections]) for connections in (1, 16)]
        cells = (f"{x.rate:12.0f}{x.p50:10.2f}{x.p99:10.2f}{x.failed:8}" for x in loads)
        print(f"{it.name:28}" + "".join(cells), flush=True)


def middle(loads: list[Load]) -> Load:
    return Load(
        statistics.median(it.rate for it in loads),
        statistics.median(it.p50 for it in loads),
        statistics.median(it.p99 for it in loads),
        sum(it.failed for it in loads),
    )


@contextmanager
def serving(it: Contender) -> Iterator[Served]:
    """Once it answers."""
    port = free_ports(1)[0]
    command = [part.replace("PORT", str(port)) for part in it.command]
    log = it.folder / f"{it.name.replace(' ', '-')}.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=it.folder,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        answered = process.until(lambda: ask(it, port) or server.poll() is not None, 120)
        assert answered, log.read_text()[-3000:]
        assert server.poll() is None, log.read_text()[-3000:]
        yield Served(port, server.pid)
    finally:
        subprocess.run(["pkill", "-TERM", "-s", str(server.pid)], check=False)
        server.wait(30)


def ask(it: Contender, port: int) -> bool:
    headers = {"Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}{it.path}"
    request = urllib.request.Request(url, it.body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{it.name}: {error.code} {error.read().decode()}") from None
    except OSError:
        return False


def wrk(it: Contender, port: int, connections: int, seconds: int) -> Load:
    script = it.folder / f"{it.name.replace(' ', '-')}.lua"
    script.write_text(
        f"wrk.method = 'POST'\nwrk.body = {json.dumps(it.body)}\n"
        "wrk.headers['Content-Type'] = 'application/json'\n"
        "done = function(summary, latency)\n"
        "  local e = summary.errors\n"
        "  local failed = e.connect + e.read + e.write + e.status + e.timeout\n"
        "  local rate = summary.requests / summary.duration * 1e6\n"
        "  io.write(string.format('RESULT %f %f %f %d\\n', rate,\n"
        "    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))\nend\n"
    )
    url = f"http://127.0.0.1:{port}{it.path}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+)", said)
    assert match, said
    return Load(float(match[1]), float(match[2]), float(match[3]), int(match[4]))


def prepared(folder: Path, kind: str) -> list[Contender]:
    here = folder / kind
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir()
    texts = {"data.py": DATA, "model.py": MODEL.format(kind=KINDS[kind]), "train.py": TRAIN}
    texts |= {"api.py": FASTAPI, "service.py": BENTOML, "constant.py": CONSTANT}
    for name, text in texts.items():
        (here / name).write_text(text)
    peers = {name: environment(folder, name) for name in PEERS}
    for name, peer in peers.items():
        subprocess.run(
            [peer / "python", "train.py", name], cwd=here, check=True, capture_output=True
        )
    uvicorn = ["--port", "PORT", "--log-level", "warning", "--no-access-log"]
    mlflow_row = {"dataframe_split": {"columns": COLUMNS, "data": [list(ROW.values())]}}
    served = str(registered(here))
    ours = [sys.executable, "-m", "pennon.serving", served, "--port", "PORT"]
    return [
        Contender(
            "a constant (Starlette)",
            [str(peers["fastapi"] / "uvicorn"), "constant:app", *uvicorn],
            here,
        ),
        Contender("pennon", ours, here),
        Contender("pennon, with its log", [*ours, "--log", str(here / "log")], here),
        Contender("FastAPI", [str(peers["fastapi"] / "uvicorn"), "api:app", *uvicorn], here),
        Contender(
            "FastAPI, 2 workers",
            [str(peers["fastapi"] / "uvicorn"), "api:app", "--workers", "2", *uvicorn],
            here,
        ),
        Contender(
            "BentoML",
            [str(peers["bentoml"] / "bentoml"), "serve", "service:Service", "--port", "PORT"],
            here,
            body=json.dumps({"row": ROW}),
        ),
        Contender(
            "MLflow",
            [
                *("env", f"PATH={peers['mlflow']}:/usr/bin:/bin", str(peers["mlflow"] / "mlflow")),
                *("models", "serve", "-m", "mlflow", "--env-manager", "local", "-p", "PORT"),
            ],
            here,
            path="/invocations",
            body=json.dumps(mlflow_row),
        ),
    ]


def environment(folder: Path, name: str) -> Path:
    """The programs of a peer's environment, with the machine's Python 3.11."""
    place = folder / name
    if not (place / "done").exists():
        subprocess.run(
            ["uv", "venv", "--quiet", "--allow-existing", "--python", "3.11", place], check=True
        )
        python = str(place / "bin" / "python")
        subprocess.run(
            ["uv", "pip", "install", "--quiet", "--python", python, *ENVIRONMENTS[name]], check=True
        )
        (place / "done").touch()
    said = subprocess.run(
        ["uv", "pip", "list", "--python", str(place / "bin" / "python")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    print(
        "  "
        + ", ".join(
            re.sub(r"\s+", " ", x)
            for x in said.splitlines()
            if re.match(rf"({name}|scikit-learn|uvicorn) ", x)
        )
    )
    return place / "bin"


def registered(here: Path) -> Path:
    """The bundle of a version that pennon registered, by its ordinary way."""
    work = shop(here / "pennon").root
    shutil.rmtree(work / "src" / "shop")
    types = ", ".join(f"{name}: {{type: number}}" for name in COLUMNS)
    write(work, "pennon.yaml", PENNON)
    write(work, "params.yaml", "bench: {}\n")
    write(work, "gates.yaml", "gates:\n  - {id: useful, metric: roc_auc, min: 0.5}\n")
    write(work, "data/rows.yaml", ROWS_YAML.replace("COLUMNS", types))
    write(work, "src/bench/__init__.py", "")
    write(work, "src/bench/model.py", (here / "model.py").read_text())
    (work / "data" / "customers.yaml").unlink()
    scope: dict[str, object] = {}
    exec(DATA, scope)  # noqa: S102  our own, above
    frame = scope["rows"]()  # type: ignore[operator]  # the function in it
    frame.reset_index(names="id").to_csv(work / "data" / "rows.csv", index=False)
    it = world(work)
    from pennon.flows.data import lock  # noqa: PLC0415  flows import each other

    lock(it, None)
    push(it, "a model to serve")
    (done,) = register(it, Ask(dispatch=False))
    found = bundle(it, read_model(it.repo, "bench"), Version(done.version))
    print(f"  pennon: engine {json.loads((found / 'manifest.json').read_bytes()).get('engine')}")
    return found


if __name__ == "__main__":
    main()
