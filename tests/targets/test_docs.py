"""docs/targets.md lists the settings that are read, and its examples work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
import yaml

from pennon.config import Config, Gates, Project, Record
from pennon.config.parse import read
from pennon.flows.deployment.places import unsound
from pennon.targets import azureml, bundle, compose
from pennon.targets.known import OURS
from pennon.targets.kubernetes import settings as kubernetes
from pennon.targets.rendered import Rendered
from rendering import case, document

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "targets.md").read_text()
TEMPLATE = ROOT / "template" / "{{cookiecutter.repo_name}}" / ".github" / "workflows"
SECTIONS: dict[str, type[Record]] = {
    "Every target that renders": Rendered,
    "bundle": bundle.Settings,
    "compose": compose.Settings,
    "kubernetes": kubernetes.Settings,
    "replicas": kubernetes.Replicas,
    "resources": kubernetes.Resources,
    "rollout": kubernetes.Rollout,
    "argocd": kubernetes.ArgoCD,
    "azureml": azureml.Settings,
}


@pytest.mark.parametrize("title", SECTIONS)
def test_the_page_lists_the_settings(title: str) -> None:
    kind = SECTIONS[title]
    section = re.split(r"\n##+ ", PAGE.split(f"### {title}\n")[1])[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", section, re.MULTILINE)
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    shared = set() if kind is Rendered else set(Rendered.__struct_fields__)
    assert sorted(name for name, _ in rows) == sorted(set(fields) - shared)
    needed = {name for name, default in rows if default == "needed"}
    assert needed == {name for name, field in fields.items() if field.required}


def test_the_page_names_every_target() -> None:
    assert re.findall(r"^\| `(\w+)` \| (?:runs|writes|renders)", PAGE, re.MULTILINE) == [
        "local",
        "bundle",
        "compose",
        "kubernetes",
        "azureml",
    ]
    assert set(OURS) == {"local", "bundle", "compose", "kubernetes", "azureml"}


def test_the_example_is_sound() -> None:
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    model = "models: {delay: {task: regression, dataset: d, target: t, metric: m}}"
    project = read(f"kit: 1\n{model}\n{text}", Project, "pennon.yaml")
    assert list(unsound(Config(project, Gates(), {}, {}, {}))) == []


def test_an_abort_starts_the_rollback_of_the_generated_repository() -> None:
    """The page's ConfigMap: what it subscribes to, reads and sends is there."""
    text = PAGE.split("```yaml\n")[2].split("```")[0]
    data = yaml.safe_load(text)["data"]
    annotations = document(case("rollouts"), "rollout.yaml")["metadata"]["annotations"]
    assert "notifications.argoproj.io/subscribe.on-rollout-aborted.pennon" in annotations
    assert {"service.webhook.pennon", "trigger.on-rollout-aborted"} <= data.keys()
    body = yaml.safe_load(data["template.pennon-rollback"])["webhook"]["pennon"]["body"]
    read_there = re.findall(r'\{\{index \.rollout\.metadata\.annotations "([^"]+)"\}\}', body)
    assert [annotations[name] for name in read_there] == ["churn", "v1.1.0"]
    sent = json.loads(re.sub(r"\{\{.*?\}\}", "x", body))
    workflow = yaml.safe_load((TEMPLATE / "rollback.yml").read_text().replace("\non:", "\n'on':"))
    inputs = workflow["on"]["workflow_dispatch"]["inputs"]
    assert sent["inputs"].keys() <= inputs.keys()
    assert {name for name, it in inputs.items() if it.get("required")} <= sent["inputs"].keys()
