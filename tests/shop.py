"""A small model repository for tests: customers who leave, a logistic regression, two gates."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from pennon.flows.world import World
from pennon.forge.local import LocalForge
from pennon.git import Repo
from pennon.runner import Runner
from worlds import commit_all, new_clone, run_git

MODEL = "churn"
FILES = {
    "pennon.yaml": """\
kit: 1
models:
  churn:
    task: classification
    dataset: customers
    target: left
    estimator: shop.model:build
    features: shop.features:build
    metric: roc_auc
    metrics: [log_loss]
    slices: [country]
    promotion: automatic
environments:
  staging: {port: 1}
  production: {after: staging, port: 2}
""",
    "gates.yaml": """\
resamples: 200
owner: "@vera"
page: https://example.org/gates
gates:
  - {id: useful, metric: roc_auc, superior: {than: baseline}}
  - {id: better, metric: roc_auc, superior: {}}
""",
    "params.yaml": "churn: {columns: [age]}\n",
    "use-case.yaml": """\
name: Customers who leave
business_owner: "@shop/sales"
consumption: batch
sensitivity: internal
use: To call those who will probably leave.
out_of_scope: Prices for one customer.
risks: What was not asked is not known.
""",
    "requirements.lock": "scikit-learn==1.9.1\n",
    ".gitignore": ".pennon/\n__pycache__/\n",
    "data/customers.yaml": """\
source: data/customers.csv
key: [id]
holdout: {share: 0.3, salt: s}
sample: {rows: 300}
contract:
  columns:
    id: {type: integer}
    age: {type: number, min: 0, max: 120}
    spend: {type: number}
    country: {type: string, among: [DE, FR]}
    left: {type: integer, min: 0, max: 1}
""",
    "src/shop/__init__.py": "",
    "src/shop/features.py": """\
def build(customers):
    return customers[["age", "spend"]]
""",
    "src/shop/model.py": """\
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def build(params):
    columns = make_column_transformer((StandardScaler(), params["columns"]))
    return make_pipeline(columns, LogisticRegression())
""",
}


def customers(rows: int = 1000) -> pd.DataFrame:
    """Age says a little of who leaves, spend says much."""
    generator = np.random.default_rng(7)
    age, spend = generator.uniform(18, 90, rows), generator.normal(100, 30, rows)
    logit = 0.02 * (age - 50) - 0.06 * (spend - 100)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "age": age.round(1),
            "spend": spend.round(1),
            "country": generator.choice(["DE", "FR"], rows),
            "left": (generator.random(rows) < 1 / (1 + np.exp(-logit))).astype(int),
        }
    )


def shop(folder: Path) -> World:
    """The repository, committed, locked and pushed; its forge and targets lie beside it."""
    folder.mkdir(exist_ok=True)
    work = new_clone(folder)
    for name, text in FILES.items():
        write(work, name, text)
    customers().to_csv(work / "data" / "customers.csv", index=False)
    here = world(work)
    from pennon.flows.data import lock  # noqa: PLC0415  flows import each other

    lock(here, None)
    push(here, "a model repository")
    return here


def world(work: Path, **environment: str) -> World:
    """A world with a clock that moves by a second whenever it is asked."""
    ticks = iter(range(10**6))
    start = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now() -> datetime:
        return start + timedelta(seconds=next(ticks))

    forge = LocalForge(work.parent / "forge", clock=now)
    return World(
        repo=Repo(work),
        runner=Runner.from_environment(environment, io.StringIO()),
        open_forge=lambda: forge,
        now=now,
        say=lambda _: None,
        targets=work.parent / "targets",
    )


def write(work: Path, name: str, text: str) -> None:
    (work / name).parent.mkdir(parents=True, exist_ok=True)
    (work / name).write_text(text, encoding="utf-8")


def push(here: World, message: str) -> str:
    """Commit everything and push it; the commit's id."""
    commit = commit_all(here.root, message)
    run_git(here.root, "push", "--quiet", "origin", "HEAD")
    return commit


def improve(here: World) -> str:
    """The change that makes the model clearly better."""
    write(here.root, "params.yaml", "churn: {columns: [age, spend]}\n")
    return push(here, "look at what they spend")
