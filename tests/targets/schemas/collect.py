"""Makes schemas.json.gz anew, of the packages that README.md names.

uv run --no-project --with azure-ai-ml==1.35.2 python tests/targets/schemas/collect.py
"""

# ruff: noqa: ANN401, PLR0911, PLC0415, S105, T201  foreign shapes, read once by hand

from __future__ import annotations

import ast
import gzip
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

KUBERNETES, KSERVE = "kubernetes-validate==1.37.0", "kserve==0.21.0"
ARGO = ("@kubernetes-models/argo-rollouts@2.0.0", "@kubernetes-models/argo-cd@4.0.0")
OUT = Path(__file__).with_name("schemas.json.gz")

Schema = dict[str, Any]
KINDS = {
    "Deployment": "io.k8s.api.apps.v1.Deployment",
    "Service": "io.k8s.api.core.v1.Service",
    "HorizontalPodAutoscaler": "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    "PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
    "Rollout": "argo-rollouts.Rollout",
    "AnalysisTemplate": "argo-rollouts.AnalysisTemplate",
    "Application": "argo-cd.Application",
    "InferenceService": "kserve.V1beta1InferenceService",
    "ManagedOnlineEndpoint": "azureml.ManagedOnlineEndpoint",
    "ManagedOnlineDeployment": "azureml.ManagedOnlineDeployment",
}
APIS = {
    "InferenceService": "serving.kserve.io/v1beta1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
    "Deployment": "apps/v1",
    "Service": "v1",
}
PLAIN: dict[str, Schema] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "object": {},
    "datetime": {"type": "string"},
    "ResourceQuantity": {"type": ["string", "number"]},
}


def main() -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        wheels = ["uv", "pip", "install", "--quiet", "--no-deps", "--target", place]
        subprocess.run([*wheels, KUBERNETES, KSERVE], check=True)
        subprocess.run(["npm", "pack", "--silent", *ARGO], cwd=folder, check=True)
        known = {name: closed(it) for name, it in kubernetes(folder).items()}
        known |= {name: it for package in ARGO for name, it in argo(folder, package, known)}
        known |= dict(kserve(folder, known))
    known |= dict(azureml())
    for it in known.values():
        if heir := it.pop("extends", ""):
            it["properties"] = known[heir]["properties"] | it.get("properties", {})
            it["additionalProperties"] = False
    for kind, api in APIS.items():
        known[KINDS[kind]]["properties"] |= {"apiVersion": {"const": api}, "kind": {"const": kind}}
    kept = {name: known[name] for name in sorted(reached(known, KINDS.values()))}
    text = json.dumps({"kinds": KINDS, "$defs": kept}, separators=(",", ":"), sort_keys=True)
    OUT.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(kept)} definitions, {len(text):,} bytes, {OUT.stat().st_size:,} packed")


def reached(known: dict[str, Schema], names: Any) -> set[str]:
    found, open_ = set(), list(names)
    while open_:
        if (name := open_.pop()) not in found:
            found.add(name)
            if name.startswith("kserve."):  # its client names some types and describes them nowhere
                known.setdefault(name, {})
            open_ += re.findall(r'"#/\$defs/([^"]+)"', json.dumps(known[name]))
    return found


def closed(it: Any) -> Any:
    """Without descriptions; an object whose fields are known has no others."""
    if isinstance(it, list):
        return [closed(item) for item in it]
    if not isinstance(it, dict):
        return it
    made: Schema = {}
    for key, value in it.items():
        if key == "properties":
            made[key] = {name: closed(schema) for name, schema in value.items()}
        elif key != "description" and not key.startswith("x-kubernetes"):
            made[key] = closed(value)
    if made.get("properties"):
        made.setdefault("additionalProperties", False)
    return made


def kubernetes(folder: Path) -> dict[str, Schema]:
    versions = folder / "kubernetes_validate" / "kubernetes-json-schema"
    newest = max(versions.glob("v*-local-strict"), key=lambda it: int(it.name.split(".")[1]))
    found: dict[str, Schema] = json.loads((newest / "_definitions.json").read_text())["$defs"]
    return found


def argo(folder: Path, package: str, known: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """The interfaces of the package's declarations, as schemas."""
    owner, project = package.split("@")[1].split("/")
    names = {
        "".join(part[:1].upper() + part[1:] for part in re.split(r"[.-]", name)): name
        for name in known
    }
    with tarfile.open(next(folder.glob(f"{owner}-{project}-*.tgz"))) as archive:
        archive.extractall(folder / project, filter="data")
    for file in sorted((folder / project).rglob("v1alpha1/*.d.ts")):
        text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        for name, of, body in re.findall(
            r"export interface I(\w+)([^{]*)(\{.*?\n\})", text, re.DOTALL
        ):
            made = Declaration(body, project, names).type()
            if heir := re.search(r"extends IComGithub\w+V1alpha1(\w+)", of):
                made |= {"extends": f"{project}.{heir[1]}"}
            yield f"{project}.{name}", made
        for name, body in re.findall(r"export type I(\w+) = (.*?);\nexport", text, re.DOTALL):
            yield f"{project}.{name}", Declaration(body, project, names).type()


class Declaration:
    """Reads the TypeScript that the generator of these packages writes."""

    def __init__(self, text: str, project: str, names: dict[str, str]) -> None:
        self.tokens: list[str] = re.findall(r'"[^"]*"|\w+|[{}\[\]<>|:;?,]', text)
        self.project, self.names = project, names

    def take(self, wanted: str = "") -> str:
        token = self.tokens.pop(0)
        assert not wanted or token == wanted, f"{token} where {wanted} was expected"
        return token

    def type(self) -> Schema:
        choices = [self.one()]
        while self.tokens[:1] == ["|"]:
            self.take()
            choices.append(self.one())
        return choices[0] if len(choices) == 1 else {"anyOf": choices}

    def one(self) -> Schema:
        token = self.take()
        if token == "{":
            return self.members()
        if token.startswith('"'):
            return {"const": token.strip('"')}
        if token == "Array":
            self.take("<")
            inner = self.type()
            self.take(">")
            return {"type": "array", "items": inner}
        if token in PLAIN:
            return PLAIN[token]
        ours = re.search(r"V1alpha1(\w+)$", token)
        if token.startswith("IComGithub") and ours:
            return {"$ref": f"#/$defs/{self.project}.{ours[1]}"}
        if theirs := self.names.get(token.removeprefix("I")):
            return {"$ref": f"#/$defs/{theirs}"}
        if token.startswith("IComGithubArgoprojGitopsEngine"):  # of a status: nobody writes it
            return {}
        return {"$ref": f"#/$defs/{self.project}.{token.removeprefix('I')}"}

    def members(self) -> Schema:
        fields, needed, rest = {}, [], None
        while self.tokens[0] != "}":
            token = self.take()
            if token == "[":
                self.tokens = self.tokens[self.tokens.index("]") + 1 :]
                self.take(":")
                rest = self.type()
            else:
                name = token.strip('"')
                if self.tokens[0] == "?":
                    self.take()
                else:
                    needed.append(name)
                self.take(":")
                fields[name] = self.type()
            self.take(";")
        self.take("}")
        made: Schema = {"type": "object"}
        if fields:
            made |= {"properties": fields, "required": needed, "additionalProperties": False}
        return made | ({"additionalProperties": rest} if rest else {})


def kserve(folder: Path, known: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """The records of KServe's Python client, which are generated of its API."""
    short = {
        name.rsplit(".", 1)[1]: name for name in known if re.match(r"io\.k8s\.\S+\.v1\.\w+$", name)
    }
    for file in sorted((folder / "kserve" / "models").glob("*.py")):
        text = file.read_text()
        for record in (it for it in ast.parse(text).body if isinstance(it, ast.ClassDef)):
            said = {
                target.id: ast.literal_eval(it.value)
                for it in record.body
                if isinstance(it, ast.Assign) and isinstance(it.value, ast.Dict)
                for target in it.targets
                if isinstance(target, ast.Name)
            }
            if "openapi_types" in said:
                yield f"kserve.{record.name}", _record(said, text, short)


def _record(said: dict[str, dict[str, str]], text: str, short: dict[str, str]) -> Schema:
    names = said["attribute_map"]
    needed = re.findall(r"Invalid value for `(\w+)`, must not be `None`", text)
    fields = {names[key]: _type(kind, short) for key, kind in said["openapi_types"].items()}
    return {
        "type": "object",
        "properties": fields,
        "required": sorted({names[key] for key in needed}),
        "additionalProperties": False,
    }


def _type(kind: str, short: dict[str, str]) -> Schema:
    if listed := re.fullmatch(r"list\[(.+)\]", kind):
        return {"type": "array", "items": _type(listed[1], short)}
    if mapped := re.fullmatch(r"dict\(str, (.+)\)", kind):
        return {"type": "object", "additionalProperties": _type(mapped[1], short)}
    if kind in PLAIN:
        return PLAIN[kind]
    name = kind.removeprefix("V1").removeprefix("K8sIoApiAppsV1")
    if name in short:
        return {"$ref": f"#/$defs/{short[name]}"}
    return {"$ref": f"#/$defs/kserve.{kind}"} if kind.startswith(("V1alpha", "V1beta")) else {}


def azureml() -> Iterator[tuple[str, Schema]]:
    """The schemas that `az ml` reads its YAML with."""
    from azure.ai.ml._schema._deployment.online.online_deployment import (  # type: ignore[import-not-found]
        ManagedOnlineDeploymentSchema,
    )
    from azure.ai.ml._schema._endpoint.online.online_endpoint import (  # type: ignore[import-not-found]
        ManagedOnlineEndpointSchema,
    )

    yield "azureml.ManagedOnlineEndpoint", _marshmallow(ManagedOnlineEndpointSchema)
    yield "azureml.ManagedOnlineDeployment", _marshmallow(ManagedOnlineDeploymentSchema)


def _marshmallow(schema: Any) -> Schema:
    fields = {name: it for name, it in schema._declared_fields.items() if not it.dump_only}
    needed = [name for name, it in fields.items() if it.required]
    made = {it.data_key or name: _field(it) for name, it in fields.items()}
    return {
        "type": "object",
        "properties": made | {"$schema": {"type": "string"}},
        "required": sorted(needed),
        "additionalProperties": False,
    }


def _field(it: Any) -> Schema:
    kinds = {base.__name__ for base in type(it).__mro__}
    if "UnionField" in kinds:
        return {"anyOf": [_field(choice) for choice in it._union_fields]}
    if "ExperimentalField" in kinds:
        return _field(it._experimental_field)
    if "Nested" in kinds:
        made = _marshmallow(it.nested) if isinstance(it.nested, type) else {"type": "object"}
        return {"type": "array", "items": made} if it.many else made
    if allowed := getattr(it, "allowed_values", None):
        return {"enum": sorted({form for value in allowed for form in (value, value.lower())})}
    for base, plain in (("Dict", "object"), ("List", "array"), ("Boolean", "boolean")):
        if base in kinds:
            inner = it.value_field if base == "Dict" and it.value_field else None
            return {"type": plain} | ({"additionalProperties": _field(inner)} if inner else {})
    if "Integer" in kinds:
        return {"type": "integer"}
    pattern = [rule.regex.pattern for rule in it.validators if hasattr(rule, "regex")]
    return {"type": ["string", "number"]} | ({"pattern": pattern[0]} if pattern else {})


if __name__ == "__main__":
    main()
