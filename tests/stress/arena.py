"""Where the writers meet: one bare remote, a clone each, cheap versions, and gates that decide."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from noise import noise
from pennon.config import Against, Config, Task
from pennon.evaluation import Comparison, Evaluation, Scores
from pennon.flows.world import World
from pennon.forge.local import LocalForge
from pennon.git import Repo
from pennon.registry import Manifest, ModelState, Version, registration
from pennon.runner import Runner
from worlds import commit_all, new_clone, run_git

SEED = "seed"
SOUGHT = "somebody wrote to the registry first"
"""How a writer says that it met another one."""

_MODEL = """\
  {name}:
    task: classification
    dataset: customers
    target: left
    estimator: shop.model:build
    metric: roc_auc
"""
_FILES = {
    "gates.yaml": """\
gates:
  - {id: useful, metric: roc_auc, min: 0.5}
  - {id: better, metric: roc_auc, superior: {}}
""",
    "params.yaml": "{}\n",
    ".gitignore": ".pennon/\n",
    "data/customers.yaml": """\
source: data/customers.csv
key: [id]
holdout: {share: 0.3, salt: s}
contract:
  columns:
    id: {type: integer}
    left: {type: integer, min: 0, max: 1}
""",
}


def build(folder: Path, models: tuple[str, ...]) -> Path:
    """`origin.git`, and the clone `seed` that pushed the configuration."""
    work = new_clone(folder, SEED)
    (work / "data").mkdir()
    for name, text in _FILES.items():
        (work / name).write_text(text)
    project = "kit: 1\nmodels:\n" + "".join(_MODEL.format(name=name) for name in models)
    (work / "pennon.yaml").write_text(project)
    commit_all(work, "a model repository")
    run_git(work, "push", "--quiet")
    return work


def enter(folder: Path, name: str) -> World:
    """A writer with a clone of its own, beside the others'."""
    work = folder / name
    if not work.exists():
        run_git(folder, "clone", "--quiet", "origin.git", name)
    said = folder / f"{name}.log"
    said.touch()

    def say(text: str) -> None:
        with said.open("a") as file:
            file.write(f"{text}\n")

    forge = LocalForge(folder / "forge", clock=_now)
    return World(
        repo=Repo(work),
        runner=Runner(environment={"GITHUB_ACTOR": name}, stream=io.StringIO()),
        open_forge=lambda: forge,
        now=_now,
        say=say,
        targets=folder / "targets",
    )


def _now() -> datetime:
    return datetime.now(UTC)


def quality(manifest: Manifest) -> float:
    """What a version is worth, below 1: more with more rows, with luck; fixed by its tag."""
    luck = int(manifest.recipe[-8:], 16) / 0xFFFFFFFF
    worth = manifest.train_rows + 20 * luck
    return worth / (worth + 50)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def evidence(
    world: World,
    config: Config,
    state: ModelState,
    *,
    version: Version,
    champion: Version | None,
) -> Evaluation:
    """Both versions compared as if they had been scored again: a pure function of the two."""
    del world, config
    theirs = quality(registration(state, champion).manifest) if champion else 0.0
    against = Against.CHAMPION if champion else Against.BASELINE
    return evaluation(
        state.model,
        quality(registration(state, version).manifest),
        (against, str(champion or "constant"), theirs),
    )


def evaluation(model: str, ours: float, other: tuple[Against, str, float]) -> Evaluation:
    against, name, theirs = other
    change = ours - theirs
    scores = Scores(
        metric="roc_auc",
        greater_is_better=True,
        candidate=0.5 + ours / 2,
        candidate_low=0.5 + ours / 2,
        candidate_high=0.5 + ours / 2,
        reference=0.5 + theirs / 2,
        difference=change / 2,
        low=change / 2,
        high=change / 2,
        own=noise(0.5 + ours / 2, 0.5 + ours / 2),
        noise=noise(change / 2, change / 2),
    )
    comparison = Comparison(
        against=against,
        name=name,
        rows=1000,
        method="made up",
        confidence=0.95,
        resamples=200,
        seed=0,
        scores=(scores,),
    )
    return Evaluation(
        model=model,
        task=Task.CLASSIFICATION,
        metric="roc_auc",
        rows=1000,
        positive_rate=0.5,
        holdout=digest(b"holdout"),
        threshold=0.5,
        comparisons=(comparison,),
    )


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation reported. `id` stands in its event; nothing is written unless `wrote`."""

    id: str
    model: str
    kind: str
    wrote: bool
    tag: str = ""
    previous: str = ""  # who held the stage, as the command said
    why: str = ""  # it was refused
    idle: bool = False  # it did nothing, and nobody else had done it
    seconds: float = 0.0
