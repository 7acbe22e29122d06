"""The security pack (docs/security.md): what runs with which rights, read from the workflows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pennon import __version__
from pennon.config import Project, Signatures
from pennon.config.workflows import Grant, Job, Use, Workflow
from pennon.report.markdown import Markdown, code, prose
from pennon.report.view import View

MARK = "<!-- Written by `pennon security`: edit workflows or pennon.yaml, then run it again. -->"
"""The first line: a page without it is somebody's own."""


class JobRow(View, frozen=True, kw_only=True):
    """One job, in Markdown."""

    workflow: Markdown
    name: Markdown
    starts: Markdown
    grants: Markdown


class PinRow(View, frozen=True, kw_only=True):
    """Foreign code, and whose it is."""

    use: Use
    by: Markdown


class PlaceRow(View, frozen=True, kw_only=True):
    name: str
    target: str
    stage: str
    address: str


class Facts(View, frozen=True, kw_only=True):
    """What the repository itself says. `read` is each variable and the workflows that read it."""

    jobs: tuple[JobRow, ...]
    uses: tuple[PinRow, ...]
    secrets: tuple[tuple[str, Markdown], ...]
    variables: tuple[tuple[str, Markdown], ...]
    places: tuple[PlaceRow, ...]
    store: str
    signed: bool
    writers: tuple[str, ...]


Inside = Mapping[Use, Sequence[str]]
"""What pennon's own workflows run of others -> the workflows that lead there."""


def facts(workflows: Iterable[Workflow], project: Project) -> str:
    """The part of the page that has to be true at any time; the same for the same files."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    return render_markdown("security/facts.md.j2", view=_facts(list(workflows), project))


def security(workflows: Sequence[Workflow], project: Project, inside: Inside) -> str:
    """The whole page."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    return render_markdown(
        "security/page.md.j2",
        mark=MARK,
        facts=facts(workflows, project),
        inside=tuple(PinRow(use=use, by=_codes(by)) for use, by in sorted(inside.items())),
        pennon=__version__,
    )


def _facts(workflows: Sequence[Workflow], project: Project) -> Facts:
    return Facts(
        jobs=tuple(_job(job) for it in workflows for job in it.jobs),
        uses=tuple(
            PinRow(use=use, by=_codes(it.file for it in workflows if use in it.uses))
            for use in sorted({use for it in workflows for use in it.uses})
        ),
        secrets=_read({it.file: it.secrets for it in workflows}),
        variables=_read({it.file: it.variables for it in workflows}),
        places=tuple(
            PlaceRow(name=name, target=it.target, stage=it.stage, address=it.url)
            for name, it in project.environments.items()
        ),
        store=project.registry.store,
        signed=project.registry.signatures is Signatures.REQUIRED,
        writers=project.registry.writers,
    )


def _job(it: Job) -> JobRow:
    return JobRow(
        workflow=code(it.file),
        name=code(it.name),
        starts=_codes(it.starts),
        grants=_grants(it.grants),
    )


def _grants(grants: tuple[Grant, ...] | None) -> Markdown:
    if grants is None:
        return Markdown("**what the repository's settings say**")
    told = [f"{code(f'{it.scope}: {it.access}')} {prose(it.why)}".rstrip() for it in grants]
    return Markdown("<br>".join(told) or "nothing")


def _read(read: Mapping[str, Iterable[str]]) -> tuple[tuple[str, Markdown], ...]:
    names = sorted({name for found in read.values() for name in found})
    return tuple((it, _codes(file for file, found in read.items() if it in found)) for it in names)


def _codes(names: Iterable[str]) -> Markdown:
    return Markdown(", ".join(map(code, names)))
