"""Actions and workflows: what the linters say, and what they cannot know."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pennon import __version__
from pennon.cli import cli

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OURS = f"pennon-ml/pennon/{{}}@v{__version__.partition('.')[0]}"
TEMPLATE = next((ROOT / "template").glob("{{*}}"))
REUSABLE = sorted(
    path
    for path in (ROOT / ".github" / "workflows").glob("*.yml")
    if "workflow_call" in path.read_text()
)
CALLERS = sorted((TEMPLATE / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml")) + CALLERS
ACTIONS = sorted((ROOT / "actions").glob("*/action.yml"))
VERBS = {path.parent.name for path in ACTIONS} - {"setup"}


def load(path: Path) -> dict[str, Any]:
    """YAML 1.1 reads the key `on` as true."""
    text = re.sub(r"^on:", '"on":', path.read_text(), flags=re.MULTILINE)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def tool(*command: str) -> str:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def steps(path: Path) -> Iterator[dict[str, Any]]:
    found = load(path)
    jobs = found.get("jobs", {"": found.get("runs", {})})
    for job in jobs.values():
        yield from job.get("steps", ())


def test_zizmor_finds_nothing_in_its_strictest_mood() -> None:
    folders = [str(ROOT / ".github"), str(ROOT / "actions"), str(TEMPLATE / ".github")]
    config = str(ROOT / ".github" / "zizmor.yml")
    said = tool("zizmor", "--offline", "--persona=pedantic", "--config", config, *folders)
    assert said == ""


def test_actionlint_finds_nothing() -> None:
    assert tool("actionlint", "-no-color", *map(str, WORKFLOWS)) == ""


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", ACTIONS),
        ("vendor.dependabot", [TEMPLATE / ".github" / "dependabot.yml"]),
    ],
)
def test_the_published_schemas_are_kept(schema: str, paths: list[Path]) -> None:
    assert tool("check-jsonschema", "--builtin-schema", schema, *map(str, paths)) == ""


SOUND = """\
name: sound
on:
  pull_request:
permissions: {}
concurrency:
  group: sound
  cancel-in-progress: true
jobs:
  sound:
    name: sound
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - run: "true"
"""
DEFECTS = {
    "zizmor": (('"true"', 'echo "${{ github.event.pull_request.title }}"'), ("--offline",)),
    "actionlint": (('"true"', 'echo "${{ inputs.nothing }}"'), ("-no-color",)),
    "check-jsonschema": (
        ("timeout-minutes", "time-out"),
        ("--builtin-schema", "vendor.github-workflows"),
    ),
}


@pytest.mark.parametrize("linter", DEFECTS)
def test_a_linter_speaks_up_when_there_is_something_to_find(linter: str, tmp_path: Path) -> None:
    (old, new), options = DEFECTS[linter]
    file = tmp_path / "sound.yml"
    file.write_text(SOUND)
    assert tool(linter, *options, str(file)) == ""
    file.write_text(SOUND.replace(old, new))
    assert tool(linter, *options, str(file)) != ""


@pytest.mark.parametrize("path", CALLERS, ids=lambda path: path.stem)
def test_a_caller_fits_its_callee(path: Path) -> None:
    for name, job in load(path)["jobs"].items():
        callee = ROOT / ".github" / "workflows" / Path(job["uses"].partition("@")[0]).name
        assert job["uses"] == OURS.format(f".github/workflows/{callee.name}"), name
        called = load(callee)
        inputs = (called["on"]["workflow_call"] or {}).get("inputs", {})
        required = {key for key, value in inputs.items() if value.get("required")}
        given = set(job.get("with", {}))
        assert required <= given <= set(inputs), name
        assert job["permissions"] == needed(called), name


def needed(called: dict[str, Any]) -> dict[str, str]:
    """What its jobs need together: to write is more than to read."""
    found: dict[str, str] = {}
    for job in called["jobs"].values():
        for scope, access in job["permissions"].items():
            found[scope] = max(access, found.get(scope, access))
    return found


def test_to_write_is_more_than_to_read() -> None:
    jobs = {"a": {"permissions": {"x": "read"}}, "b": {"permissions": {"x": "write"}}}
    assert needed({"jobs": jobs}) == {"x": "write"}


@pytest.mark.parametrize("path", REUSABLE, ids=lambda path: path.stem)
def test_a_reusable_workflow_fits_its_action(path: Path) -> None:
    ours = [s for s in steps(path) if s.get("uses", "").startswith("pennon-ml/")]
    (step,) = [s for s in ours if s["uses"] != OURS.format("actions/setup")]
    assert step["uses"] == OURS.format(f"actions/{path.stem}")
    inputs = load(ROOT / "actions" / path.stem / "action.yml").get("inputs", {})
    assert set(step.get("with", {})) <= set(inputs)
    passed = (load(path)["on"]["workflow_call"] or {}).get("inputs", {})
    assert set(passed) - {"runner"} == set(step.get("with", {}))


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_input_of_an_action_reaches_its_command(verb: str) -> None:
    action = load(ROOT / "actions" / verb / "action.yml")
    environment = {k: v for s in action["runs"]["steps"] for k, v in s.get("env", {}).items()}
    for name in action.get("inputs", {}):
        variable = f"PENNON_{verb.upper()}_{name.upper()}"
        assert environment[variable] == f"${{{{ inputs.{name} }}}}"
        assert variable in variables(verb)


def variables(verb: str) -> set[str]:
    """The environment variables that a command reads."""
    command = cli.get_command(
        cli.make_context("pennon", ["--version"], resilient_parsing=True), verb
    )
    assert command is not None
    found = set()
    for parameter in command.params:
        named = parameter.envvar
        found |= {named} if isinstance(named, str) else set(named or ())
        if parameter.param_type_name == "option":
            found.add(f"PENNON_{verb.upper()}_{str(parameter.name).upper()}")
    return found


def test_one_word_names_a_capability_everywhere() -> None:
    commands = set(cli.list_commands(cli.make_context("p", ["--version"], resilient_parsing=True)))
    assert commands >= VERBS
    assert {path.stem for path in REUSABLE} == VERBS
    assert {path.stem for path in CALLERS} - {"ci"} == VERBS - {"check"}


@pytest.mark.parametrize("path", WORKFLOWS + ACTIONS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_steps_hold_no_logic(path: Path) -> None:
    for step in steps(path):
        run = step.get("run", "")
        assert "${{" not in run, run
        assert len(run.strip().splitlines()) <= 3, run


@pytest.mark.parametrize("path", WORKFLOWS + ACTIONS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_value_that_a_step_gets_is_a_string(path: Path) -> None:
    for step in steps(path):
        for key, value in step.get("with", {}).items():
            assert isinstance(value, str), f"{path.name}: {key}: {value!r} is no string"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: f"{p.parents[2].name}/{p.stem}")
def test_a_workflow_asks_for_nothing_at_the_top_and_says_why_below(path: Path) -> None:
    assert load(path)["permissions"] == {}
    granted = re.findall(r"^ {6}[a-z-]+: (?:read|write).*$", path.read_text(), re.MULTILINE)
    assert granted
    assert [line for line in granted if " # " not in line] == []


def test_foreign_actions_are_pinned_with_their_version() -> None:
    pattern = re.compile(r"uses: (?!pennon-ml/)(\S+)(.*)")
    for path in WORKFLOWS + ACTIONS:
        for name, rest in pattern.findall(path.read_text()):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name), f"{path}: {name}"
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", rest), f"{path}: {name}{rest}"


def test_a_deployment_is_recorded_once() -> None:
    """Pennon records it; GitHub would make a second one for each job with an environment."""
    (job,) = load(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"].values()
    assert job["environment"] == {"name": "${{ inputs.environment }}", "deployment": False}


def test_a_deployment_runs_where_a_repository_variable_says() -> None:
    """A server of the target local ends with a hosted runner."""
    workflow = load(ROOT / ".github" / "workflows" / "deploy.yml")
    assert workflow["on"]["workflow_call"]["inputs"]["runner"]["default"] == "ubuntu-latest"
    assert workflow["jobs"]["deploy"]["runs-on"] == "${{ inputs.runner }}"
    for job in load(TEMPLATE / ".github" / "workflows" / "deploy.yml")["jobs"].values():
        assert job["with"]["runner"] == "${{ vars.PENNON_DEPLOY_RUNNER || 'ubuntu-latest' }}"


def test_a_training_runs_where_a_repository_variable_says_but_never_of_a_fork() -> None:
    usual = "vars.PENNON_TRAIN_RUNNER || 'ubuntu-latest'"
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    asked = {"register": f"${{{{ {usual} }}}}", "review": f"${{{{ {ours} && {usual} }}}}"}
    for verb, runner in asked.items():
        (job,) = load(TEMPLATE / ".github" / "workflows" / f"{verb}.yml")["jobs"].values()
        assert job["with"]["runner"] == runner
    review = load(ROOT / ".github" / "workflows" / "review.yml")
    assert review["jobs"]["review"]["runs-on"] == "${{ inputs.runner }}"


def test_two_trainings_of_a_model_wait_for_each_other() -> None:
    """Of all jobs of one registration each trains other models; the next one waits for them."""
    caller = load(TEMPLATE / ".github" / "workflows" / "register.yml")
    turn = {"group": "register", "cancel-in-progress": False, "queue": "max"}
    assert caller["concurrency"] == turn
    job = load(ROOT / ".github" / "workflows" / "register.yml")["jobs"]["register"]
    assert job["runs-on"] == "${{ matrix.runner }}"
    assert job["strategy"]["matrix"] == {"include": "${{ fromJSON(needs.compute.outputs.jobs) }}"}


def test_nothing_is_scored_at_night_until_a_repository_variable_names_the_rows() -> None:
    caller = load(TEMPLATE / ".github" / "workflows" / "score.yml")
    assert {"schedule", "workflow_dispatch"} == set(caller["on"])
    (job,) = caller["jobs"].values()
    asked = "github.event_name == 'workflow_dispatch' || vars.PENNON_SCORE_INPUT != ''"
    assert job["if"] == asked
    assert job["with"]["input"] == "${{ inputs.input || vars.PENNON_SCORE_INPUT }}"


def test_every_value_of_a_matrix_is_a_string() -> None:
    for path in WORKFLOWS:
        for job in load(path)["jobs"].values():
            for values in job.get("strategy", {}).get("matrix", {}).values():
                assert "fromJSON" in values or all(isinstance(value, str) for value in values), path


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: f"{p.parents[2].name}/{p.stem}")
def test_a_checkout_keeps_its_token_only_where_the_job_pushes(path: Path) -> None:
    for job in load(path)["jobs"].values():
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                pushes = job["permissions"]["contents"] == "write"
                assert step["with"]["persist-credentials"] == str(pushes).lower()


def test_a_job_that_runs_has_an_end() -> None:
    for path in WORKFLOWS:
        for name, job in load(path)["jobs"].items():
            assert "uses" in job or int(job["timeout-minutes"]) > 0, f"{path}: {name}"


def test_the_workflows_of_the_template_have_no_template_variables() -> None:
    assert [path for path in CALLERS if "cookiecutter" in path.read_text()] == []
