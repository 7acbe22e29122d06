"""An order and a place to render it for, and the published schemas that hold what comes out."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has none

from pennon.targets import Asked, Files, Order, Place, target

DIGEST = f"sha256:{'12' * 32}"
IMAGE = f"ghcr.io/acme/churn@{DIGEST}"
ORDER = Order(
    environment="production",
    model="churn",
    version="v1.1.0",
    port=8801,
    commit="c0ffee" * 6 + "abcd",
    artifact=f"sha256:{'ab' * 32}",
    image=IMAGE,
    before="v1.0.0",
    assignment=Asked(tag="churn#champion#3", id="d" * 40, actor="ada", reason="better"),
)
ARGO = {"repository": "https://github.com/acme/churn.git"}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "compose": ("compose", {}),
    "compose with bundles": ("compose", {"bundles": "/srv/pennon", "cpus": 0.5}),
    "kubernetes": ("kubernetes", {}),
    "kubernetes in full": (
        "kubernetes",
        {
            "namespace": "models",
            "replicas": {"least": 1, "most": 1},
            "resources": {"cpu_limit": "2"},
            "variables": {"OMP_NUM_THREADS": "1"},
            "argocd": ARGO,
        },
    ),
    "rollouts": (
        "kubernetes",
        {"variant": "rollouts", "rollout": {"prometheus": "http://prometheus:9090"}},
    ),
    "kserve": ("kubernetes", {"variant": "kserve", "canary": 10, "argocd": ARGO}),
    "azureml": ("azureml", {}),
    "azureml with a canary": ("azureml", {"canary": 10, "variables": {"A": "b"}}),
}


def place(settings: dict[str, Any], url: str = "") -> Place:
    def never(*_: object) -> Path:
        raise AssertionError("rendering is pure")

    return Place(settings=settings, url=url, folder=Path(), bundle=never, interpreter=never)


def rendered(name: str, settings: dict[str, Any], order: Order = ORDER) -> Files:
    found = target(name)
    assert found.check(settings) == []
    made = found.apply(order, place(settings))
    assert isinstance(made, dict)
    return made


def case(name: str, order: Order = ORDER) -> Files:
    return rendered(*CASES[name], order)


def document(made: Files, name: str) -> Any:  # noqa: ANN401  YAML
    return yaml.safe_load(made[name])


@cache
def published() -> dict[str, Any]:
    packed = Path(__file__).parent / "targets" / "schemas" / "schemas.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
    return found


@cache
def compose_schema() -> Any:  # noqa: ANN401  JSON
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(vendored.read_text())


def flaws(kind: str, made: object) -> list[str]:
    """What its published schema says against a document, each with its place."""
    if kind == "Compose":
        schema = compose_schema()
    else:
        known = published()
        schema = {"$ref": f"#/$defs/{known['kinds'][kind]}", "$defs": known["$defs"]}
    found = Draft202012Validator(schema).iter_errors(made)
    return [f"{it.json_path}: {it.message}" for it in found]
