"""The forge's own rules: do they keep events where they are?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pennon.errors import ForgeError
from pennon.flows.upkeep.doctor import RULESET, doctor
from pennon.flows.upkeep.protection import unprotected
from pennon.forge import Ruleset
from pennon.forge.local import LocalForge
from shop import world
from worlds import Ledger, new_clone

ROOT = Path(__file__).parents[3]
OURS = json.loads((ROOT / "template" / "{{cookiecutter.repo_name}}" / RULESET).read_text())
REFS = OURS["conditions"]["ref_name"]


def ruleset(
    *include: str, exclude: tuple[str, ...] = (), rules: str = "update deletion"
) -> Ruleset:
    return Ruleset(name="r", include=include, exclude=exclude, rules=tuple(rules.split()))


BOTH = ("churn", "eu/de:churn")
ANY = "moved or edited or deleted"


@pytest.mark.parametrize(
    ("rulesets", "open_to"),
    [
        ([ruleset(*REFS["include"])], {}),
        ([ruleset("~ALL")], {}),
        ([ruleset("refs/tags/**/*@*"), ruleset("refs/tags/**/*#*")], {}),
        ([ruleset("refs/tags/**/*[@#]*")], {}),
        ([ruleset("~ALL", rules="update"), ruleset("~ALL", rules="deletion")], {}),
        ([], dict.fromkeys(BOTH, ANY)),
        ([ruleset("refs/heads/**/*")], dict.fromkeys(BOTH, ANY)),
        ([ruleset("refs/tags/*[@#]*")], {"eu/de:churn": ANY}),
        ([ruleset("refs/tags/churn?*")], {"eu/de:churn": ANY}),
        ([ruleset("~ALL", exclude=("refs/tags/eu/*",))], {"eu/de:churn": ANY}),
        ([ruleset("refs/tags/**/*@*")], dict.fromkeys(BOTH, ANY)),
        ([ruleset("~ALL", rules="update")], dict.fromkeys(BOTH, "deleted")),
        ([ruleset("~ALL", rules="deletion")], dict.fromkeys(BOTH, "moved or edited")),
    ],
)
def test_rules_and_patterns_decide_together(
    rulesets: list[Ruleset], open_to: dict[str, str]
) -> None:
    assert dict(unprotected(BOTH, rulesets)) == open_to


class Ruled(LocalForge):
    """With rules: a directory cannot have them, and no emulator of GitHub keeps any."""

    said: list[Ruleset] | ForgeError

    def rulesets(self) -> list[Ruleset]:
        if isinstance(self.said, ForgeError):
            raise self.said
        return self.said


@pytest.mark.parametrize(
    ("said", "codes", "heard"),
    [
        ([], ["unprotected"], []),
        ([ruleset(*REFS["include"])], [], []),
        (ForgeError("no token"), [], ["the forge's rules were not looked at: no token"]),
    ],
)
def test_doctor_asks_the_forge(
    tmp_path: Path, said: list[Ruleset] | ForgeError, codes: list[str], heard: list[str]
) -> None:
    clone = new_clone(tmp_path)
    Ledger(clone).register("v1.0.0")
    here = world(clone)
    forge = Ruled(tmp_path / "forge", clock=here.now)
    forge.said = said
    told: list[str] = []
    found = doctor(replace(here, open_forge=lambda: forge, say=told.append))
    assert ([it.code for it in found], told) == (codes, heard)


def test_a_registry_of_nothing_needs_no_rules(tmp_path: Path) -> None:
    here = world(new_clone(tmp_path))
    assert doctor(here) == []
