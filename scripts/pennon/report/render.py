"""The template engine, set up twice: Markdown with our own escaping, HTML with the engine's."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from pennon.evaluation import Outcome
from pennon.evaluation.aspects import QUANTITIES, RATES
from pennon.report import charts, markdown, numbers, words
from pennon.report.plots.forest import whisker
from pennon.report.principles import ways
from pennon.report.view import Answer, Kind

if TYPE_CHECKING:
    from jinja2 import Environment

TOO_MANY_GAPS = re.compile(r"\n{3,}")

Filter = Callable[..., str]

NUMBERS: dict[str, Filter] = {
    "cost": numbers.cost,
    "count": numbers.count,
    "level": numbers.level,
    "look": numbers.look,
    "rounded": numbers.rounded,
    "number": numbers.value,
    "power": numbers.power,
    "seconds": numbers.seconds,
    "share": numbers.share,
    "signed": numbers.signed,
    "size": numbers.size,
}
SHORT: dict[str, Filter] = {
    "commit": numbers.short_commit,
    "digest": numbers.short_digest,
    "moment": numbers.moment,
}
WORDS: dict[str, Any] = {
    "ANSWERS": words.ANSWERS,
    "Answer": Answer,
    "DOCS": words.DOCS,
    "Kind": Kind,
    "MARKS": words.MARKS,
    "MARK_WORDS": words.MARK_WORDS,
    "Outcome": Outcome,
    "QUANTITIES": QUANTITIES,
    "RATES": RATES,
    "TITLES": words.TITLES,
    "arrow": words.arrow,
    "decimals": numbers.places,
    "feature_bars": charts.feature_bars,
    "gate_page": words.gate_page,
    "growth": numbers.growth,
    "history_chart": charts.history_chart,
    "metric": words.metric,
    "outcome": words.outcome,
    "places": numbers.row_places,
    "plural": words.plural,
    "sure": words.sure,
    "ways": ways,
    "whisker": whisker,
}


def render_markdown(template: str, **values: Any) -> str:  # noqa: ANN401  view records
    """What every value prints is escaped, unless a filter says that it is Markdown."""
    text = _markdown().get_template(template).render(**values)
    return TOO_MANY_GAPS.sub("\n\n", text).strip() + "\n"


def render_html(template: str, **values: Any) -> str:  # noqa: ANN401  view records
    return _html().get_template(template).render(**values)


@cache
def _markdown() -> Environment:
    environment = _environment(autoescape=False, finalize=markdown.finish)
    environment.filters |= SHORT | {name: _meant(number) for name, number in NUMBERS.items()}
    environment.globals["change"] = markdown.change
    environment.filters |= {
        "block": markdown.block,
        "code": markdown.code,
        "together": markdown.together,
        "link": markdown.link,
        "meant": markdown.Markdown,
        "paragraphs": markdown.paragraphs,
        "prose": markdown.prose,
    }
    return environment


@cache
def _html() -> Environment:
    environment = _environment(autoescape=True)
    environment.filters |= SHORT | NUMBERS | {"address": markdown.address}
    return environment


def _environment(*, autoescape: bool, **more: Any) -> Environment:  # noqa: ANN401  of jinja2
    import jinja2  # noqa: PLC0415  costs 0.1 s: only where something is rendered

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pennon.report"),
        autoescape=autoescape,  # noqa: S701  Markdown is escaped by `finalize`
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **more,
    )
    environment.globals |= WORDS
    return environment


def _meant(number: Filter) -> Filter:
    return lambda *arguments: markdown.Markdown(number(*arguments))
