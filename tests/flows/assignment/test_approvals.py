"""Promotions that people have to agree to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.config import Approvals
from pennon.errors import RefusedError
from pennon.flows.assignment.approvals import approvals
from pennon.flows.assignment.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.world import World
from pennon.forge import Merged, Review
from pennon.forge.local import LocalForge
from pennon.registry import assignments, read_model
from shop import MODEL, push, shop, write


def merged(*reviews: tuple[str, str]) -> Merged:
    said = tuple(Review(by=by, state=state, at="2026-11-21T12:00:00Z") for by, state in reviews)
    at = "2026-11-21T12:30:00Z"
    return Merged(number=7, title="deeper", by="ann", merged_by="ann", at=at, reviews=said)


def login(here: World, name: str) -> LocalForge:
    return LocalForge(here.root.parent / "forge", clock=here.now, login=name)


@pytest.mark.parametrize(
    ("reviews", "by", "agreed"),
    [
        ((("vera", "approved"),), (), ("vera",)),
        ((("vera", "approved"), ("vera", "commented")), (), ("vera",)),
        ((("vera", "approved"), ("vera", "changes_requested")), (), ()),
        ((("vera", "changes_requested"), ("vera", "approved")), (), ("vera",)),
        ((("vera", "approved"), ("vera", "dismissed")), (), ()),
        ((("ann", "approved"),), (), ()),  # her own pull request
        ((("Ann", "approved"),), ("ann",), ()),
        ((("bob", "approved"), ("Vera", "approved")), ("vera",), ("Vera",)),
    ],
)
def test_the_last_word_of_each_person_counts(
    reviews: tuple[tuple[str, str], ...], by: tuple[str, ...], agreed: tuple[str, ...]
) -> None:
    assert approvals(merged(*reviews), Approvals(by=by), "churn@v1.0.0") == agreed


def test_without_a_rule_nobody_is_asked() -> None:
    assert approvals(None, Approvals(), "churn@v1.0.0") == ()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "its commit came without a pull request"),
        (merged(), "2 approvals of its pull request #7, and has 0"),
        (merged(("vera", "approved")), "and has 1: vera"),
    ],
)
def test_too_few_are_refused_with_who_is_missing(found: Merged | None, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        approvals(found, Approvals(needed=2), "churn@v1.0.0")


def test_a_promotion_waits_for_the_validator_and_names_her(tmp_path: Path) -> None:
    here = shop(tmp_path / "world")
    text = (here.root / "gates.yaml").read_text()
    write(here.root, "gates.yaml", f"{text}\napprovals: {{needed: 1, by: [vera]}}\n")
    commit = push(here, "ask vera")
    ann = login(here, "ann")
    number = ann.open_pull(title="deeper", head=commit, base=commit, base_branch="main").number
    ann.merge_pull(number, commit, by="ann")
    register(here, Registration())
    with pytest.raises(RefusedError, match="one of vera has to approve it"):
        promote(here, Ask(model=MODEL))
    login(here, "vera").review_pull(number, "approved")
    promote(here, Ask(model=MODEL))
    state = read_model(here.repo, MODEL)
    (made,) = assignments([state.stages["champion"]]).values()
    assert made
    assert made.approvals == ("vera",)
