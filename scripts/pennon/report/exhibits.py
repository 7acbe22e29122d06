"""What a page draws beside its view: kept with the candidate, and with the version after it."""

from __future__ import annotations

from pennon.datasets.profile import Profile
from pennon.evaluation.aspects import Importance
from pennon.evaluation.points import Curves
from pennon.report.view import View


class Exhibits(View, frozen=True, kw_only=True):
    """What a page draws beside its view: points of curves, and profiles of the rows.

    `before` is the profile of what the champion learnt from; `unit` what a regression's target
    counts. `importance` is kept for the next candidate, to stand beside its own.
    """

    curves: Curves | None = None
    profile: Profile | None = None
    before: Profile | None = None
    unit: str = "unit of the target"
    importance: Importance | None = None
