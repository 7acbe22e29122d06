"""pennon repo: what it says and does, whatever keeps the settings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from light import Light
from memory import configure
from pennon.cli import cli
from pennon.errors import ConfigError, ForgeError
from pennon.flows.check import check
from pennon.flows.repo import repo
from pennon.forge import Definition, Hosting, Label, Protection, Settings, Variable
from pennon.forge.local import LocalForge
from shop import world

RULESET = {
    "name": "tags stay",
    "target": "tag",
    "enforcement": "active",
    "rules": [{"type": "update"}, {"type": "deletion"}],
}
SHEET = """\
labels: {incident: {color: "b60205"}}
variables: {PENNON_HEALTH: report}
"""


@dataclass
class Kept:
    """Settings in memory: a directory has none, and on GitHub they are in tests/forge."""

    plan: str = "team"
    rules: dict[str, Definition] = field(default_factory=dict)
    stickers: dict[str, Label] = field(default_factory=dict)
    values: dict[str, Variable] = field(default_factory=dict)
    places: dict[str, Protection] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    broken: str = ""

    def hosting(self) -> Hosting:
        return Hosting(private=True, plan=self.plan)

    def rulesets(self) -> dict[str, Definition]:
        return dict(self.rules)

    def set_ruleset(self, wanted: Definition) -> None:
        self._write(self.rules, wanted)

    def labels(self) -> dict[str, Label]:
        return dict(self.stickers)

    def set_label(self, wanted: Label) -> None:
        self._write(self.stickers, wanted)

    def variables(self) -> dict[str, Variable]:
        return dict(self.values)

    def set_variable(self, wanted: Variable) -> None:
        self._write(self.values, wanted)

    def environments(self) -> dict[str, Protection]:
        return dict(self.places)

    def protect(self, wanted: Protection) -> None:
        self._write(self.places, wanted)

    def _write(self, kept: dict[str, Any], wanted: Any) -> None:  # noqa: ANN401  any of the four
        if wanted.name == self.broken:
            raise ForgeError(f"no answer for {wanted.name}")
        self.written.append(wanted.name)
        kept[wanted.name] = wanted


class WithSettings(LocalForge):
    """A directory that keeps settings, as GitHub does."""

    kept: Settings | None = None

    @property
    def settings(self) -> Settings | None:
        return self.kept


@pytest.fixture
def light(tmp_path: Path) -> Light:
    Light.make(tmp_path)
    found = Light(tmp_path)
    configure(found, {"staging": {}})
    write(found, "repository.yml", SHEET)
    write(found, "rulesets/tags.json", json.dumps(RULESET))
    return found


@pytest.fixture
def kept(light: Light, tmp_path: Path) -> Kept:
    """What the forge of the light repository keeps."""
    forge = WithSettings(tmp_path / "forge", clock=light.world.now)
    forge.kept = found = Kept()
    light.world = replace(light.world, open_forge=lambda: forge)
    return found


@pytest.fixture
def pennon(light: Light, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`pennon("repo", "plan")` there, as somebody types it."""
    assert light.world.forge.settings is kept
    monkeypatch.setattr("pennon.cli.repo.world", lambda: light.world)
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def write(light: Light, name: str, text: str) -> None:
    file = light.world.root / ".github" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_each_difference_is_a_line_and_the_second_time_there_is_none(
    pennon: Callable[..., Result], kept: Kept
) -> None:
    lines = [
        "would change label 'incident': missing → b60205",
        "would change variable 'PENNON_HEALTH': missing → report",
        "would change environment 'staging': missing → made",
        "would change ruleset 'tags stay': missing → active: deletion, update",
    ]
    table = ["OF          RULE       IS        BY", "repository  tags stay  enforced  GitHub"]
    assert pennon("repo", "plan").stdout.splitlines() == [*lines, *table]
    assert kept.written == []
    changed = [line.replace("would change", "changed") for line in lines]
    assert pennon("repo", "apply").stdout.splitlines() == [*changed, *table]
    assert pennon("repo", "apply").stdout.splitlines() == ["nothing differs", *table]
    assert len(kept.written) == 4


def test_a_drifted_ruleset_says_from_what_to_what(
    pennon: Callable[..., Result], kept: Kept
) -> None:
    pennon("repo", "apply")
    kept.rules["tags stay"] = Definition(
        name="tags stay", said={**RULESET, "rules": [{"type": "deletion"}]}
    )
    line = "would change ruleset 'tags stay': rules: deletion → deletion, update"
    assert pennon("repo", "plan").stdout.splitlines()[0] == line


def test_what_is_left_alone_is_a_line_for_each_kind(
    pennon: Callable[..., Result], kept: Kept
) -> None:
    pennon("repo", "apply")
    for name in ("bug", "help wanted"):
        kept.stickers[name] = Label(name=name, color="ededed")
    kept.places["qa"] = Protection(name="qa")
    assert pennon("repo", "plan").stdout.splitlines()[:3] == [
        "nothing differs",
        "left alone, in no file: label 'bug', 'help wanted'",
        "left alone, in no file: environment 'qa'",
    ]


def test_programs_get_the_same_facts(pennon: Callable[..., Result]) -> None:
    found = json.loads(pennon("repo", "plan", "--json").stdout)
    assert found["changes"][0] == {
        "kind": "label",
        "name": "incident",
        "what": "missing → b60205",
    }
    assert found["rules"][0]["of"] == "repository"


def test_an_apply_that_was_cut_short_goes_on_where_it_ended(light: Light, kept: Kept) -> None:
    kept.broken = "staging"
    with pytest.raises(ForgeError):
        repo(light.world, apply=True)
    kept.broken = ""
    repo(light.world, apply=True)
    assert kept.written == ["incident", "PENNON_HEALTH", "staging", "tags stay"]


def test_the_mistakes_of_all_files_are_told_before_anything_is_asked(
    light: Light, kept: Kept
) -> None:
    write(light, "repository.yml", "labels: {a: {color: red}}\nvariables: {A: 1}\n")
    write(light, "rulesets/tags.json", "{")
    configure(light, {"staging": {"port": "high"}})
    with pytest.raises(ConfigError) as caught:
        repo(light.world, apply=True)
    told = [line.split(": ")[:2] for line in caught.value.what.splitlines()[1:]]
    assert told == [
        ["  .github/repository.yml", "labels.a.color"],
        ["  .github/repository.yml", "variables.A"],
        ["  .github/rulesets/tags.json", "line 1, column 2"],
        ["  pennon.yaml", "environments.staging.port"],
    ]
    assert kept.written == []


def test_a_repository_without_such_files_has_environments_alone(light: Light, kept: Kept) -> None:
    for name in ("repository.yml", "rulesets/tags.json"):
        (light.world.root / ".github" / name).unlink()
    repo(light.world, apply=True)
    assert kept.written == ["staging"]


def test_a_directory_keeps_no_settings(light: Light) -> None:
    with pytest.raises(ForgeError, match="keeps no settings: no environments, rulesets, labels"):
        repo(light.world)


def test_check_tells_the_mistakes_too(challenged: Path, tmp_path: Path) -> None:
    shutil.copytree(challenged, tmp_path / "desk")
    here = world(tmp_path / "desk" / "work")
    (here.root / ".github").mkdir()
    (here.root / ".github" / "repository.yml").write_text("labels: {a: {color: red}}\n")
    with pytest.raises(ConfigError, match=r"\.github/repository\.yml: labels\.a\.color"):
        check(here)
