"""What a review leaves behind, and a fork's whole way from its run to the comment."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import pytest

from pennon.flows.comment import ARTIFACT, comment
from pennon.flows.comment import Ask as Second
from pennon.flows.review import Ask, Reviewed, review
from pennon.flows.world import World
from pennon.report import Kind
from shop import MODEL, improve, push, world, write
from worlds import run_git

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
RUN = 77


def in_a_fork(here: World, **sender: str) -> tuple[World, int]:
    """The same in the job of a fork's pull request, and the number of that."""
    ends = {"head": here.repo.head(), "base": here.repo.commit("origin/main")}
    pull = here.forge.open_pull(  # type: ignore[attr-defined]  # the local forge's
        title="a change", base_branch="main", from_fork=not sender, **ends
    )
    theirs = "acme/shop" if sender else "mallory/shop"
    event = {
        "sender": sender,
        "pull_request": {
            "number": pull.number,
            "head": {"sha": pull.head, "repo": {"full_name": theirs}},
            "base": {"sha": pull.base, "ref": "main", "repo": {"full_name": "acme/shop"}},
        },
    }
    file = here.root.parent / "event.json"
    file.write_text(json.dumps(event))
    facts = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_RUN_ID": str(RUN),
        "GITHUB_STEP_SUMMARY": str(here.root.parent / "summary.md"),
    }
    return world(here.root, **facts), pull.number


def reviewed(here: World) -> Reviewed:
    (found,) = review(here, Ask())
    return found


def left(here: World, name: str) -> Any:  # noqa: ANN401  any JSON
    """A file of the run, held to its published schema."""
    found = json.loads((here.workshop / "runs" / MODEL / f"{name}.json").read_bytes())
    jsonschema.validate(found, json.loads((SCHEMAS / f"{name}.json").read_text()))
    return found


def lose_the_age(here: World) -> None:
    code = "def build(customers):\n    return customers[['age', 'spend']].assign(age=0.0)\n"
    write(here.root, "src/shop/features.py", code)
    push(here, "lose the age")


def test_a_review_leaves_its_verdict_for_programs(branch: World) -> None:
    improve(branch)
    reviewed(branch)
    found = left(branch, "verdict")
    assert (found["kind"], found["outcome"], found["passed"]) == ("better", "pass", True)
    assert (found["head"], found["champion"]) == (branch.repo.head(), "v1.0.0")
    assert found["metric"]["metric"] == "roc_auc"
    assert [it["id"] for it in found["gates"]] == ["useful", "better"]
    assert left(branch, "review")["measured"]["evaluation"]["model"] == MODEL


def test_a_review_that_measured_nothing_leaves_the_reason(branch: World) -> None:
    file = branch.root / "data" / "customers.csv"
    file.write_text(file.read_text().replace(",DE,", ",XX,"))
    push(branch, "a refresh")
    reviewed(branch)
    assert left(branch, "review")["stop"]["findings"][0]["code"] == "not-among"
    found = left(branch, "verdict")
    assert (found["kind"], found["outcome"], found["passed"]) == ("data_broken", None, False)


def test_a_dry_run_leaves_nothing(branch: World) -> None:
    write(branch.root, "NOTES.md", "words\n")
    push(branch, "notes")
    review(branch, Ask(), dry_run=True)
    assert not list((branch.workshop / "runs").glob("*/review.json"))


def test_a_gate_in_the_way_is_marked_on_its_line(branch: World) -> None:
    lose_the_age(branch)
    here, _ = in_a_fork(branch)
    reviewed(here)
    stream = here.runner.stream
    assert isinstance(stream, io.StringIO)
    marks = [it for it in stream.getvalue().splitlines() if it.startswith("::error")]
    assert any("file=gates.yaml,line=6::churn: gate better fails" in it for it in marks), marks


@pytest.mark.parametrize("sender", [{}, {"login": "dependabot[bot]"}])
def test_a_run_that_cannot_write_says_so_and_does_not_try(
    branch: World, sender: dict[str, str]
) -> None:
    improve(branch)
    said: list[str] = []
    here, pull = in_a_fork(branch, **sender)
    found = reviewed(replace(here, say=said.append))
    assert found.kind is Kind.BETTER
    assert here.forge.comments(pull) == []
    assert sum("cannot comment" in it for it in said) == 1
    assert "ready to promote" in (here.root.parent / "summary.md").read_text()
    assert left(here, "review")["run"] == RUN


@pytest.mark.parametrize(("change", "kind"), [(improve, Kind.BETTER), (lose_the_age, Kind.WORSE)])
def test_a_fork_is_told_what_its_run_has_found(
    branch: World,
    change: Any,  # noqa: ANN401  one of two functions
    kind: Kind,
) -> None:
    """Nothing that a true review writes may be called impossible by the second step."""
    change(branch)
    first, pull = in_a_fork(branch)
    once = reviewed(first)
    first.forge.keep_artifact(RUN, ARTIFACT, packed(first.workshop / "runs"))  # type: ignore[attr-defined]  # the local forge's
    run_git(branch.root, "switch", "--quiet", "main")
    (twice,) = comment(world(branch.root), Second(run=RUN, head=left(first, "review")["head"]))
    (body,) = branch.forge.comments(pull)
    assert (once.kind, twice.kind) == (kind, kind)
    assert table(body.body) == table(once.report)


def packed(folder: Path) -> bytes:
    """As the step of the workflow uploads it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return file.getvalue()


def table(report: str) -> list[str]:
    """The heading and the rows of metrics and gates."""
    head = report.partition("<details>")[0].splitlines()
    return [line for line in head if line.startswith(("## ", "| "))]
