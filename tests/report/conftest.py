"""Reviews of every variant, built as flows build them; `--regold` writes them to golden/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from noise import noise
from pennon.config import (
    Against,
    Config,
    Gate,
    Gates,
    NotWorse,
    Promotion,
    Superior,
    Task,
    Unsure,
    load,
)
from pennon.datasets import Finding
from pennon.evaluation import (
    Comparison,
    Confusion,
    Counts,
    Evaluation,
    Noise,
    Residuals,
    Scores,
    SliceScores,
    decide,
)
from pennon.evaluation.aspects import Estimate as Guess
from pennon.evaluation.aspects import (
    Fairness,
    Footprint,
    Gap,
    Group,
    Leak,
    Probe,
    Probes,
    Rate,
    Sensitive,
    figures,
)
from pennon.evaluation.insight import Contribution, Explanation, Weakness
from pennon.registry import DatasetRef, Field, Manifest, Measured, RunInfo, RunKind, Signature
from pennon.report import (
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
    review_view,
    stopped_view,
)
from spots import discovery

GOLDEN = Path(__file__).parent / "golden"
METHOD = (
    "ROC AUC by DeLong's interval of paired areas; Log loss by the paired t interval. Intervals "
    "cover the choice of rows, not the luck of one training: two trainings alike differ truly."
)

Gold = Callable[[str, str], None]


def scores(metric: str, candidate: float, reference: float, half: float) -> Scores:
    """Intervals of `half` the width around candidate and difference."""
    difference = round(candidate - reference, 4)
    return Scores(
        metric=metric,
        greater_is_better=not metric.endswith(("loss", "error")),
        candidate=candidate,
        candidate_low=round(candidate - 2 * half, 4),
        candidate_high=round(candidate + 2 * half, 4),
        reference=reference,
        difference=difference,
        low=round(difference - half, 4),
        high=round(difference + half, 4),
        own=noise(candidate - 2 * half, candidate + 2 * half),
        noise=noise(difference - half, difference + half),
    )


def part(value: str, rows: int, *found: Scores) -> SliceScores:
    why = "" if found else "fewer than 30 rows"
    return SliceScores(column="origin", value=value, rows=rows, scores=found, why=why)


def comparison(
    name: str, *found: Scores, slices: tuple[SliceScores, ...] = (), rows: int = 4507
) -> Comparison:
    return Comparison(
        against=Against.CHAMPION if name.startswith("v") else Against.BASELINE,
        name=name,
        rows=rows,
        method=METHOD,
        confidence=0.95,
        resamples=1000,
        seed=42,
        scores=found,
        slices=slices,
    )


def feature(
    name: str, now: tuple[float, float], then: tuple[float, float], moved: int = 0
) -> Feature:
    """Each a value, and half of its interval."""
    return Feature(
        name=name,
        importance=now[0],
        half=now[1],
        before=then[0],
        half_before=then[1],
        moved=moved,
        metric="roc_auc",
    )


AIRPORTS = (
    part("EWR", 1622, scores("roc_auc", 0.7012, 0.6891, 0.0147)),
    part("JFK", 1488, scores("roc_auc", 0.6987, 0.7002, 0.0151)),
    part("LGA", 1391, scores("roc_auc", 0.7101, 0.6862, 0.0139)),
    part("SWF", 6),
)
LOSING = (
    part("EWR", 1622, scores("roc_auc", 0.7212, 0.6891, 0.0147)),
    part("LGA", 1391, scores("roc_auc", 0.6113, 0.6862, 0.0262)),
)
BASELINE = comparison("constant baseline", scores("roc_auc", 0.7056, 0.5, 0.0124))
BASELINE_OF_EQUAL = comparison("constant baseline", scores("roc_auc", 0.6928, 0.5, 0.0124))
CHAMPION = comparison(
    "v1.0.0",
    scores("roc_auc", 0.7056, 0.6917, 0.0081),
    scores("log_loss", 0.5012, 0.5061, 0.0046),
    scores("recall", 0.2391, 0.2356, 0.0177),
    slices=AIRPORTS,
)
EVALUATION = Evaluation(
    model="delay",
    task=Task.CLASSIFICATION,
    metric="roc_auc",
    rows=4507,
    positive_rate=0.2313,
    holdout="sha256:51aa07c4d2b19e00f1",
    threshold=0.5,
    comparisons=(CHAMPION, BASELINE),
    confusion=Confusion(
        candidate=Counts(
            true_negative=3291, false_positive=174, false_negative=793, true_positive=249
        ),
        champion=Counts(
            true_negative=3270, false_positive=195, false_negative=797, true_positive=245
        ),
    ),
)
GATES = Gates(
    gates=(
        Gate(id="useful", metric="roc_auc", superior=Superior(than=Against.BASELINE)),
        Gate(id="floor", metric="roc_auc", min=0.6),
        Gate(id="better", metric="roc_auc", superior=Superior()),
        Gate(
            id="airports",
            metric="roc_auc",
            slice="origin",
            not_worse=NotWorse(margin=0.01),
            unsure=Unsure.ALLOW,
            why="No airport pays for the progress of the others.",
        ),
    )
)
MANIFEST = Manifest(
    model="delay",
    task="classification",
    commit="3f2c9ab41d0e7788990011223344556677889900",
    artifact="sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    size=412_345,
    recipe="sha256:77aa",
    data=(
        DatasetRef(
            name="flights", content="sha256:9b1e7f3c21aa0d55e8", schema="sha256:7ebe", rows=18000
        ),
    ),
    holdout="sha256:51aa07c4d2b19e00f1",
    holdout_rows=4507,
    train_rows=8000,
    sample=True,
    params={"max_leaf_nodes": 31, "learning_rate": 0.1},
    params_digest="sha256:55bb",
    environment="sha256:c0ffee12ab34cd56ef",
    python="3.11.2",
    libraries={"scikit-learn": "1.9.1", "numpy": "2.4.6"},
    signature=Signature(
        inputs=(
            Field(name="month", type="integer"),
            Field(name="origin", type="string"),
            Field(name="pressure", type="number", optional=True),
        ),
        outputs=(Field(name="probability", type="number"),),
    ),
    metrics={"roc_auc": Measured(value=0.7056, low=0.6894, high=0.7218)},
    files={"evaluation.json": "sha256:1234"},
    run=RunInfo(
        kind=RunKind.CANDIDATE,
        actor="ada",
        at="2026-11-21T14:02:09Z",
        url="https://github.com/acme/flights/actions/runs/4821",
        branch="main",
        seconds=4.13,
    ),
    pennon="0.1.0",
    seed=42,
)
RUN = Run(
    id=4821,
    url="https://github.com/acme/flights/actions/runs/4821",
    at="2026-11-21T14:02:09Z",
    pennon="0.1.0",
)
FACTS = Facts(
    model="delay",
    run=RUN,
    head="3f2c9ab41d0e7788990011223344556677889900",
    base="81d0e77f1d0e7788990011223344556677889900",
    changes=Changes(
        params=(
            Change(name="estimator", old="linear", new="boosting"),
            Change(name="max_leaf_nodes", old="", new="31"),
        ),
        files=2,
        data=(
            DataChange(
                name="flights",
                old="sha256:7f3c9b1e21aa0d55e8",
                new="sha256:9b1e7f3c21aa0d55e8",
                old_rows=17274,
                new_rows=18000,
            ),
        ),
        environment=(Change(name="scikit-learn", old="1.8.0", new="1.9.1"),),
    ),
    checks=(
        DataCheck(name="contract of flights", answer=Answer.PASS, what="18 000 rows, 16 columns"),
        DataCheck(name="lock", answer=Answer.PASS, what="content and schema as locked"),
    ),
    features=(
        feature("minute", (0.0812, 0.0071), (0.0791, 0.0068)),
        feature("month", (0.0523, 0.0064), (0.0551, 0.0062)),
        feature("carrier", (0.0311, 0.0049), (0.0124, 0.0035), moved=1),
    ),
    history=(
        Past(version="v0.8.0", value=0.6702, same_holdout=False),
        Past(version="v0.9.0", value=0.6804),
        Past(version="v1.0.0", value=0.6917),
    ),
)
STOPPED = msgspec.structs.replace(FACTS, changes=None, features=(), history=())


def reviewed(
    evaluation: Evaluation = EVALUATION,
    facts: Facts = FACTS,
    *,
    gates: Gates = GATES,
    manifest: Manifest = MANIFEST,
    kind: Kind | None = None,
    reason: str = "",
) -> ReviewView:
    champion = evaluation.against(Against.CHAMPION)
    verdict = decide(evaluation, gates, champion.name if champion else None)
    return review_view(
        facts, evaluation, verdict, gates=gates, manifest=manifest, kind=kind, reason=reason
    )


def compared(*comparisons: Comparison, rows: int = 4507) -> Evaluation:
    return msgspec.structs.replace(EVALUATION, comparisons=comparisons, rows=rows)


def _losing() -> ReviewView:
    champion = msgspec.structs.replace(CHAMPION, slices=LOSING)
    return reviewed(compared(champion, BASELINE))


def _noise() -> ReviewView:
    champion = comparison("v1.0.0", scores("roc_auc", 0.6928, 0.6917, 0.0081), slices=AIRPORTS)
    return reviewed(compared(champion, BASELINE_OF_EQUAL))


def _unsure() -> ReviewView:
    floor = Gate(id="floor", metric="roc_auc", min=0.68)
    champion = comparison("v1.0.0", scores("roc_auc", 0.6928, 0.6917, 0.0331), rows=212)
    gates = Gates(gates=(floor, *GATES.gates[2:3]))
    return reviewed(compared(champion, BASELINE_OF_EQUAL, rows=212), gates=gates)


def _small() -> ReviewView:
    small = part("LGA", 64, scores("roc_auc", 0.7101, 0.6862, 0.0539))
    return reviewed(compared(msgspec.structs.replace(CHAMPION, slices=(small,)), BASELINE))


def _first() -> ReviewView:
    facts = msgspec.structs.replace(FACTS, changes=None, history=(), features=())
    alone = Confusion(candidate=EVALUATION.confusion.candidate) if EVALUATION.confusion else None
    evaluation = msgspec.structs.replace(compared(BASELINE), confusion=alone)
    return reviewed(evaluation, facts)


def _unscored() -> ReviewView:
    return reviewed(
        compared(BASELINE),
        kind=Kind.CHAMPION_UNSCORED,
        reason="v1.0.0 was made with scikit-learn 1.8.0, which this environment does not have.",
    )


def _recipes() -> ReviewView:
    """Trained on a sample, and judged by rows outside of it."""
    return reviewed(msgspec.structs.replace(EVALUATION, holdout="", rows=5493))


def _looked() -> ReviewView:
    """Trained on all rows, the third look at the holdout."""
    full = msgspec.structs.replace(MANIFEST, sample=False, train_rows=13493)
    return reviewed(msgspec.structs.replace(EVALUATION, looks=3.0), manifest=full)


DISCOVERY = discovery(
    Weakness(
        rule="origin=LGA and distance > 1000",
        rows=312,
        candidate=0.1912,
        beside=0.3116,
        noise=Noise(center=-0.1204, error=0.026, df=311),
        below=True,
    ),
    Weakness(
        rule="month=7",
        rows=188,
        candidate=0.2011,
        beside=0.1699,
        noise=Noise(center=0.0312, error=0.027, df=187),
    ),
    worse=(
        Weakness(
            rule="wind_speed is empty",
            rows=97,
            candidate=0.6127,
            beside=None,
            noise=Noise(center=0.0871, error=0.022, df=96),
        ),
    ),
    rows=2253,
    searched=412,
    columns=13,
)


EXPLANATION = Explanation(
    rows=300,
    background=50,
    base=0.2413,
    quantiles=(0.05, 0.25, 0.5, 0.75, 0.95),
    seed=42,
    seconds=0.4,
    confidence=0.95,
    method="Shapley values.",
    features=(
        Contribution(
            name="minute",
            size=Guess(value=0.0712, low=0.066, high=0.0764),
            quantiles=(-0.126, -0.091, -0.029, 0.043, 0.117),
            rises=0.99,
        ),
        Contribution(
            name="origin",
            size=Guess(value=0.0162, low=0.0158, high=0.0166),
            quantiles=(-0.018, -0.015, -0.013, 0.017, 0.021),
        ),
        Contribution(
            name="visib",
            size=Guess(value=0.0, low=0.0, high=0.0),
            quantiles=(0.0, 0.0, 0.0, 0.0, 0.0),
        ),
    ),
)


def _besides() -> ReviewView:
    """Gates on groups and on the footprint, a leak, importances."""
    gap = Gap(
        rate="selection_rate",
        difference=Guess(value=0.081, low=0.05, high=0.112),
        ratio=Guess(value=0.62, low=0.5, high=0.76),
        smallest="JFK",
        largest="EWR",
    )
    rates = [
        Rate(name="selection_rate", rows=1500, estimate=Guess(value=v, low=v - 0.02, high=v + 0.02))
        for v in (0.132, 0.213)
    ]
    groups = tuple(
        Group(name=name, rows=1500, rates=(rate,))
        for name, rate in zip(("JFK", "EWR"), rates, strict=True)
    )
    sensitive = Sensitive(column="origin", groups=groups, gaps=(gap,))
    fairness = Fairness(
        confidence=0.95,
        smallest=30,
        threshold=0.5,
        method="Wilson's intervals.",
        columns=(sensitive,),
    )
    leak = Leak(where="arr_time", value=0.99, what="`arr_time` alone has a ROC AUC of 0.99")
    probe = Probe(name="predicts-alone", looked=13, value=0.99, limit=0.95, leaks=(leak,))
    cost = Footprint(
        figures=figures({"latency_p95": 0.0243, "size": 812_000.0}), method="one process"
    )
    evaluation = msgspec.structs.replace(
        EVALUATION,
        fairness=fairness,
        probes=Probes(seconds=0.2, probes=(probe,)),
        footprint=cost,
    )
    evaluation = msgspec.structs.replace(evaluation, discovery=DISCOVERY, explanation=EXPLANATION)
    asked = (
        Gate(id="alike", metric="selection_rate_ratio", slice="origin", min=0.8),
        Gate(id="fast", metric="latency_p95_milliseconds", max=20),
        Gate(id="small", metric="artifact_megabytes", max=5),
    )
    return reviewed(evaluation, gates=Gates(gates=(*GATES.gates, *asked)))


def _worn() -> ReviewView:
    clear = comparison("v1.0.0", scores("roc_auc", 0.7064, 0.6917, 0.0041), slices=AIRPORTS)
    worn = msgspec.structs.replace(compared(clear, BASELINE), looks=21.4)
    full = msgspec.structs.replace(MANIFEST, sample=False, train_rows=13493)
    return reviewed(worn, manifest=full)


def _same() -> ReviewView:
    champion = comparison("v1.0.0", scores("roc_auc", 0.6928, 0.6928, 0.0))
    return reviewed(
        compared(champion, BASELINE_OF_EQUAL),
        msgspec.structs.replace(FACTS, changes=Changes()),
        gates=Gates(),
        kind=Kind.SAME,
        reason="Code, params, data and environment are those of v1.0.0.",
    )


def _gates_changed() -> ReviewView:
    facts = msgspec.structs.replace(
        FACTS,
        outsider=True,
        gate_changes=(
            Change(name="floor.min", old="0.65", new="0.6"),
            Change(name="airports.unsure", old="", new="allow"),
        ),
    )
    return reviewed(EVALUATION, facts)


MAE = "mean_absolute_error"
REGRESSION = Evaluation(
    model="minutes",
    task=Task.REGRESSION,
    metric=MAE,
    rows=4507,
    positive_rate=None,
    holdout="sha256:51aa07c4d2b19e00f1",
    threshold=0.5,
    comparisons=(
        comparison(
            "v1.0.0",
            scores(MAE, 22.413, 23.958, 0.366),
            scores("root_mean_squared_error", 38.02, 39.11, 1.204),
        ),
        comparison("constant baseline", scores(MAE, 22.413, 26.74, 0.41)),
    ),
    residuals=Residuals(
        quantiles=(0.05, 0.25, 0.5, 0.75, 0.95),
        candidate=(-61.4, -9.1, 4.2, 16.9, 33.8),
        champion=(-66.0, -10.2, 5.0, 17.3, 35.1),
    ),
)
MINUTES = msgspec.structs.replace(
    MANIFEST,
    model="minutes",
    task="regression",
    sample=False,
    train_rows=13493,
    signature=Signature(
        inputs=MANIFEST.signature.inputs, outputs=(Field(name="arr_delay", type="number"),)
    ),
    metrics={MAE: Measured(value=22.413, low=21.68, high=23.15)},
)
FILES = {
    "pennon.yaml": """
kit: 1
owners: ["@acme/data"]
models:
  delay:
    {task: classification, dataset: flights, target: late, metric: roc_auc, slices: [origin],
     estimator: "flights.model:build"}
  minutes:
    {task: regression, dataset: flights, target: arr_delay, metric: mean_absolute_error,
     estimator: "flights.model:build"}
""",
    "data/flights.yaml": """
source: data/flights.csv
about: Flights that left New York City in 2013.
licence: Public domain
key: [flight_id]
contract:
  columns:
    flight_id: {type: string, unique: true}
    month: {type: integer, min: 1, max: 12}
    origin: {type: string, among: [EWR, JFK, LGA], about: airport of departure, personal: true}
    pressure: {type: number, missing: 0.2, about: millibars at sea level}
    arr_delay: {type: integer}
    late: {type: integer}
""",
}


def _regression() -> ReviewView:
    facts = msgspec.structs.replace(
        FACTS, model="minutes", features=(), history=(), promotion=Promotion.AUTOMATIC
    )
    gates = Gates(gates=(Gate(id="better", metric=MAE, superior=Superior()),))
    return reviewed(REGRESSION, facts, gates=gates, manifest=MINUTES)


class Views(dict[str, ReviewView]):
    """Hypothesis warns of arguments that are long when printed."""

    def __repr__(self) -> str:
        return "VIEWS"


VIEWS = Views(
    {
        "better": reviewed(),
        "worse-slice": _losing(),
        "no-difference": _noise(),
        "first": _first(),
        "unsure": _unsure(),
        "champion-unscored": _unscored(),
        "training-failed": stopped_view(
            STOPPED,
            Kind.TRAINING_FAILED,
            "src/flights/features.py raised KeyError: 'dep_minute'",
            step="features",
            log='Traceback (most recent call last):\n  File "features.py", line 12, in build\n'
            "    hour = frame['dep_minute'] // 60\nKeyError: 'dep_minute'",
        ),
        "data-broken": stopped_view(
            msgspec.structs.replace(STOPPED, checks=()),
            Kind.DATA_BROKEN,
            "data/flights.yaml: 3 promises are broken.",
            findings=(
                Finding("below-min", "distance", "below 50", 41, "-2475"),
                Finding("not-among", "origin", "not among the contract's values", 3, "BOS"),
                Finding("missing-column", "carrier", "the contract has it, the data has not"),
            ),
        ),
        "nothing-changed": stopped_view(
            msgspec.structs.replace(STOPPED, checks=()), Kind.NOTHING_CHANGED
        ),
        "same": _same(),
        "gates-changed": _gates_changed(),
        "regression": _regression(),
        "slices-too-small": _small(),
        "recipes": _recipes(),
        "looked": _looked(),
        "worn": _worn(),
        "besides": _besides(),
    }
)


@pytest.fixture
def gold(request: pytest.FixtureRequest) -> Gold:
    """`gold("better.md", text)`: the text is what the file says."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if request.config.getoption("--regold", default=False):
            GOLDEN.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == text, "pytest tests/report --regold"

    return compare


@pytest.fixture(params=sorted(VIEWS))
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def view(variant: str) -> ReviewView:
    return VIEWS[variant]


@pytest.fixture(scope="session")
def views() -> dict[str, ReviewView]:
    return VIEWS


@pytest.fixture(scope="session")
def config() -> Config:
    return load(FILES.get)


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return MANIFEST


@pytest.fixture(scope="session")
def minutes() -> Manifest:
    return MINUTES


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    return EVALUATION


@pytest.fixture(scope="session")
def regression() -> Evaluation:
    return REGRESSION


@pytest.fixture(scope="session")
def first() -> Evaluation:
    """Compared with the baseline alone."""
    return compared(BASELINE)
