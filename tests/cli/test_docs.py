"""One page for each command, with the help that the command prints. `--regold` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner

from pennon.cli import cli

ROOT = Path(__file__).parents[2]
CONTEXT = cli.make_context("pennon", ["--version"], resilient_parsing=True)
NAMES = cli.list_commands(CONTEXT)
BLOCK = re.compile(r"```console\n\$ (pennon [\w ]+--help)\n(.*?)```", re.DOTALL)


def helped(line: str) -> str:
    arguments = line.split()[1:]
    return CliRunner().invoke(cli, arguments, prog_name="pennon", terminal_width=88).output


def lines(name: str) -> list[str]:
    found = cli.get_command(CONTEXT, name)
    if isinstance(found, click.Group):
        return [f"pennon {name} {part} --help" for part in found.commands]
    return [f"pennon {name} --help"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_the_help_of_its_command(name: str, request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / f"{name}.md"
    text = page.read_text()
    if request.config.getoption("--regold"):
        text = BLOCK.sub(lambda m: f"```console\n$ {m[1]}\n{helped(m[1])}```", text)
        page.write_text(text)
    assert dict(BLOCK.findall(text)) == {line: helped(line) for line in lines(name)}


def targets(page: Path) -> list[str]:
    """The files that a page links to, as paths from its folder."""
    found = re.findall(r"\]\(((?!https?:)[\w./%-]+)(?:#[^)]*)?\)", page.read_text())
    return [unquote(target) for target in found]


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    assert [target for target in targets(page) if not (page.parent / target).exists()] == []


def test_the_readme_links_lead_somewhere() -> None:
    assert [target for target in targets(ROOT / "README.md") if not (ROOT / target).exists()] == []


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert [name for name in NAMES if f"docs/{name}.md" not in text] == []
