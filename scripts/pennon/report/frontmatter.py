"""The head of a model card: metadata as Hugging Face specifies it, in YAML between two lines.

https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from pennon.config import Config
from pennon.evaluation import METRICS, Comparison, Evaluation, Scores
from pennon.registry import Manifest
from pennon.report.markdown import Markdown, address, plain
from pennon.report.numbers import NARROW, level, row_places, value
from pennon.report.view import MetricRow

_DIGITS = 6  # of a number that programs read; the whole one is in evaluation.json
_LICENCES = (
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear "
    "bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 "
    "cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 "
    "cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 "
    "cdla-sharing-1.0 ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 gfdl gpl gpl-2.0 gpl-3.0 isc "
    "lgpl lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 osl-3.0 pddl "
    "postgresql unlicense wtfpl zlib"
)
_ON_THE_HUB = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+)/resolve/")
LICENCES = frozenset(_LICENCES.split())
"""Identifiers of https://huggingface.co/docs/hub/repositories-licenses that a table may have."""


def front_matter(
    config: Config, manifest: Manifest, evaluation: Evaluation, *, licence: str = ""
) -> Markdown:
    """Both lines and what is between them. No name can end it early, or be read as another type."""
    model, comparison = config.model(manifest.model), evaluation.comparisons[0]
    facts = {
        **_licence(licence),
        "library_name": "sklearn" if model.estimator else None,
        "base_model": _base(manifest),
        "tags": ["pennon", "tabular", str(model.task), *(["skops"] if model.estimator else [])],
        "pipeline_tag": f"tabular-{model.task}",
        "datasets": [identifier(part.name) for part in manifest.data],
        "metrics": [it.metric for it in comparison.scores],
        "model-index": [
            {"name": plain(manifest.model), "results": [_result(manifest, evaluation, comparison)]}
        ],
    }
    known = {name: fact for name, fact in facts.items() if fact}
    text = yaml.safe_dump(known, allow_unicode=True, sort_keys=False)
    return Markdown(f"---\n{text}---\n")


def identifier(name: str) -> str:
    """A name as the Hub takes it: letters, digits, dot, dash, underscore."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "unnamed"


def _base(manifest: Manifest) -> str | None:
    """The Hub's name of the model that it was made from, where the Hub is where that came from."""
    found = _ON_THE_HUB.match(manifest.base_model.uri) if manifest.base_model else None
    return found[1] if found else None


def _licence(licence: str) -> dict[str, str]:
    """One that the Hub does not know is `other`, with its name."""
    short = licence.strip().lower().replace(" ", "-")
    if not short:
        return {}
    if short in LICENCES:
        return {"license": short}
    return {"license": "other", "license_name": identifier(plain(licence).lower())}


def _result(manifest: Manifest, evaluation: Evaluation, comparison: Comparison) -> dict[str, Any]:
    """The candidate's own values; without `verified`, which is for the Hub's own measurements."""
    name = ", ".join(plain(part.name) for part in manifest.data)
    sealed = {"split": "holdout", "revision": evaluation.holdout} if evaluation.holdout else {}
    found: dict[str, Any] = {
        "task": {"type": f"tabular-{evaluation.task}", "name": f"Tabular {evaluation.task}"},
        "dataset": {"name": name, "type": identifier(name), **sealed},
        "metrics": [_metric(it, comparison.confidence) for it in comparison.scores],
    }
    if address(manifest.run.url):
        found["source"] = {"url": manifest.run.url, "name": "the run that measured it"}
    return found


def _metric(it: Scores, confidence: float) -> dict[str, Any]:
    """Its interval stands in the name as well: the Hub shows names and values alone."""
    digits = row_places(MetricRow(scores=it))
    low, high = (value(end, digits) for end in (it.candidate_low, it.candidate_high))
    known = METRICS.get(it.metric)
    label = known.label if known else plain(it.metric)
    name = f"{label}, {level(confidence)} interval {low} to {high}"
    return {
        "type": it.metric,
        "value": _short(it.candidate),
        "name": name.replace(NARROW, " "),
        "args": {
            "confidence": confidence,
            "low": _short(it.candidate_low),
            "high": _short(it.candidate_high),
        },
    }


def _short(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
