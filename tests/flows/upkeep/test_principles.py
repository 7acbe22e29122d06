"""Principles of a repository: what keeps them, what does not, and whose word a statement is."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from keys import keyring, sign_with, ssh_key
from pennon.config import PRINCIPLES, Gates, Principle
from pennon.errors import ConfigError
from pennon.evaluation import GateResult, Outcome, Verdict, VerdictOutcome
from pennon.flows.check import check
from pennon.flows.upkeep.principles import keeping, proof
from pennon.flows.world import World
from pennon.report.principles import Proof, kept, ways
from pennon.runner import Runner
from shop import FILES, write
from shop import world as world_of
from worlds import commit_all, new_clone, run_git

GATE = "principles: [{id: better, title: Better, owner: '@a', gates: [better]}]\n"
STATED = """\
principles:
  - id: oversight
    title: A person decides
    owner: "@a"
    statement:
      text: Sales call, nobody is called by a machine.
      by: Ada
      role: owner
      on: 2026-11-01
      until: 2027-11-01
"""
AT = "principles.yaml: principles[0]"


@pytest.fixture
def here(tmp_path: Path) -> World:
    """The shop's files without its rows: nothing is trained."""
    work = new_clone(tmp_path)
    for name, text in FILES.items():
        write(work, name, text)
    commit_all(work, "a model repository")
    return world_of(work)


def told(here: World, text: str, author: str = "Ada <ada@example.com>") -> list[str]:
    """What `pennon check` says of principles that `author` has committed."""
    write(here.root, PRINCIPLES, text)
    run_git(here.root, "add", "--all")
    run_git(here.root, "commit", "--quiet", "--message", "principles", f"--author={author}")
    return problems(here)


def problems(here: World) -> list[str]:
    try:
        check(here)
    except ConfigError as error:
        return [line.strip() for line in error.what.splitlines()[1:]]
    return []


def proven(here: World) -> Proof:
    config = here.config()
    return proof(here, config, config.principles.principles[0], here.repo.head())


def test_a_repository_without_the_file_is_not_asked(here: World) -> None:
    assert problems(here) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GATE, None),
        (GATE.replace("gates: [better]", "tests: [params.yaml]"), None),
        (GATE.replace("[better]", "[best]"), ".gates[0]: 'best' is no gate of gates.yaml"),
        (
            GATE.replace("gates: [better]", "models: [churn]"),
            ": nothing keeps 'better' for churn: name a gate, a test or a statement",
        ),
        (GATE.replace("gates", "models: [chrun], gates"), ".models[0]: unknown model 'chrun'"),
        (
            GATE.replace("gates: [better]", "tests: [../origin.git/HEAD]"),
            ".tests[0]: there is no file ../origin.git/HEAD",
        ),
        (STATED.replace("2026", "2031"), ".statement.on: 2031-11-01 is still to come"),
        (
            STATED.replace("2027", "2026"),
            ".statement.until: ended on 2026-11-01: Ada or somebody else has to sign it again",
        ),
    ],
)
def test_what_keeps_a_principle_has_to_be_there(
    text: str, problem: str | None, here: World
) -> None:
    assert f"{AT}{problem}" in told(here, text) if problem else told(here, text) == []


def test_a_principle_is_there_once(here: World) -> None:
    twice = GATE.replace("]\n", ", {id: better, title: B, owner: b, gates: [useful]}]\n")
    assert told(here, twice) == ["principles.yaml: principles[1].id: 'better' is there twice"]


def test_each_model_needs_a_gate_that_is_asked_of_it(here: World) -> None:
    project = FILES["pennon.yaml"]
    churn = project[project.index("  churn:") : project.index("environments:")]
    two = project.replace("environments:", churn.replace("churn", "spend") + "environments:")
    write(here.root, "pennon.yaml", two)
    gates = FILES["gates.yaml"].replace("id: better,", "id: better, models: [churn],")
    write(here.root, "gates.yaml", gates)
    assert told(here, GATE) == [
        f"{AT}: nothing keeps 'better' for spend: name a gate, a test or a statement"
    ]
    spend = GATE.replace("gates:", "models: [spend], gates:")
    assert f"{AT}.gates[0]: gate 'better' is not asked of spend" in told(here, spend)


@pytest.mark.parametrize("by", ["Ada", "ada@example.com", "Somebody <ADA@example.com>"])
def test_a_statement_is_signed_by_its_author(by: str, here: World) -> None:
    assert told(here, STATED.replace("by: Ada", f"by: {by}")) == []
    assert (proven(here).author, proven(here).signer) == ("Ada <ada@example.com>", "")


def test_nobody_signs_for_somebody_else(here: World) -> None:
    (line,) = told(here, STATED, "Eve <eve@example.com>")
    short = here.repo.head()[:7]
    said = f"Ada has not signed it: commit {short} brought it, and is by Eve <eve@example.com>"
    assert line == f"{AT}.statement.by: {said}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nobody is called", "everybody is called"),
        ("until: 2027", "until: 2029"),
        ("title: A person", "title: No person"),
        ("role: owner", "role: king"),
    ],
)
def test_another_word_has_to_be_signed_again(old: str, new: str, here: World) -> None:
    assert told(here, STATED) == []
    (line,) = told(here, STATED.replace(old, new), "Eve <eve@example.com>")
    assert "is by Eve" in line


def test_another_layout_owner_or_gate_leaves_it_signed(here: World) -> None:
    told(here, STATED)
    moved = STATED.replace('"@a"', '"@b"\n    gates: [better]').replace("Sales", "'Sales")
    moved = moved.replace("machine.", "machine.'  # so far")
    assert told(here, moved, "Eve <eve@example.com>") == []


def test_a_statement_in_writing_is_a_word_here_and_a_problem_in_a_workflow(here: World) -> None:
    write(here.root, PRINCIPLES, STATED)
    said: list[str] = []
    assert problems(replace(here, say=said.append)) == []
    what = "principles[0].statement: is not committed, so nobody has signed it yet"
    assert said == [f"principles.yaml: {what}; Ada has to commit it"]
    runner = Runner.from_environment({"GITHUB_ACTIONS": "true"}, io.StringIO())
    assert problems(replace(here, runner=runner)) == [f"principles.yaml: {what}"]


def test_a_clone_that_ends_too_early_says_so(here: World, tmp_path: Path) -> None:
    told(here, STATED)
    commit_all(here.root, "more")
    run_git(here.root, "push", "--quiet")
    url = f"file://{tmp_path / 'origin.git'}"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", url, "shallow")
    (line,) = problems(world_of(tmp_path / "shallow"))
    assert line.endswith("ends before the commit that brought it: git fetch --unshallow")


@pytest.fixture
def required(here: World) -> World:
    """Ada's key and Eve's are known, and a key is asked for."""
    with (here.root / "pennon.yaml").open("a") as project:
        project.write("registry: {signatures: required}\n")
    keys = {name: ssh_key(here.root.parent / name) for name in ("ada", "eve", "mallory")}
    write(
        here.root,
        ".github/allowed_signers",
        "".join(f"{name}@example.com {keys[name].read_text()}" for name in ("ada", "eve")),
    )
    commit_all(here.root, "signatures")
    run_git(here.root, "config", "commit.gpgsign", "true")
    return here


def signing(here: World, name: str) -> None:
    sign_with(here.root, str(here.root.parent / f"{name}.pub"), "ssh")


MAIL = STATED.replace("by: Ada", "by: ada@example.com")


def test_where_signatures_are_required_the_key_signs(required: World) -> None:
    signing(required, "ada")
    assert told(required, MAIL, "Forge <noreply@example.com>") == []
    assert proven(required).signer == "ada@example.com"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("eve", "and the key of eve@example.com signed that"),
        ("mallory", "is not signed as it has to be: No principal matched."),
    ],
)
def test_another_key_does_not_sign_for_somebody(name: str, words: str, required: World) -> None:
    signing(required, name)
    (line,) = told(required, MAIL)
    assert line.endswith(words)


def test_an_author_alone_is_no_signature_where_one_is_required(required: World) -> None:
    run_git(required.root, "config", "commit.gpgsign", "false")
    (line,) = told(required, MAIL)
    assert "is not signed as it has to be" in line


@pytest.mark.skipif(
    shutil.which("gpg") is None, reason="gpg is not installed: no test of its signatures"
)
def test_a_gpg_key_signs_by_name_or_address(
    required: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keyring() as ring:
        monkeypatch.setenv("GNUPGHOME", str(ring.home))
        sign_with(required.root, ring.make("ada"))
        assert told(required, STATED) == []
        assert told(required, MAIL) == []
        assert proven(required).signer == "ada <ada@example.com>"


def result(gate: str, outcome: Outcome, *, blocks: bool, value: float | None = 0.5) -> GateResult:
    return GateResult(
        id=gate, metric="roc_auc", rule="", outcome=outcome, blocks=blocks, candidate=value
    )


def verdict(*results: GateResult) -> Verdict:
    return Verdict(
        model="churn",
        metric="roc_auc",
        champion=None,
        outcome=VerdictOutcome.FIRST,
        reason="",
        results=results,
    )


def test_a_gate_says_what_its_worst_slice_says(here: World) -> None:
    told(here, GATE.replace("[better]", "[better, useful]"))
    found = keeping(
        here,
        here.config(),
        verdict(
            result("better", Outcome.PASS, blocks=False),
            result("better", Outcome.UNSURE, blocks=True),
            result("useful", Outcome.PASS, blocks=False, value=None),
        ),
        here.repo.head(),
    )
    assert ways(found[0]) == ("gate better: unsure", "gate useful: was not decided")


def test_a_statement_stands_with_its_proof(here: World) -> None:
    told(here, STATED)
    (found,) = keeping(here, here.config(), verdict(), here.repo.head())
    (way,) = ways(found)
    assert way.startswith("“Sales call, nobody is called by a machine.” Ada, owner, on 2026-11-01")
    assert way.endswith("names Ada as its author")


def test_a_test_keeps_a_principle_by_its_file() -> None:
    it = Principle(id="a", title="A", owner="b", tests=("tests/a.py",))
    assert ways(kept(it, Gates(), verdict())) == ("test tests/a.py",)
