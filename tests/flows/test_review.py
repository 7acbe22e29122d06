"""A review from the event to the comment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pennon.errors import DataError, RefusedError, TrainingError
from pennon.flows.review import Ask, Reviewed, outcome, review
from pennon.flows.world import World
from pennon.forge import Pull
from pennon.report import Kind
from shop import improve, push, world, write
from worlds import run_git


def pull_of(here: World) -> Pull:
    return here.forge.open_pull(  # type: ignore[attr-defined,no-any-return]  # the local forge's
        title="a change",
        head=here.repo.head(),
        base=here.repo.commit("origin/main"),
        base_branch="main",
    )


def reviewed(here: World, **ask: object) -> Reviewed:
    (found,) = review(here, Ask(**ask))  # type: ignore[arg-type]  # by the test
    return found


def test_a_better_model_is_ready_to_promote(branch: World) -> None:
    improve(branch)
    pull = pull_of(branch)
    found = reviewed(branch, pull=pull.number)
    (comment,) = branch.forge.comments(pull.number)
    assert found.kind is Kind.BETTER
    assert "ready to promote" in comment.body
    assert outcome([found]) is None


def test_a_second_review_edits_the_one_comment(branch: World) -> None:
    improve(branch)
    pull = pull_of(branch)
    reviewed(branch, pull=pull.number)
    write(branch.root, "data/customers.csv", "id,age\n1,2\n")
    push(branch, "broken")
    reviewed(branch, pull=pull.number)
    (comment,) = branch.forge.comments(pull.number)
    assert "nothing was trained" in comment.body
    assert "The last report with numbers" in comment.body


def test_without_a_pull_request_nothing_is_written(branch: World) -> None:
    improve(branch)
    found = reviewed(branch)
    assert "ready to promote" in found.report
    assert not (branch.root.parent / "forge" / "comments").exists()


def test_a_change_that_no_training_reads_is_not_trained(branch: World) -> None:
    write(branch.root, "NOTES.md", "words\n")
    push(branch, "notes")
    found = reviewed(branch)
    assert (found.kind, outcome([found])) == (Kind.NOTHING_CHANGED, None)


def test_the_gates_of_the_base_decide_and_the_change_is_shown(branch: World) -> None:
    improve(branch)
    gates = (branch.root / "gates.yaml").read_text()
    write(branch.root, "gates.yaml", gates + "  - {id: strict, metric: roc_auc, min: 0.999}\n")
    push(branch, "and stricter gates")
    found = reviewed(branch)
    assert found.kind is Kind.BETTER
    assert "strict" in found.report


def test_a_worse_model_fails_the_review(branch: World) -> None:
    bad = (branch.root / "src/shop/features.py").read_text()
    write(branch.root, "src/shop/features.py", bad + "    # nothing\n")
    write(
        branch.root,
        "src/shop/features.py",
        "def build(customers):\n    return customers[['age', 'spend']].assign(age=0.0)\n",
    )
    push(branch, "lose the age")
    found = reviewed(branch)
    assert found.kind is Kind.WORSE
    assert isinstance(outcome([found]), RefusedError)


def test_broken_data_stops_before_training(branch: World) -> None:
    file = branch.root / "data" / "customers.csv"
    file.write_text(file.read_text().replace(",DE,", ",XX,"))
    push(branch, "a refresh")
    found = reviewed(branch)
    assert found.kind is Kind.DATA_BROKEN
    assert "not-among" in found.report
    assert isinstance(outcome([found]), DataError)


def test_a_training_that_fails_shows_the_end_of_its_log(branch: World) -> None:
    write(branch.root, "src/shop/model.py", "def build(params):\n    return params['depth']\n")
    push(branch, "a slip")
    found = reviewed(branch)
    assert found.kind is Kind.TRAINING_FAILED
    assert "KeyError at model.py:2" in found.failure
    assert isinstance(outcome([found]), TrainingError)


def test_a_champion_that_cannot_be_loaded_is_said_and_never_replaced_by_numbers(
    branch: World,
) -> None:
    improve(branch)
    file = next((branch.root.parent / "forge" / "releases").glob("*/assets/model.skops"))
    shutil.rmtree(branch.workshop / "bundles", ignore_errors=True)
    file.write_bytes(b"not a model")
    found = reviewed(branch, data="full")
    assert found.kind is Kind.CHAMPION_UNSCORED
    assert "the champion could not be scored" in found.report


def test_on_a_sample_the_champion_is_its_recipe_and_its_artifact_is_not_needed(
    branch: World,
) -> None:
    improve(branch)
    shutil.rmtree(branch.workshop / "bundles", ignore_errors=True)
    shutil.rmtree(branch.root.parent / "forge" / "releases")
    assert reviewed(branch).kind is Kind.BETTER


def test_the_same_recipe_as_the_champion_is_compared_with_itself(branch: World) -> None:
    run_git(branch.root, "switch", "--quiet", "main")
    assert reviewed(branch).kind is Kind.SAME


def test_the_label_asks_for_all_rows(branch: World, tmp_path: Path) -> None:
    improve(branch)
    pull = pull_of(branch)
    event = {
        "pull_request": {
            "number": pull.number,
            "head": {"sha": pull.head, "repo": {"full_name": "a/b"}},
            "base": {"sha": pull.base, "ref": "main", "repo": {"full_name": "a/b"}},
            "labels": [{"name": "train:full"}],
        }
    }
    (tmp_path / "event.json").write_text(json.dumps(event))
    facts = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    here = world(branch.root, **facts)
    assert "Trained on a sample" in reviewed(branch).report
    assert "Trained on a sample" not in reviewed(here).report
