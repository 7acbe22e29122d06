"""Who starts whom: from a schedule to an environment there is no way around the gates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from pennon.config import Approval, Promotion
from pennon.flows.new import bake
from shop import world

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "scripts" / "pennon" / "flows"
TEMPLATE = next((ROOT / "template").glob("{{*}}")) / ".github" / "workflows"
OURS = ROOT / ".github" / "workflows"
GATED = {"promote", "rollout"}
"""Verbs that give a stage to a version by the gates alone; a rollout promotes through the same."""
BACK = {"rollback", "health"}
"""Verbs that only go back: to a version that held the stage, and was healthy there."""
PATIENT = {"cancel-in-progress": False, "queue": "max"}

Workflow = dict[str, Any]


def load(folder: Path) -> dict[str, Workflow]:
    """By file name. YAML 1.1 reads the key `on` as true."""
    files = sorted(folder.glob("*.yml"))
    texts = {it.name: re.sub(r"^on:", '"on":', it.read_text(), flags=re.MULTILINE) for it in files}
    return {name: yaml.safe_load(text) for name, text in texts.items()}


def verbs(workflow: Workflow) -> Iterator[str]:
    """What its jobs do: the reusable workflow that they call, or the actions of their steps."""
    for job in workflow["jobs"].values():
        used = [job.get("uses", ""), *(step.get("uses", "") for step in job.get("steps", ()))]
        for name in used:
            if found := re.search(r"pennon/(?:\.github/workflows|actions)/([a-z]+)", name):
                yield found[1]


def dispatched() -> dict[str, set[str]]:
    """Verb -> the workflow files that its flow starts, out of the code."""
    by_module = {
        str(file.relative_to(FLOWS)): set(re.findall(r'Dispatch\(\s*"(\w+)\.yml"', text))
        for file in FLOWS.rglob("*.py")
        if 'Dispatch("' in (text := file.read_text())
    }
    assert by_module == {"assignment/assign.py": {"deploy"}, "register.py": {"promote"}}
    assigning = GATED | BACK | {"deploy"}  # each of them ends by assign.then
    return {"register": {"promote"}} | {verb: {"deploy"} for verb in assigning}


def roads(workflows: Mapping[str, Workflow], start: str) -> Iterator[tuple[str, ...]]:
    """Every chain of verbs that a workflow may set off, by dispatch or by its end."""
    starts = dispatched()
    names = {Path(file).stem: file for file in workflows}
    after = {
        file: [
            other
            for other, it in workflows.items()
            if workflows[file].get("name")
            in (it["on"].get("workflow_run") or {}).get("workflows", ())
        ]
        for file in workflows
    }

    def walk(file: str, road: tuple[str, ...], seen: frozenset[str]) -> Iterator[tuple[str, ...]]:
        if file in seen:
            return
        done = [*verbs(workflows[file])]
        for verb in done:
            yield (*road, verb)
            for name in starts.get(verb, ()):
                if name in names:
                    yield from walk(names[name], (*road, verb), seen | {file})
        for other in after[file]:
            yield from walk(other, (*road, *done), seen | {file})

    yield from walk(start, (), frozenset())


def unguarded(workflows: Mapping[str, Workflow]) -> list[tuple[str, ...]]:
    """Chains from a schedule to a deployment that pass neither the gates nor a way back."""
    scheduled = [file for file, it in workflows.items() if "schedule" in it["on"]]
    found = {road for file in scheduled for road in roads(workflows, file)}
    bad = [it for it in found if it[-1] == "deploy" and not (GATED | BACK) & set(it)]
    return sorted(bad)


def test_no_schedule_reaches_an_environment_around_the_gates() -> None:
    workflows = load(TEMPLATE)
    assert any("schedule" in it["on"] for it in workflows.values())
    assert unguarded(workflows) == []


def test_pennon_s_own_workflows_are_started_by_nobody_s_clock() -> None:
    assert [name for name, it in load(OURS).items() if "schedule" in it["on"]] == []


def job(verb: str) -> Workflow:
    uses = f"pennon-ml/pennon/.github/workflows/{verb}.yml@v0"
    return {verb: {"uses": uses}}


DEFECTS: dict[str, dict[str, Workflow]] = {
    "a schedule that deploys": {
        "night.yml": {"name": "night", "on": {"schedule": []}, "jobs": job("deploy")}
    },
    "a schedule that deploys by an action": {
        "night.yml": {
            "name": "night",
            "on": {"schedule": []},
            "jobs": {"x": {"steps": [{"uses": "pennon-ml/pennon/actions/deploy@v0"}]}},
        }
    },
    "a deployment after a scheduled training": {
        "night.yml": {"name": "night", "on": {"schedule": []}, "jobs": job("register")},
        "then.yml": {
            "name": "then",
            "on": {"workflow_run": {"workflows": ["night"]}},
            "jobs": job("deploy"),
        },
    },
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_way_around_the_gates_is_found(defect: str) -> None:
    assert unguarded(load(TEMPLATE) | DEFECTS[defect]) != []


def test_a_scheduled_training_is_no_way_around_them() -> None:
    """It registers, which asks for a promotion, which the gates decide."""
    night = {"name": "night", "on": {"schedule": []}, "jobs": job("register")}
    workflows = load(TEMPLATE) | {"night.yml": night}
    assert ("register", "promote", "deploy") in set(roads(workflows, "night.yml"))
    assert unguarded(workflows) == []


def test_only_these_flows_give_a_stage() -> None:
    """What `GATED` and `BACK` say is so: each by its own flow, and no other flow assigns."""
    giving = {
        str(file.relative_to(FLOWS))
        for file in FLOWS.rglob("*.py")
        if re.search(r"= Assignment\(", file.read_text())
    }
    assert giving == {"promote.py", "rollback.py", "rollout/steps.py"}
    steps = (FLOWS / "rollout" / "steps.py").read_text()
    assert "from pennon.flows.promote import promote" in steps
    assert "traffic=traffic" in steps
    for flow in ("health.py", "deployment/recover.py"):
        assert "from pennon.flows.rollback import rollback" in (FLOWS / flow).read_text()


def test_no_hand_is_needed_between_a_tag_and_staging(tmp_path: Path) -> None:
    """Registered, promoted if the gates agree, deployed: each starts the next one."""
    workflows = load(TEMPLATE)
    assert ("register", "promote", "deploy") in set(roads(workflows, "register.yml"))
    assert "push" in workflows["register.yml"]["on"]
    for name in ("register.yml", "promote.yml", "deploy.yml"):
        (first, *_) = workflows[name]["jobs"].values()
        assert {"if", "needs", "environment"} & set(first) == set(), name
    project = world(bake(tmp_path / "flights", {})).config().project
    assert project.models["delay"].promotion is Promotion.AUTOMATIC
    staging = project.environments["staging"]
    assert (staging.approval, staging.requires.labels) == (Approval.NONE, ())


def test_a_rollback_waits_for_nothing_but_its_turn() -> None:
    """The default branch may be red: neither tests nor another workflow stand before it."""
    workflow = load(TEMPLATE)["rollback.yml"]
    (only,) = workflow["jobs"].values()
    assert set(workflow["on"]) == {"workflow_dispatch"}
    assert {"if", "needs"} & set(only) == set()


def group(it: Mapping[str, Any]) -> str:
    """The group of something that waits for its turn, and is never cancelled."""
    assert {key: it[key] for key in PATIENT} == PATIENT
    name: str = it["group"]
    return name


def test_who_changes_a_stage_of_a_model_does_so_in_turn() -> None:
    workflows = load(TEMPLATE)
    groups = {it: group(workflows[f"{it}.yml"]["concurrency"]) for it in GATED | {"rollback"}}
    assert set(groups.values()) == {"promote-${{ inputs.model }}"}
    for name in groups:
        assert "model" in workflows[f"{name}.yml"]["on"]["workflow_dispatch"]["inputs"]


def test_who_deploys_a_model_to_an_environment_does_so_in_turn() -> None:
    """A job that waits for its reviewers holds neither other environments nor other models."""
    workflow = load(TEMPLATE)["deploy.yml"]
    assert "concurrency" not in workflow
    assert workflow["on"]["workflow_dispatch"]["inputs"]["model"]["required"] is True
    for it in workflow["jobs"].values():
        place = it["with"]["environment"]
        assert group(it["concurrency"]) == f"deploy-{place}-${{{{ inputs.model }}}}"
        assert it["with"]["model"] == "${{ inputs.model }}"


def test_everything_else_that_writes_waits_for_its_turn_too() -> None:
    workflows = load(TEMPLATE)
    alone = set(workflows) - {"ci.yml", "review.yml", "deploy.yml"}
    groups = {name: group(workflows[name]["concurrency"]) for name in alone}
    shared = {"promote.yml", "rollback.yml", "rollout.yml"}
    apart = {name: it for name, it in groups.items() if name not in shared}
    assert len(set(apart.values())) == len(apart)
    assert groups["promote.yml"] not in apart.values()
