"""The release notes of a version: what is different from the champion before it, with intervals.

And what the gates say of it, its environment library by library, and what is known not to be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pennon.artifacts.lock import Pin, pins
from pennon.config import Against, Config
from pennon.config.intake import Answers
from pennon.evaluation import Comparison, Evaluation, GateResult, Outcome, Verdict
from pennon.registry import Manifest
from pennon.report.limits import limits
from pennon.report.view import Change, DataChange, MetricRow, View


class Libraries(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the environment's libraries, by the locks, by name."""

    added: tuple[Pin, ...] = ()
    removed: tuple[Pin, ...] = ()
    updated: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.updated)


class NotesView(View, frozen=True, kw_only=True):
    """What the template gets. `before` is the champion's lineage, None where there was none."""

    version: str
    manifest: Manifest
    before: Manifest | None
    champion: str
    comparison: Comparison
    metrics: tuple[MetricRow, ...]
    params: tuple[Change, ...]
    libraries: Libraries
    data: tuple[DataChange, ...]
    limits: tuple[str, ...]
    verdict: Verdict | None
    answers: Answers

    @property
    def refusing(self) -> tuple[GateResult, ...]:
        """The gates that do not say yes."""
        results = self.verdict.results if self.verdict else ()
        return tuple(it for it in results if it.outcome is not Outcome.PASS)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What else is told of a version: what its gates say, and what people say of it.

    `locks` are the environment's, before and now; empty where they are not known.
    """

    verdict: Verdict | None = None
    answers: Answers = Answers()
    locks: tuple[str, str] = ("", "")


NOTHING = Said()


def notes(
    config: Config,
    manifest: Manifest,
    evaluation: Evaluation,
    *,
    version: str,
    before: Manifest | None = None,
    said: Said = NOTHING,
) -> str:
    """Markdown. `before` is the manifest of the champion that the evaluation compares with."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    champion = evaluation.against(Against.CHAMPION)
    comparison = champion or evaluation.comparisons[0]
    view = NotesView(
        version=version,
        manifest=manifest,
        before=before,
        champion=champion.name if champion else "",
        comparison=comparison,
        metrics=tuple(
            MetricRow(scores=scores, decides=scores.metric == evaluation.metric)
            for scores in comparison.scores
        ),
        params=_differences(before.params if before else {}, manifest.params),
        libraries=_libraries(before, manifest, said.locks) if before else Libraries(),
        data=_data(before, manifest),
        limits=limits(config.dataset_of(manifest.model), manifest, evaluation),
        verdict=said.verdict,
        answers=said.answers,
    )
    return render_markdown("notes.md.j2", view=view)


def libraries(old: str, new: str) -> Libraries:
    """What differs between two locks. One library may have several pins, by platform or Python."""
    was, now = _pinned(old), _pinned(new)
    changed = [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]
    return Libraries(
        added=tuple(Pin(name, now[name]) for name in changed if name not in was),
        removed=tuple(Pin(name, was[name]) for name in changed if name not in now),
        updated=tuple(
            Change(name=name, old=was[name], new=now[name])
            for name in changed
            if name in was and name in now
        ),
    )


def _libraries(before: Manifest, after: Manifest, locks: tuple[str, str]) -> Libraries:
    """By the locks, or at least those libraries that both manifests name."""
    if all(locks):
        return libraries(*locks)
    shared = {name: old for name, old in before.libraries.items() if name in after.libraries}
    new = {name: after.libraries[name] for name in shared}
    return Libraries(updated=_differences(shared, new))


def _pinned(lock: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for pin in pins(lock):
        if pin.version not in found.setdefault(pin.name, []):
            found[pin.name].append(pin.version)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted({*old, *new})
    pairs = [(name, _text(old.get(name)), _text(new.get(name))) for name in names]
    return tuple(Change(name=name, old=was, new=now) for name, was, now in pairs if was != now)


def _text(value: Any) -> str:  # noqa: ANN401  any plain value
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def _data(before: Manifest | None, after: Manifest) -> tuple[DataChange, ...]:
    """Every dataset of the version with what it was before, also where nothing changed."""
    old = {part.name: part for part in before.data} if before else {}
    return tuple(
        DataChange(
            name=part.name,
            old=old[part.name].content if part.name in old else "",
            new=part.content,
            old_rows=old[part.name].rows if part.name in old else 0,
            new_rows=part.rows,
        )
        for part in after.data
    )
