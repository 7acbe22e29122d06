"""Reports: view records in, Markdown or HTML out. The template engine is loaded at first use."""

from pennon.report.build import provenance, review_view, stopped_view
from pennon.report.card import card
from pennon.report.comment import LIMIT, comment
from pennon.report.notes import notes
from pennon.report.page import page
from pennon.report.view import (
    Answer,
    Change,
    Changes,
    DataChange,
    DataCheck,
    Facts,
    Feature,
    Kind,
    Past,
    ReviewView,
    Run,
)

__all__ = [
    "LIMIT",
    "Answer",
    "Change",
    "Changes",
    "DataChange",
    "DataCheck",
    "Facts",
    "Feature",
    "Kind",
    "Past",
    "ReviewView",
    "Run",
    "card",
    "comment",
    "notes",
    "page",
    "provenance",
    "review_view",
    "stopped_view",
]
