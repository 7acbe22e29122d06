"""How `pennon audit MODEL@VERSION` looks: aligned text, a part for each question of an audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from pennon.cli.output import many, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pennon.evaluation import Verdict
    from pennon.flows.dossier import AtForge, Dossier
    from pennon.registry import Manifest
    from pennon.registry.audit import Alarm

_WIDTH = 14


def page(it: Dossier) -> str:
    """Who made it, of what, how good it is, who let it go where, and what is wrong."""
    parts = [_head(it), _made_of(it.manifest), _measured(it.manifest), _gates(it.forge)]
    parts += [_principles(it.forge), _events(it), _deployments(it.forge), _checks(it)]
    return "\n\n".join(part for part in parts if part)


def findings(alarms: Iterable[Alarm]) -> str:
    rows = [(alarm.code, alarm.tag, alarm.what, alarm.fix) for alarm in alarms]
    return table(("FINDING", "TAG", "WHAT", "WAY OUT"), rows)


def _lines(facts: Iterable[tuple[str, str]]) -> str:
    told = [f"{click.style(name.ljust(_WIDTH), bold=True)} {fact}" for name, fact in facts if fact]
    return "\n".join(told)


def _head(it: Dossier) -> str:
    made = it.registered
    tagger = f", written by {made.tagger}" if made.tagger != made.by else ""
    held = f"is {' and '.join(it.stages)}" if it.stages else "holds no stage"
    facts = [
        ("version", f"{it.model}@{it.version}"),
        ("status", "retired" if it.retired else f"registered, {held}"),
        ("registered", f"{made.at} by {made.by}{tagger}"),
        ("tag", f"{made.tag} ({made.oid})"),
        ("why", made.why),
        ("commit", made.commit),
        *_came_by(it),
    ]
    return _lines(facts)


def _came_by(it: Dossier) -> Iterator[tuple[str, str]]:
    """The pull request, as the forge has it, or the number in the manifest."""
    pull = it.forge.pull if it.forge else None
    if pull:
        yield "pull request", f"#{pull.number} by {pull.by}: {pull.title}"
        yield "merged", f"{pull.at} by {pull.merged_by}"
        said = [f"{review.by} {review.state} ({review.at})" for review in pull.reviews]
        yield "reviews", ", ".join(said) or "none"
    elif it.manifest and it.manifest.run.pull:
        yield "pull request", f"#{it.manifest.run.pull}"
    elif it.forge:
        yield "pull request", f"none: {it.forge.where} knows none for this commit"
    else:
        yield "pull request", "not asked for"


def _made_of(it: Manifest | None) -> str:
    if it is None:
        return _lines([("manifest", "none: its tag says nothing of what it was made of")])
    run = f"{it.run.kind} by {it.run.actor} at {it.run.at} {it.run.url}".rstrip()
    data = [
        ("data", f"{ref.name}: {ref.rows:,} rows, content {ref.content}, schema {ref.schema}")
        for ref in it.data
    ]
    trained = f"{it.train_rows:,} rows{', a sample' if it.sample else ''}, seed {it.seed}"
    params = ", ".join(f"{name}={value}" for name, value in it.params.items())
    libraries = ", ".join(f"{name} {version}" for name, version in it.libraries.items())
    return _lines(
        [
            ("run", run),
            ("recipe", it.recipe),
            *data,
            ("trained on", trained),
            ("holdout", f"{it.holdout_rows:,} sealed rows, {it.holdout}"),
            ("params", f"{it.params_digest} ({params})"),
            ("environment", f"{it.environment} (Python {it.python}, {libraries})"),
            ("artifact", f"{it.file}: {it.size:,} bytes, {it.artifact}"),
            ("made with", f"pennon {it.pennon}"),
        ]
    )


def _measured(it: Manifest | None) -> str:
    if it is None:
        return ""
    rows = [
        (name, f"{found.value:.4f}", f"{found.low:.4f}", f"{found.high:.4f}")
        for name, found in it.metrics.items()
    ]
    return table(("METRIC", "VALUE", "LOW", "HIGH"), rows)


def _gates(it: AtForge | None) -> str:
    if it is None:
        return ""
    if it.verdict is None:
        return _lines([("verdict", "not to be had: see the lines above, and pennon verify")])
    rows = [
        (found.id, found.metric, found.slice or "-", found.rule, str(found.outcome))
        for found in it.verdict.results
    ]
    said = _lines([("verdict", _verdict(it.verdict)), ("its digest", it.verdict_digest)])
    return f"{said}\n{table(('GATE', 'METRIC', 'SLICE', 'RULE', 'SAYS'), rows)}" if rows else said


def _verdict(it: Verdict) -> str:
    against = f", compared with {it.champion}" if it.champion else ""
    return f"{it.outcome}: {it.reason}{against}"


def _principles(it: AtForge | None) -> str:
    """What keeps each, a line for each way."""
    from pennon.report.principles import ways  # noqa: PLC0415  only where it is asked

    kept = it.principles if it else ()
    rows = [(found.id, found.owner, way) for found in kept for way in ways(found)]
    return table(("PRINCIPLE", "ANSWERS FOR IT", "KEPT BY"), rows) if rows else ""


def _events(it: Dossier) -> str:
    rows = [
        (
            event.at,
            event.event,
            event.stage or "-",
            event.by,
            ", ".join(event.approvals) or "-",
            _which(event.verdict, it.forge),
            event.why or "-",
            event.tag,
        )
        for event in it.events
    ]
    headers = ("WHEN", "EVENT", "STAGE", "WHO", "APPROVED BY", "VERDICT", "WHY", "TAG")
    return table(headers, rows)


def _which(verdict: str, known: AtForge | None) -> str:
    """An assignment names the verdict by its digest."""
    if not verdict:
        return "-"
    same = known is not None and verdict == known.verdict_digest
    return "that above" if same else verdict.removeprefix("sha256:")[:12]


def _deployments(it: AtForge | None) -> str:
    if it is None:
        return ""
    if not it.deployments:
        return _lines([("deployments", "none on record")])
    rows = [
        (found.at, found.environment, str(found.state), found.assignment[:12], found.why or "-")
        for found in it.deployments
    ]
    return table(("WHEN", "ENVIRONMENT", "STATE", "ASSIGNMENT", "WHY"), rows)


def _checks(it: Dossier) -> str:
    asked = f"{many(it.forge.files, 'file')} on {it.forge.where}" if it.forge else ""
    looked = " and ".join(filter(None, [f"{many(it.ledger, 'event')} of {it.model}", asked]))
    said = _lines([("checked", f"{looked}: {'sound' if not it.findings else 'not sound'}")])
    return f"{said}\n\n{findings(it.findings)}" if it.findings else said
