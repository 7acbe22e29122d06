"""The fixed words of reports: headings, marks, answers, and what to do next."""

from __future__ import annotations

from pennon.config import Promotion
from pennon.evaluation import METRICS, QUALITIES, GateResult, Outcome
from pennon.report.markdown import repository
from pennon.report.view import Answer, Facts, Kind, Mark, MetricRow

DOCS = "https://github.com/pennon-ml/pennon/blob/v0/docs/report.md"

TITLES = {
    Kind.BETTER: ("✅", "ready to promote"),
    Kind.WORSE: ("❌", "do not promote"),
    Kind.NO_DIFFERENCE: ("≈", "no measurable difference"),
    Kind.FIRST: ("🆕", "no champion yet; compared with a constant baseline"),
    Kind.UNSURE: ("⚠️", "too few rows to tell"),
    Kind.WORN: ("⚠️", "the holdout is worn"),
    Kind.CHAMPION_UNSCORED: ("⚠️", "the champion could not be scored"),
    Kind.TRAINING_FAILED: ("❌", "training failed"),
    Kind.DATA_BROKEN: ("❌", "the data breaks its contract or lock; nothing was trained"),
    Kind.NOTHING_CHANGED: ("≈", "nothing that a training reads has changed; not trained again"),
    Kind.SAME: ("⚠️", "compared with itself"),
}

MARKS = {
    Mark.BETTER: "\N{HEAVY PLUS SIGN}",
    Mark.WORSE: "\N{HEAVY MINUS SIGN}",
    Mark.NOISE: "≈",
}
MARK_WORDS = {
    Mark.BETTER: "better beyond noise",
    Mark.WORSE: "worse beyond noise",
    Mark.NOISE: "inside noise",
}
ANSWERS = {Answer.PASS: "✅ passes", Answer.WARN: "⚠️ look", Answer.FAIL: "❌ fails"}

_NEXT = {
    Kind.WORSE: "mend what the gate names, or ask the owners of gates.yaml about the gate. "
    "The champion stays.",
    Kind.NO_DIFFERENCE: "the champion stays. A merge registers a version, and these gates would "
    "not let it be promoted.",
    Kind.UNSURE: "the champion stays. More holdout rows would tell, and so would a larger "
    "difference.",
    Kind.WORN: "seal fresh rows: a later holdout.after, or data that has grown (see looks in "
    "docs/gates.md). The champion stays.",
    Kind.CHAMPION_UNSCORED: "mend the reason and run this again; no gate against the champion was "
    "decided.",
    Kind.TRAINING_FAILED: "mend it and push. To see it on your machine:",
    Kind.DATA_BROKEN: "mend the rows, or change the contract on purpose. To see it on your "
    "machine:",
    Kind.NOTHING_CHANGED: "",
    Kind.SAME: "is this the branch you meant?",
}
_MERGE = "merge. The model is then trained on all rows, registered and judged again"


def metric(name: str) -> str:
    """`roc_auc` -> `ROC AUC`; a name that nobody knows loses its underscores only."""
    known = METRICS.get(name) or QUALITIES.get(name)
    return known.label if known else name.replace("_", " ")


def gate_page(facts: Facts, page: str) -> str:
    """The address of the page that explains a gate; one of the repository as the gates' commit is.

    Empty where there is no page, or no forge that would show it.
    """
    if not page or "://" in page:
        return page
    home = repository(facts.run.url)
    return f"{home}/blob/{facts.base or facts.head}/{page}" if home else ""


def arrow(row: MetricRow) -> str:
    """Where better is."""
    return "↑" if row.scores.greater_is_better else "↓"


def outcome(result: GateResult) -> str:
    """What a gate says, and whether that is in the way."""
    match result.outcome:
        case Outcome.PASS:
            return "✅ passes"
        case Outcome.FAIL:
            return "❌ fails"
        case Outcome.UNSURE:
            return "⚠️ unsure" if result.blocks else "⚠️ unsure, allowed"


def sure(one: float, other: float) -> bool:
    """Are two confidences the same to whoever reads them?"""
    return round(one, 6) == round(other, 6)


def plural(number: int, one: str, many: str = "") -> str:
    """`gate` for one, `gates` for any other number."""
    return one if number == 1 else many or f"{one}s"


def advice(facts: Facts, kind: Kind) -> tuple[str, str]:
    """What to do next: words, and a command (or nothing to type)."""
    match kind:
        case Kind.BETTER | Kind.FIRST if facts.version:
            return "give it the stage:", f"pennon promote {facts.model} {facts.version}"
        case Kind.BETTER | Kind.FIRST if facts.promotion is Promotion.AUTOMATIC:
            return f"{_MERGE}, and promoted if the gates still let it pass.", ""
        case Kind.BETTER | Kind.FIRST:
            return f"{_MERGE}. After that:", f"pennon promote {facts.model}"
        case Kind.TRAINING_FAILED:
            return _NEXT[kind], f"pennon train {facts.model}"
        case Kind.DATA_BROKEN:
            return _NEXT[kind], "pennon data check"
        case _:
            return _NEXT[kind], ""
