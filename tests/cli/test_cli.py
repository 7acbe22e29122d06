"""The command line as somebody types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pennon.cli import cli
from pennon.flows.world import World
from shop import MODEL, shop
from worlds import Ledger

CONTEXT = cli.make_context("pennon", ["--version"], resilient_parsing=True)
NAMES = [
    "new",
    "demo",
    "check",
    "data",
    "security",
    "compute",
    "selftest",
    "train",
    "compare",
    "review",
    "comment",
    "register",
    "promote",
    "rollback",
    "retire",
    "rollout",
    "package",
    "deploy",
    "contract",
    "health",
    "repo",
    "pull",
    "serve",
    "score",
    "checkout",
    "show",
    "history",
    "which",
    "describe",
    "verify",
    "reproduce",
    "repredict",
    "dora",
    "audit",
    "doctor",
]
READS = [
    "audit",
    "dora",
    "check",
    "checkout",
    "compare",
    "compute",
    "contract",
    "describe",
    "doctor",
    "health",
    "history",
    "pull",
    "repo",
    "repredict",
    "reproduce",
    "review",
    "rollout",
    "score",
    "security",
    "selftest",
    "show",
    "train",
    "verify",
    "which",
]
WRITES = [
    *("new", "register", "promote", "rollback", "retire"),
    *("rollout", "package", "deploy", "review", "comment", "security"),
]


def command(name: str) -> click.Command:
    found = cli.get_command(CONTEXT, name)
    assert found is not None
    return found


def options(name: str) -> set[str]:
    return {option for parameter in command(name).params for option in parameter.opts}


def pennon(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pennon", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A shop with two registered versions; the first one is champion."""
    found = shop(tmp_path_factory.mktemp("cli"))
    ledger = Ledger(found.root, MODEL)
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    ledger.register("v1.1.0")
    return found


def test_the_commands_are_the_contract() -> None:
    assert cli.list_commands(CONTEXT) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    found = command(name)
    parts = found.commands.values() if isinstance(found, click.Group) else [found]
    for part in parts:
        assert part.help
        assert f"Example: pennon {name}" in part.help


@pytest.mark.parametrize("name", READS)
def test_what_reads_has_json(name: str) -> None:
    assert "--json" in options(name)


@pytest.mark.parametrize("name", WRITES)
def test_what_writes_has_a_dry_run(name: str) -> None:
    assert "--dry-run" in options(name)


def test_show_prints_a_table_and_the_same_as_json(here: World) -> None:
    table = pennon(here.root, "show").stdout.splitlines()
    assert table[0].split() == ["MODEL", "LATEST", "#champion"]
    assert table[1].split() == ["churn", "v1.1.0", "v1.0.0"]
    (row,) = json.loads(pennon(here.root, "show", "--json").stdout)
    assert row["stages"] == {"champion": "v1.0.0"}


def test_which_prints_the_version_alone(here: World) -> None:
    done = pennon(here.root, "which", MODEL)
    assert (done.stdout, done.stderr) == ("v1.0.0\n", "")


def test_history_tells_who_what_and_why(here: World) -> None:
    lines = pennon(here.root, "history", MODEL).stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["EVENT", "register", "assign", "register"]
    assert lines[2].endswith("ada  better")


def test_an_option_may_come_from_the_environment(here: World) -> None:
    done = pennon(here.root, "which", PENNON_WHICH_MODEL="churn@v1.1.0", PENNON_WHICH_JSON="1")
    assert json.loads(done.stdout)["version"] == "v1.1.0"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["which", "nobody"], 8, "registered models: churn"),
        (["which", "churn#canary"], 8, "held now: champion is v1.0.0"),
        (["which", "churn@v9.0.0"], 8, "its versions are: v1.0.0, v1.1.0"),
        (["promote", "chrun"], 3, "the models are: churn"),
        (["promote", "churn", "--stage", "prod"], 8, "its stages are: challenger, champion"),
        (["rollback", "churn"], 2, "Missing option '--reason'"),
        (["rollback", "churn", "--reason", "x"], 8, "is the first champion"),
        (["retire", "churn"], 2, "Missing option '--reason'"),
        (["retire", "churn", "--reason", " "], 2, "a reason has words"),
        (["retire", "chrun", "--reason", "x"], 8, "pennon show lists the models"),
        (["retire", "churn", "--reason", "x"], 7, "pennon retire 'churn#champion'"),
        (["retire", "churn@v1.0.0", "--reason", "x"], 7, "churn@v1.0.0 is champion"),
        (["deploy", "moon"], 3, "it has: staging, production"),
        (["data", "check", "moon"], 3, "the datasets are: customers"),
        (["data", "profile", "moon"], 3, "the datasets are: customers"),
        (["data", "docs", "--check"], 3, "is missing; run: pennon data docs"),
        (["compare", "churn"], 8, "train one: pennon train churn"),
        (["serve", "churn#canary"], 8, "held now"),
        (["sho"], 2, "No such command"),
        (["review", "--data"], 2, "requires an argument"),
    ],
)
def test_a_mistake_is_answered_with_the_way_out(
    here: World, arguments: list[str], code: int, words: str
) -> None:
    done = pennon(here.root, *arguments)
    assert words in done.stderr
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["show", "check", "review", "register", "deploy"])
def test_outside_of_a_repository_the_way_in_is_told(name: str, tmp_path: Path) -> None:
    done = pennon(tmp_path, name)
    assert done.returncode == 10
    assert "is not in a git repository" in done.stderr


def test_in_a_repository_without_a_model_the_way_on_is_told(clone: Path) -> None:
    assert "pennon new" in pennon(clone, "check").stderr
    assert "no model is registered yet" in pennon(clone, "show").stdout


def test_a_forge_that_does_not_exist_is_named(here: World) -> None:
    done = pennon(here.root, "verify", MODEL, PENNON_FORGE="gitlab:x")
    assert done.returncode == 11
    assert "PENNON_FORGE is local:<directory>" in done.stderr


def test_github_without_a_token_says_what_to_set(here: World) -> None:
    done = pennon(here.root, "verify", MODEL, PENNON_FORGE="github:acme/shop")
    assert done.returncode == 11
    assert "GITHUB_TOKEN" in done.stderr


@pytest.mark.parametrize("name", ["train churn", "compare churn", "review", "register"])
def test_without_the_ml_libraries_the_way_to_them_is_told(here: World, name: str) -> None:
    code = (
        "import sys\n"
        "for name in ('numpy', 'pandas', 'sklearn', 'skops'): sys.modules[name] = None\n"
        f"sys.argv = {['pennon', *name.split()]}\n"
        "from pennon.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 14
    assert "uv pip sync requirements.lock" in done.stderr
    assert "Traceback" not in done.stderr
