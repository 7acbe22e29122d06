"""use-case.yaml and roles.yaml: what people say in a model card, and what they have left out."""

from __future__ import annotations

import pytest

from pennon.config import Project, read
from pennon.config.intake import Intake, gaps, read_intake
from pennon.errors import ConfigError

USE_CASE = """
name: Flights
business_owner: "@acme/flights"
consumption: api
sensitivity: internal
use: To warn.
out_of_scope: Other airports.
risks: None of weight.
models:
  minutes: {use: To estimate.}
"""
ROLES = 'roles: {validator: {who: ["@acme/a", "@acme/b"], duties: [decides]}, owner: {who: "@x"}}'
MODEL = "{task: regression, dataset: d, target: y, metric: r2, command: [x]}"
PROJECT = read(f"kit: 1\nmodels: {{delay: {MODEL}, minutes: {MODEL}}}", Project, "pennon.yaml")


def intake(use_case: str = USE_CASE, roles: str = ROLES) -> Intake:
    return read_intake({"use-case.yaml": use_case, "roles.yaml": roles}.get)


def problems(use_case: str) -> list[str]:
    return [str(found) for found in gaps(intake(use_case), PROJECT)]


def test_a_model_has_the_answers_of_all_but_for_its_own() -> None:
    found = intake()
    assert found.answers("delay").use == "To warn."
    assert found.answers("minutes").use == "To estimate."
    assert found.answers("minutes").risks == "None of weight."


def test_one_or_several_hold_a_role() -> None:
    assert [role.people for role in intake().roles.values()] == [("@acme/a", "@acme/b"), ("@x",)]


def test_a_whole_intake_has_no_gap() -> None:
    assert problems(USE_CASE) == []


@pytest.mark.parametrize("key", ["use", "out_of_scope", "risks"])
def test_an_answer_that_a_card_needs_is_asked_for(key: str) -> None:
    (line,) = problems(USE_CASE.replace(f"\n{key}: ", f"\n{key}: ' ' # "))
    who = "delay" if key == "use" else "delay, minutes"
    said = f"the model card of {who} needs it, and nobody has said it"
    assert line == f"use-case.yaml: {key}: {said}"


def test_answers_of_a_model_that_is_not_there_are_told() -> None:
    (line,) = problems(USE_CASE.replace("minutes:", "minuets:"))
    assert line == "use-case.yaml: models.minuets: no model of this name in pennon.yaml"


def test_no_file_at_all_is_a_gap() -> None:
    (found,) = gaps(read_intake(lambda _: None), PROJECT)
    assert str(found).startswith("use-case.yaml: missing")


def test_problems_of_both_files_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        intake(USE_CASE.replace("name:", "title:"), "roles: {a: {duties: [x]}}")
    told = caught.value.what
    assert "use-case.yaml: name: required, but missing" in told
    assert "use-case.yaml: title: unknown key" in told
    assert "roles.yaml: roles.a.who: required, but missing" in told
