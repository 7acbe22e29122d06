"""All pictures of a page: which there are, and in which of its sections."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from pennon.evaluation.points import ClassifierCurves, Curves
from pennon.report.exhibits import Exhibits
from pennon.report.plots.classifier import classifier_figures
from pennon.report.plots.columns import DataView, data_view
from pennon.report.plots.contributions import contributions_figure
from pennon.report.plots.features import features_figure
from pennon.report.plots.figure import Figure
from pennon.report.plots.forest import slices_figure
from pennon.report.plots.history import history_figure
from pennon.report.plots.regressor import regressor_figures
from pennon.report.plots.threshold import Slider, slider
from pennon.report.view import ReviewView, View


class Drawn(View, frozen=True, kw_only=True):
    """`parts` compare by slice, by feature, by version. `facts` are for the script, as JSON."""

    curves: tuple[Figure, ...] = ()
    parts: tuple[Figure, ...] = ()
    slider: Slider | None = None
    facts: Markup = Markup()
    data: DataView | None = None


def draw(view: ReviewView, shown: Exhibits) -> Drawn:
    found = (
        slices_figure(view),
        features_figure(view),
        contributions_figure(view, shown.unit),
        history_figure(view),
    )
    moving = slider(shown.curves) if isinstance(shown.curves, ClassifierCurves) else None
    return Drawn(
        curves=_curves(shown.curves, shown.unit),
        parts=tuple(figure for figure in found if figure),
        slider=moving,
        facts=_json(moving),
        data=data_view(shown.profile, shown.before) if shown.profile else None,
    )


def _curves(curves: Curves | None, unit: str) -> tuple[Figure, ...]:
    if curves is None:
        return ()
    if isinstance(curves, ClassifierCurves):
        return classifier_figures(curves)
    return regressor_figures(curves, unit)


def _json(moving: Slider | None) -> Markup:
    """Nothing in it ends the element that holds it: JSON may write `<` as a number."""
    if moving is None:
        return Markup()
    text = msgspec.json.encode(moving.facts).decode()
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  numbers and two fixed names
