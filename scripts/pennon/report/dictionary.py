"""The data dictionary (docs/data.md): every dataset and column as the contract has it, no rows."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pennon.config import Column, Dataset, dataset_file
from pennon.config.dataset import Scalar
from pennon.report.markdown import Markdown, code, prose
from pennon.report.numbers import count, level
from pennon.report.view import View

MARK = "<!-- Written by `pennon data docs`: edit data/*.yaml, then run it again. -->"
"""The first line: a page without it is somebody's own."""
MOST_AMONG = 40
"""Allowed values that are listed; the rest is counted."""

_UNLOCKED = "not locked: `pennon data lock`"


class Entry(View, frozen=True, kw_only=True):
    """One column: its name, what it promises, and what it allows, in Markdown."""

    name: str
    promise: Column
    limits: Markdown


class Described(View, frozen=True, kw_only=True):
    """One dataset. `facts` are rows of a table: a label, and Markdown."""

    name: str
    dataset: Dataset
    facts: tuple[tuple[str, Markdown], ...]
    entries: tuple[Entry, ...]


def dictionary(datasets: Mapping[str, Dataset]) -> str:
    """Markdown; the same for the same contracts, by the name of the dataset."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    described = [_described(name, datasets[name]) for name in sorted(datasets)]
    return render_markdown("dictionary.md.j2", mark=MARK, datasets=described)


def _described(name: str, it: Dataset) -> Described:
    facts = {
        "File": code(dataset_file(name)),
        "Source": _code(it.source),
        "Licence": _prose(it.licence),
        "Contract": Markdown(f"version {it.contract.version}"),
        "Key": _codes(it.key),
        "Time": _code(it.time),
        "Rows that belong together": _together(it),
        "Sealed rows": _sealed(it),
        "Sample": _sample(it),
        "Locked rows": Markdown(count(it.lock.rows) if it.lock else _UNLOCKED),
        "Locked content": _code(it.lock.content if it.lock else None),
    }
    return Described(
        name=name,
        dataset=it,
        facts=tuple((label, fact) for label, fact in facts.items() if fact),
        entries=tuple(
            Entry(name=column, promise=promise, limits=_limits(promise))
            for column, promise in it.contract.columns.items()
        ),
    )


def _together(it: Dataset) -> Markdown:
    if it.group:
        return Markdown(f"the same {code(it.group)}")
    return Markdown(f"the same {it.blocks} of {code(it.time)}") if it.blocks else Markdown()


def _sealed(it: Dataset) -> Markdown:
    rule = it.holdout
    if rule.share is None:
        return Markdown(f"{code(it.time)} from {code(rule.after)} on")
    salt = f", salt {code(rule.salt)}" if rule.salt else ""
    return Markdown(f"{level(rule.share)} by the hash of the key{salt}")


def _sample(it: Dataset) -> Markdown:
    by = f", in the proportions of {_codes(it.sample.by)}" if it.sample.by else ""
    return Markdown(f"{count(it.sample.rows)} rows{by}")


def _limits(it: Column) -> Markdown:
    """Bounds and allowed values; nothing where there are none."""
    bounds = {"≥": it.min, "≤": it.max}
    parts = [f"{sign} {_number(bound)}" for sign, bound in bounds.items() if bound is not None]
    if it.among is not None:
        more = len(it.among) - MOST_AMONG
        parts.append(_codes([_scalar(value) for value in it.among[:MOST_AMONG]]))
        parts += [f"and {more} more"] if more > 0 else []
    return Markdown(", ".join(parts))


def _number(bound: float) -> str:
    return f"{bound:.15g}".replace("-", "−")


def _scalar(value: Scalar) -> str:
    """As YAML has it: `true`, not `True`."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _codes(names: tuple[str, ...] | list[str]) -> Markdown:
    return Markdown(", ".join(_code(name) or code("") for name in names))


def _code(text: str | None) -> Markdown:
    """A name in full: whoever reads a dictionary looks it up."""
    return code(text, len(text)) if text else Markdown()


def _prose(text: str) -> Markdown:
    return prose(text, len(text))
