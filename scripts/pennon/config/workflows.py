"""Workflow files of GitHub as they are written: what each job may do, calls and reads. Pure.

Comments count here: the word behind a permission is its reason, the one behind a pin its version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import yaml

from pennon.config.parse import Loader, Problem, ProblemsError

FOLDER = ".github/workflows"

_USES = re.compile(r"^[ -]*uses:\s*([^\s@#]+)@(\S+)(?:\s+#\s*(\S+))?", re.MULTILINE)
_READS = re.compile(r"\b(secrets|vars)\.(\w+)")
_EVERYTHING = re.compile(r"^\s*secrets:\s*inherit\b", re.MULTILINE)

Node = yaml.Node | None


class Grant(msgspec.Struct, frozen=True):
    """What a job's token may do: `contents`, `write`, and why, if the file says so."""

    scope: str
    access: str
    why: str = ""


class Use(msgspec.Struct, frozen=True, order=True):
    """Code of others that runs: an action or a workflow, at a reference, with a version beside."""

    name: str
    reference: str
    version: str = ""

    @property
    def is_pinned(self) -> bool:
        return re.fullmatch(r"[0-9a-f]{40}", self.reference) is not None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. No `grants` at all: its token may what the repository's settings say."""

    file: str
    name: str
    starts: tuple[str, ...]
    grants: tuple[Grant, ...] | None
    calls: str = ""  # the reusable workflow, if it is one


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `secrets` has `(all)` where it hands on every one."""

    file: str
    jobs: tuple[Job, ...]
    uses: tuple[Use, ...]
    secrets: tuple[str, ...]
    variables: tuple[str, ...]


def workflow(text: str, file: str) -> Workflow:
    """Raises ProblemsError for what is no workflow."""
    try:
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise ProblemsError([Problem(file, "", f"not YAML: {error}")]) from None
    jobs = _entry(root, "jobs")
    if not isinstance(jobs, yaml.MappingNode):
        raise ProblemsError([Problem(file, "jobs", "required, but missing")])
    lines, starts = text.splitlines(), tuple(_names(_entry(root, "on")))
    given = _entry(root, "permissions")
    return Workflow(
        file=file,
        jobs=tuple(
            Job(
                file=file,
                name=name,
                starts=starts,
                grants=_grants(_entry(job, "permissions") or given, lines),
                calls=_text(_entry(job, "uses")),
            )
            for name, job in _pairs(jobs)
        ),
        uses=uses(text),
        secrets=_read(text, "secrets"),
        variables=_read(text, "vars"),
    )


def uses(text: str) -> tuple[Use, ...]:
    """Each once, by name; also of an action's file."""
    return tuple(sorted({Use(*found) for found in _USES.findall(text)}))


def _grants(node: Node, lines: list[str]) -> tuple[Grant, ...] | None:
    if node is None:
        return None
    if isinstance(node, yaml.MappingNode):
        return tuple(
            Grant(key.value, _text(value), lines[key.start_mark.line].partition(" # ")[2].strip())
            for key, value in node.value
        )
    said = _text(node)  # read-all, write-all
    return (Grant("everything", said.removesuffix("-all")),) if said else ()


def _read(text: str, kind: str) -> tuple[str, ...]:
    names = {name for found, name in _READS.findall(text) if found == kind}
    if kind == "secrets" and _EVERYTHING.search(text):
        names.add("(all)")
    return tuple(sorted(names))


def _entry(node: Node, name: str) -> Node:
    return dict(_pairs(node)).get(name)


def _pairs(node: Node) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value


def _names(node: Node) -> Iterator[str]:
    """Of `on`: one event, a list of them, or a mapping."""
    if isinstance(node, yaml.SequenceNode):
        yield from map(_text, node.value)
    elif isinstance(node, yaml.ScalarNode):
        yield _text(node)
    else:
        yield from (name for name, _ in _pairs(node))


def _text(node: Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
