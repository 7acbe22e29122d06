"""What the targets render: held to the schemas of those who read it, and to itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest
import yaml

from pennon.targets import Asked, Files, Stride
from rendering import CASES, DIGEST, IMAGE, ORDER, case, document, flaws, rendered

AZURE = {"endpoint.yml": "ManagedOnlineEndpoint", "deployment.yml": "ManagedOnlineDeployment"}


def documents(made: Files) -> Iterator[tuple[str, Any]]:
    """Kind and content of every file that a published schema describes."""
    for name in made:
        content = document(made, name)
        if name == "compose.yaml":
            yield "Compose", content
        elif name in AZURE:
            yield AZURE[name], content
        elif name != "kustomization.yaml":
            yield content["kind"], content


@pytest.mark.parametrize("name", CASES)
def test_what_is_rendered_keeps_the_published_schemas(name: str) -> None:
    assert [flaw for kind, made in documents(case(name)) for flaw in flaws(kind, made)] == []


KINDS = {
    "Compose": ("compose", "$.services.churn", "restrat"),
    "Deployment": ("kubernetes", "$.spec.template.spec.containers[0]", "redinessProbe"),
    "Service": ("kubernetes", "$.spec.ports[0]", "tragetPort"),
    "HorizontalPodAutoscaler": ("kubernetes", "$.spec", "maxReplica"),
    "PodDisruptionBudget": ("kubernetes", "$.spec", "maxUnavailabel"),
    "Rollout": ("rollouts", "$.spec.strategy.canary.steps[0]", "setWieght"),
    "AnalysisTemplate": ("rollouts", "$.spec.metrics[0].provider.prometheus", "querry"),
    "InferenceService": ("kserve", "$.spec.predictor", "canaryTraffic"),
    "Application": ("kubernetes in full", "$.spec.source", "targetBranch"),
    "ManagedOnlineEndpoint": ("azureml", "$", "trafic"),
    "ManagedOnlineDeployment": ("azureml", "$", "instance_typ"),
}


def part(made: Any, path: str) -> Any:  # noqa: ANN401  YAML
    for step in re.findall(r"\w+", path):
        made = made[int(step)] if isinstance(made, list) else made[step]
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_nobody_knows_is_found(kind: str) -> None:
    name, path, field = KINDS[kind]
    made = deepcopy(next(made for it, made in documents(case(name)) if it == kind))
    part(made, path)[field] = 1
    found = flaws(kind, made)
    assert [it for it in found if it.startswith(path) and field in it], found


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_the_wrong_type_is_found(kind: str) -> None:
    name, path, _ = KINDS[kind]
    made = deepcopy(next(made for it, made in documents(case(name)) if it == kind))
    holder = part(made, path)
    first = next(key for key, value in holder.items() if not isinstance(value, dict))
    holder[first] = {"no": "such"}
    assert [it for it in flaws(kind, made) if it.startswith(path)]


def test_every_kind_that_is_rendered_has_its_planted_errors() -> None:
    assert {kind for name in CASES for kind, _ in documents(case(name))} == set(KINDS)


@pytest.mark.parametrize("name", CASES)
def test_the_same_order_is_rendered_alike(name: str) -> None:
    target, settings = CASES[name]
    turned = dict(reversed(settings.items()))
    assert list(case(name).items()) == list(rendered(target, turned).items())


@pytest.mark.parametrize(
    "name", [name for name, (target, _) in CASES.items() if target == "kubernetes"]
)
def test_a_kustomization_names_every_resource_that_is_there(name: str) -> None:
    made = case(name)
    listed = document(made, "kustomization.yaml")["resources"]
    assert sorted([*listed, "kustomization.yaml"]) == sorted(made.keys() - {"application.yaml"})


@pytest.mark.parametrize("name", ["kubernetes", "rollouts"])
def test_service_scaler_and_budget_are_of_the_pods(name: str) -> None:
    made = dict(documents(case(name)))
    workload = made["Deployment" if name == "kubernetes" else "Rollout"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    selectors = [
        workload["spec"]["selector"]["matchLabels"],
        made["Service"]["spec"]["selector"],
        made["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)
    scaled = made["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert scaled == {
        "apiVersion": workload["apiVersion"],
        "kind": workload["kind"],
        "name": workload["metadata"]["name"],
    }
    assert "replicas" not in workload["spec"]


def pods() -> Iterator[tuple[str, Any]]:
    for name in ("kubernetes", "rollouts", "kserve"):
        for kind, it in documents(case(name)):
            if kind in {"Deployment", "Rollout"}:
                yield kind, it["spec"]["template"]["spec"]
            elif kind == "InferenceService":
                yield kind, it["spec"]["predictor"]


@pytest.mark.parametrize(("kind", "pod"), list(pods()))
def test_a_pod_is_unprivileged_and_asked_for_its_health(kind: str, pod: Any) -> None:  # noqa: ANN401
    (container,) = pod["containers"]
    assert container["name"] == ("kserve-container" if kind == "InferenceService" else "model")
    assert container["image"] == IMAGE
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    paths = {
        name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("liveness", "readiness")
    }
    assert paths == {"liveness": "/health", "readiness": "/ready"}
    mounted = {it["name"] for it in container["volumeMounts"]}
    assert mounted == {it["name"] for it in pod["volumes"]}


def test_another_assignment_of_the_same_version_starts_no_pod_anew() -> None:
    again = msgspec.structs.replace(ORDER, assignment=Asked(tag="churn#champion#9", id="e" * 40))
    one, other = (document(case("kubernetes", it), "deployment.yaml") for it in (ORDER, again))
    assert one["metadata"] != other["metadata"]
    assert one["spec"] == other["spec"]


def test_a_cluster_object_says_by_which_assignment_it_is_there() -> None:
    said = document(case("kubernetes"), "deployment.yaml")["metadata"]["annotations"]
    assert said["pennon-ml.github.io/assignment"] == "d" * 40
    assert said["pennon-ml.github.io/commit"] == ORDER.commit
    assert said["pennon-ml.github.io/image"].endswith(DIGEST)


def test_an_application_follows_the_folder_of_the_branch() -> None:
    spec = document(case("kubernetes in full"), "application.yaml")["spec"]
    assert spec["source"] == {
        "repoURL": "https://github.com/acme/churn.git",
        "targetRevision": "deploy",
        "path": "deploy/production/churn",
    }
    assert spec["destination"]["namespace"] == "models"


def test_a_canary_is_judged_by_what_the_server_counts() -> None:
    """Each series of the two questions is one that a server exposes, with these labels."""
    from pennon.serving.metrics import Metrics  # noqa: PLC0415  the one place that needs it

    counted = Metrics("churn")
    counted.request("v1.1.0", "live", 500, 0.2)
    exposed = dict(re.findall(r"^(\w+)\{(.*)\} ", counted.text().decode(), re.MULTILINE))
    metrics = document(case("rollouts"), "analysis.yaml")["spec"]["metrics"]
    asked = [it["provider"]["prometheus"]["query"] for it in metrics]
    for name, labels in re.findall(r"(pennon_\w+)\{(.*?)\}[\[)]", " ".join(asked)):
        has = set(re.findall(r"(\w+)=", exposed[name]))
        assert set(re.findall(r"(\w+)=", labels)) <= has, name


def test_a_canary_takes_the_steps_of_rollout_yaml() -> None:
    order = msgspec.structs.replace(ORDER, strides=(Stride(1), Stride(30, 1.5)))
    steps = document(case("rollouts", order), "rollout.yaml")["spec"]["strategy"]["canary"]["steps"]
    assert [step.get("setWeight") for step in steps[::2]] == [1, 30]
    assert [step["pause"]["duration"] for step in steps[1::2]] == ["10m", "90m"]


def test_where_nothing_is_asked_a_canary_waits_for_a_person() -> None:
    """Neither condition holds for no value: Argo calls that inconclusive, and pauses."""
    for metric in document(case("rollouts"), "analysis.yaml")["spec"]["metrics"]:
        for condition in (metric["successCondition"], metric["failureCondition"]):
            assert condition.startswith("len(result) > 0 && !isNaN(result[0]) && ")


def test_a_canary_of_azure_leaves_the_rest_to_the_version_before() -> None:
    endpoint = document(case("azureml with a canary"), "endpoint.yml")
    assert endpoint["traffic"] == {"v1-0-0": 90, "v1-1-0": 10}
    first = msgspec.structs.replace(ORDER, before="")
    endpoint = document(case("azureml with a canary", first), "endpoint.yml")
    assert endpoint["traffic"] == {"v1-1-0": 100}
    assert document(case("azureml"), "endpoint.yml")["traffic"] == {"v1-1-0": 100}


def test_the_deployment_that_gets_traffic_is_the_one_that_is_made() -> None:
    made = case("azureml")
    deployment, endpoint = (document(made, f"{it}.yml") for it in ("deployment", "endpoint"))
    assert list(endpoint["traffic"]) == [deployment["name"]]
    assert deployment["endpoint_name"] == endpoint["name"]


def test_a_service_of_a_host_keeps_the_bundle_from_being_written() -> None:
    service = document(case("compose with bundles"), "compose.yaml")["services"]["churn"]
    log, bundle = service["volumes"]
    assert log["target"] == "/log"
    assert (bundle["source"], bundle["read_only"]) == ("/srv/pennon/churn@v1.1.0", True)
    assert service["read_only"]
    assert service["ports"] == ["127.0.0.1:8801:8080"]
    assert service["image"] == IMAGE


def test_yaml_has_no_anchors_that_people_have_to_follow() -> None:
    every = "".join(text for name in CASES for text in case(name).values())
    assert "&id" not in every
    assert len(list(yaml.safe_load_all(case("kubernetes")["pdb.yaml"]))) == 1


@pytest.mark.parametrize(
    ("target", "settings", "problem"),
    [
        ("compose", {"memory": "lots"}, "memory"),
        ("compose", {"bundles": "relative"}, "bundles"),
        ("compose", {"replicas": 2}, "replicas"),
        ("compose", {"image": "a b"}, "image"),
        ("compose", {"branch": "-x"}, "branch"),
        ("compose", {"folder": "../up"}, "folder"),
        ("kubernetes", {"variant": "helm"}, "variant"),
        ("kubernetes", {"replicas": {"least": 3, "most": 2}}, "replicas.most"),
        ("kubernetes", {"replicas": {"least": "two"}}, "replicas.least"),
        ("kubernetes", {"variant": "rollouts"}, "rollout.prometheus"),
        ("kubernetes", {"rollout": {"steps": [50, 20]}}, "rollout.steps"),
        ("kubernetes", {"canary": 10}, "canary"),
        ("kubernetes", {"argocd": {}}, "argocd.repository"),
        ("azureml", {"endpoint": "x"}, "endpoint"),
        ("azureml", {"canary": 100}, "canary"),
        ("local", {"replicas": 2}, "replicas"),
    ],
)
def test_a_wrong_setting_is_named_by_its_path(
    target: str, settings: dict[str, Any], problem: str
) -> None:
    from pennon.targets import target as found  # noqa: PLC0415  the name is a parameter's

    assert [it.path for it in found(target).check(settings)] == [problem], json.dumps(settings)
