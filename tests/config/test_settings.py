"""The files of a repository's settings: what is read, and every mistake in one go."""

from __future__ import annotations

import json

import pytest

from pennon.config import ProblemsError
from pennon.config.settings import RULESETS, SETTINGS, Label, RepositorySettings, read_settings

SOUND = {"name": "r", "enforcement": "active", "rules": [{"type": "deletion"}]}


def problems(**files: str) -> list[str]:
    names = {"sheet": SETTINGS} | {it: f"{RULESETS}/{it}.json" for it in files if it != "sheet"}
    with pytest.raises(ProblemsError) as caught:
        read_settings({names[it]: text.encode() for it, text in files.items()})
    return [str(it).removeprefix(".github/") for it in caught.value.problems]


def test_a_sheet_says_what_it_speaks_of() -> None:
    text = b'labels: {bug: {color: "ABCdef"}}\nvariables:\n'
    found = read_settings({SETTINGS: text})
    assert found == RepositorySettings({}, {"bug": Label(color="ABCdef")}, {})


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_sheet_speaks_of_nothing(text: str) -> None:
    assert read_settings({SETTINGS: text.encode()}) == RepositorySettings({})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("labels: {a: {color: 123456}}", "labels.a.color: expected `str`, got `int`"),
        ("labels: {a: {color: red}}", "labels.a.color: expected `str` matching regex"),
        ("labels: {a: {}}", "labels.a.color: required, but missing"),
        (f"labels: {{a: {{color: aaaaaa, description: {'x' * 101}}}}}", "labels.a.description: "),
        ("labels: {a: {color: aaaaaa}, A: {color: aaaaaa}}", "labels.A: is 'a' in other letters"),
        ("labels: [a]", "labels: expected `object | null`, got `array`"),
        ("variables: {A: true}", "variables.A: expected `str`, got `bool`"),
        ("variables: {A: ''}", "variables.A: expected `str` of length >= 1"),
        ("variables: {A: x, a: y}", "variables.a: is 'A' in other letters"),
        ("variables: {1A: x}", "variables.1A: letters, digits and _ make a name"),
        ("variables: {GITHUB_A: x}", "variables.GITHUB_A: letters, digits and _ make a name"),
        ("topics: []", "topics: unknown key (known: labels, variables)"),
        ("[]", "expected `object`, got `array`"),
        ("a: b: c", "line 1, column 5: not YAML"),
    ],
)
def test_a_mistake_in_the_sheet_is_told_with_its_place(text: str, problem: str) -> None:
    (found,) = problems(sheet=text)
    assert found.startswith(f"repository.yml: {problem}")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"enforcement": "on"}, "enforcement: invalid enum value 'on'"),
        ({"target": "tags"}, "target: invalid enum value 'tags'"),
        ({"rules": [{}]}, "rules[0].type: required, but missing"),
        ({"rules": [{"type": "a", "parameter": {}}]}, "rules[0].parameter: unknown key"),
        ({"conditions": {"ref_name": {}}}, "conditions.ref_name.include: required, but missing"),
        (
            {"bypass_actors": [{"actor_id": "5"}]},
            "bypass_actors[0].actor_id: expected `int | null`",
        ),
        ({"enforcment": "active"}, "enforcment: unknown key"),
    ],
)
def test_a_mistake_in_a_ruleset_is_told_with_its_place(
    more: dict[str, object], problem: str
) -> None:
    found = problems(main=json.dumps(SOUND | more))
    assert found[0].startswith(f"rulesets/main.json: {problem}")


def test_what_is_no_json_is_told_with_its_place() -> None:
    assert problems(a='{"name": }', b="[]") == [
        "rulesets/a.json: line 1, column 10: not JSON: Expecting value",
        "rulesets/b.json: expected `object`, got `array`",
    ]


def test_what_github_adds_to_an_export_is_no_setting() -> None:
    export = SOUND | {"id": 7, "source_type": "Repository", "source": "acme/shop"}
    found = read_settings({f"{RULESETS}/r.json": json.dumps(export).encode()})
    assert found.rulesets == {"r": SOUND}


def test_two_rulesets_of_one_name_are_refused() -> None:
    text = json.dumps(SOUND)
    assert problems(a=text, b=text) == [
        "rulesets/b.json: name: 'r' is the name of .github/rulesets/a.json, too"
    ]


def test_the_mistakes_of_all_files_are_told_at_once() -> None:
    assert len(problems(sheet="labels: 1\nvariables: 2", a="x", b="{}")) == 6


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(ProblemsError, match=r"repository\.yml: not UTF-8: byte 2"):
        read_settings({SETTINGS: b"a:\xff"})
