"""The ingredients of a model at a commit, one digest each: did anything relevant change?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from pennon.config import Config
from pennon.git import Repo
from pennon.report.view import Change, Changes, DataChange

LOCKFILE = "requirements.lock"


class Recipe(msgspec.Struct, frozen=True):
    """Digests of what a training reads. Equal recipes make equal models."""

    code: str
    params: str
    data: str
    environment: str
    model: str

    @property
    def digest(self) -> str:
        return digest(msgspec.to_builtins(self))


def recipe(repo: Repo, commit: str, config: Config, model: str) -> Recipe:
    """The recipe of `model` as `commit` has it; `config` is that commit's configuration."""
    dataset = config.dataset_of(model)
    return Recipe(
        code=repo.tree_id(commit, config.project.source),
        params=digest(config.params.get(model, {})),
        data=digest(msgspec.to_builtins((dataset.lock, dataset.holdout, dataset.sample))),
        environment=text_digest(repo.show(commit, LOCKFILE) or ""),
        model=digest(msgspec.to_builtins(config.model(model))),
    )


def digest(value: Any) -> str:  # noqa: ANN401  any plain value
    """`sha256:<hex>` of a plain value, whatever the order of its keys."""
    return f"sha256:{sha256(msgspec.json.encode(value, order='deterministic')).hexdigest()}"


def text_digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


Point = tuple[str, Config]
"""A commit and its configuration."""


def changes(repo: Repo, old: Point, new: Point, model: str) -> Changes:
    """What a training of `model` reads that differs between two commits."""
    (before, was), (after, now) = old, new
    known = model in was.project.models
    files = [f for f in repo.diff_names(before, after) if f.startswith(f"{now.project.source}/")]
    return Changes(
        params=_differences(was.params.get(model, {}), now.params.get(model, {})),
        files=len(files),
        data=_data(was, now, model) if known else (),
        environment=_differences(_libraries(repo, before), _libraries(repo, after)),
        settings=_differences(_facts(was.project.models[model]), _facts(now.project.models[model]))
        if known
        else (),
    )


def gate_changes(old: Config, new: Config, model: str) -> tuple[Change, ...]:
    """Each threshold that moved, as one line: gate and key, old, new."""
    return _differences(_gates(old, model), _gates(new, model))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted(set(old) | set(new))
    pairs = [(name, *_texts(old.get(name), new.get(name))) for name in names]
    return tuple(Change(name=name, old=a, new=b) for name, a, b in pairs if a != b)


def _texts(old: Any, new: Any) -> tuple[str, str]:  # noqa: ANN401  any plain values
    """Both values; of two lists only what came and went: nobody compares long lists by eye."""
    if not (isinstance(old, list) and isinstance(new, list)) or old == new:
        return _text(old), _text(new)
    came = [f"+{_text(value)}" for value in new if value not in old]
    went = [f"−{_text(value)}" for value in old if value not in new]
    return f"{len(old)} values", f"{len(new)} ({' '.join(came + went) or 'in another order'})"


def _text(value: Any) -> str:  # noqa: ANN401  any plain value
    """As YAML says it on one line; empty for nothing."""
    return "" if value is None else value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:  # noqa: ANN401  any plain value
    return msgspec.json.encode(value).decode()


def _facts(record: msgspec.Struct) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(record)
    return facts


def _data(was: Config, now: Config, model: str) -> tuple[DataChange, ...]:
    old, new = was.dataset_of(model).lock, now.dataset_of(model).lock
    if new is None or old == new:
        return ()
    return (
        DataChange(
            name=now.model(model).dataset,
            old=old.content if old else "",
            new=new.content,
            old_rows=old.rows if old else 0,
            new_rows=new.rows,
        ),
    )


def _gates(config: Config, model: str) -> dict[str, Any]:
    """Gate id and key -> value, so that a threshold that moved is one line."""
    return {
        f"{gate.id}.{key}": value
        for gate in config.gates.of(model)
        for key, value in _facts(gate).items()
        if key != "why"
    }


def _libraries(repo: Repo, commit: str) -> dict[str, Any]:
    text = repo.show(commit, LOCKFILE) or ""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))
