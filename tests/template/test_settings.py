"""The settings that a new repository brings as files: they are read, and they protect it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.config.settings import RULESETS, SETTINGS, RepositorySettings, read_settings
from pennon.flows.new import bake
from pennon.flows.review import FULL_LABEL
from pennon.flows.security import read_workflows
from pennon.flows.upkeep.protection import unprotected
from pennon.flows.upkeep.settings import read_files
from pennon.forge import Ruleset


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake(tmp_path_factory.mktemp("settings") / "flights", {})


@pytest.fixture(scope="module")
def settings(baked: Path) -> RepositorySettings:
    return read_files(baked)


@pytest.fixture(scope="module")
def whole(baked: Path) -> RepositorySettings:
    """With every comment that is an example, taken as it stands."""
    lines = (baked / SETTINGS).read_text().splitlines()
    shown = [
        line.replace("# ", "", 1) if "# PENNON_" in line or '# "' in line else line
        for line in lines
    ]
    return read_settings({SETTINGS: "\n".join(shown).encode()})


def ruleset(settings: RepositorySettings, target: str) -> Ruleset:
    """The only one for branches, or for tags."""
    (it,) = (it for it in settings.rulesets.values() if it["target"] == target)
    assert (it["enforcement"], it["bypass_actors"]) == ("active", [])
    refs = it["conditions"]["ref_name"]
    return Ruleset(
        name=it["name"],
        include=tuple(refs["include"]),
        exclude=tuple(refs["exclude"]),
        rules=tuple(rule["type"] for rule in it["rules"]),
    )


def test_its_files_of_settings_are_read(settings: RepositorySettings, baked: Path) -> None:
    assert len(settings.rulesets) == len(list((baked / RULESETS).iterdir())) == 2
    assert settings.variables == {}


def test_its_rule_for_tags_keeps_the_registry_append_only(settings: RepositorySettings) -> None:
    rules = [ruleset(settings, "tag")]
    assert list(unprotected(["delay", "eu/de:delay"], rules)) == []


def test_its_rule_for_branches_asks_owners_before_the_default_branch_changes(
    settings: RepositorySettings,
) -> None:
    found = ruleset(settings, "branch")
    assert (found.include, found.exclude) == (("~DEFAULT_BRANCH",), ())
    assert set(found.rules) == {"deletion", "non_fast_forward", "pull_request"}
    (rules,) = (it["rules"] for it in settings.rulesets.values() if it["target"] == "branch")
    (asked,) = (it["parameters"] for it in rules if it["type"] == "pull_request")
    # Without an approval that is needed GitHub asks no owner either.
    assert asked["require_code_owner_review"]
    assert asked["required_approving_review_count"] == 1


def test_every_label_that_pennon_gives_a_meaning_to_is_there(
    settings: RepositorySettings,
) -> None:
    assert set(settings.labels or {}) == {FULL_LABEL, "incident"}


def test_every_variable_that_its_workflows_read_is_shown(
    baked: Path, whole: RepositorySettings
) -> None:
    read = {name for it in read_workflows(baked) for name in it.variables}
    assert set(whole.variables or {}) == read


def test_the_label_that_its_comment_shows_is_one(whole: RepositorySettings) -> None:
    assert "compliance:approved" in (whole.labels or {})
