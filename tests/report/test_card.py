"""The model card: golden, whole in every section, and honest about what nobody has said."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from noise import noise
from pennon.config import (
    Against,
    Config,
    Gate,
    Gates,
    NotWorse,
    Principle,
    Statement,
    Superior,
)
from pennon.config.intake import Intake, Risk, Role, UseCase
from pennon.evaluation import Evaluation, decide
from pennon.evaluation.aspects import (
    Draws,
    Estimate,
    Fairness,
    FeatureImportance,
    Footprint,
    Gap,
    Group,
    Importance,
    Leak,
    Probe,
    Probes,
    Rate,
    Sensitive,
    figures,
)
from pennon.evaluation.insight import Weakness
from pennon.registry import Field, Manifest
from pennon.report import card
from pennon.report.principles import Kept, Proof, kept
from spots import discovery

Gold = Callable[[str, str], None]

INTAKE = Intake(
    use_case=UseCase(
        name="Flight delays",
        business_owner="@acme/flights",
        consumption="api",
        sensitivity="internal",
        risk=Risk.HIGH,
        use="To warn a dispatcher.\n\nNever a passenger.",
        out_of_scope="- other airports\n- other years",
        risks="A warning that is not needed costs a gate.",
        downstream="None so far.",
        recommendations="Ask the dispatcher.",
        licence="Apache-2.0",
        citation="@misc{delay, title={Flights that are late}}",
        contact="Ada, at the desk",
    ),
    roles={"validator": Role(who=("@acme/risk", "@acme/law"), duties=("owns gates.yaml",))},
)
GAP = Gap(
    rate="selection_rate",
    difference=Estimate(value=0.081, low=0.05, high=0.112),
    ratio=Estimate(value=0.62, low=0.5, high=0.76),
    smallest="JFK",
    largest="EWR",
)
FAIRNESS = Fairness(
    confidence=0.95,
    smallest=30,
    threshold=0.5,
    method="Wilson's intervals.",
    columns=(
        Sensitive(
            column="origin",
            groups=(
                *(
                    Group(
                        name=name,
                        rows=1500,
                        rates=(
                            Rate(
                                name="selection_rate",
                                rows=1500,
                                estimate=Estimate(value=it, low=it - 0.02, high=it + 0.02),
                            ),
                        ),
                    )
                    for name, it in {"EWR": 0.213, "JFK": 0.132}.items()
                ),
                Group(name="SWF", rows=6, why="fewer than 30 rows"),
            ),
            gaps=(GAP,),
        ),
    ),
)
IMPORTANCE = Importance(
    metric="roc_auc",
    value=0.7,
    rows=2000,
    repeats=5,
    seed=42,
    seconds=1.0,
    budget=5.0,
    confidence=0.95,
    method="Each column shuffled in turn.",
    features=(
        FeatureImportance(
            name="month",
            importance=Estimate(value=0.081, low=0.07, high=0.092),
            before=Estimate(value=0.079, low=0.068, high=0.09),
        ),
        FeatureImportance(name="origin", importance=Estimate(value=0.002, low=-0.001, high=0.005)),
    ),
    left_out=("pressure",),
)
LEAK = Leak(where="arr_time", value=0.99, what="`arr_time` alone has a ROC AUC of 0.99")
DISCOVERY = discovery(
    Weakness(
        rule="month > 5 and origin=JFK",
        rows=311,
        candidate=0.31,
        beside=0.22,
        noise=noise(0.05, 0.13),
    ),
    rows=2253,
    searched=120,
    method="All figures come from rows that the search did not see.",
)
DRAWS = Draws(
    metric="roc_auc",
    against="v1.0.0",
    times=5,
    train_rows=6000,
    test_rows=7493,
    candidate=0.702,
    reference=0.69,
    noise=noise(-0.004, 0.028),
)
STATED = Principle(
    id="oversight",
    title="A person decides",
    owner="@acme/risk",
    gates=("floor",),
    statement=Statement(text="A dispatcher decides.", by="Ada", role="owner", on=date(2026, 11, 1)),
)
GATES = Gates(
    gates=(
        Gate(id="useful", metric="roc_auc", superior=Superior(than=Against.BASELINE)),
        Gate(id="floor", metric="roc_auc", min=0.6, why="Below this nobody listens."),
        Gate(id="better", metric="roc_auc", superior=Superior()),
        Gate(id="airports", metric="roc_auc", slice="origin", not_worse=NotWorse(margin=0.01)),
    )
)
PROOF = Proof(commit="81d0e77f", author="Ada <ada@example.com>", at="2026-11-02T09:00:00+01:00")


def whole(evaluation: Evaluation) -> Evaluation:
    """All aspects measured."""
    probe = Probe(name="predicts-alone", looked=13, value=0.99, limit=0.95, leaks=(LEAK,))
    cost = figures({"latency_p95": 0.0243, "size": 812_000.0}, {"size": 793_000.0})
    return msgspec.structs.replace(
        evaluation,
        fairness=FAIRNESS,
        importance=IMPORTANCE,
        probes=Probes(seconds=0.2, probes=(probe,)),
        discovery=DISCOVERY,
        footprint=Footprint(figures=cost, method="One process.", added=("lightgbm==4.6.0",)),
        draws=DRAWS,
        looks=3.0,
    )


def told(config: Config, manifest: Manifest, evaluation: Evaluation) -> str:
    """The card of a version that everything is known of."""
    it = whole(evaluation)
    verdict = decide(it, GATES, "v1.0.0")
    principles: tuple[Kept, ...] = (kept(STATED, GATES, verdict, PROOF),)
    return card(
        config,
        manifest,
        it,
        version="v1.1.0",
        intake=INTAKE,
        verdict=verdict,
        principles=principles,
    )


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of any level."""
    return re.split(r"^#+ ", text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_card_of_a_classifier(
    config: Config, manifest: Manifest, evaluation: Evaluation, gold: Gold
) -> None:
    gold("card-classification.md", card(config, manifest, evaluation, version="v1.1.0"))


def test_the_card_of_a_regression(
    config: Config, minutes: Manifest, regression: Evaluation, gold: Gold
) -> None:
    gold("card-regression.md", card(config, minutes, regression, version="v2.0.0"))


def test_the_card_of_which_everything_is_known(
    config: Config, manifest: Manifest, evaluation: Evaluation, gold: Gold
) -> None:
    gold("card-whole.md", told(config, manifest, evaluation))


SILENT = {
    "Direct Use": "use",
    "Downstream Use": "downstream",
    "Out-of-Scope Use": "out_of_scope",
    "Bias, Risks, and Limitations": "risks",
    "Recommendations": "recommendations",
    "Model Card Contact": "contact",
}


@pytest.mark.parametrize(("heading", "key"), SILENT.items())
def test_where_nobody_has_said_anything_the_file_and_key_are_named(
    heading: str, key: str, config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    text = card(config, manifest, evaluation, version="v1.1.0")
    silence = f"*Nobody has said. The place for it is `{key}` in `use-case.yaml`.*"
    assert section(text, heading).strip().startswith(silence)


def test_a_card_that_everything_was_said_for_has_no_silence(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    text = told(config, manifest, evaluation)
    assert not re.search("obody has said|nobody is named", text)


def test_no_section_is_empty(config: Config, manifest: Manifest, evaluation: Evaluation) -> None:
    """A heading is followed by words, or by a heading one level below it."""
    for text in (
        card(config, manifest, evaluation, version="v1.1.0"),
        told(config, manifest, evaluation),
    ):
        bare = re.findall(r"^(#+) .+\n\n(#*) ?", text.partition("\n---\n")[2], re.MULTILINE)
        assert [pair for pair in bare if pair[1] and len(pair[1]) <= len(pair[0])] == []


@pytest.mark.parametrize(
    "limit",
    [
        "Trained on a sample",
        "same period",
        "Not measured, for want of rows",
        "personal data: origin",
    ],
)
def test_the_card_names_the_limits(
    limit: str, config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    text = card(config, manifest, evaluation, version="v1.1.0")
    assert limit in section(text, "Bias, Risks, and Limitations")


def test_a_slice_that_loses_is_named(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    champion = evaluation.comparisons[0]
    part = champion.slices[0]
    losing = [msgspec.structs.replace(part.scores[0], low=-0.1, high=-0.05)]
    worse = msgspec.structs.replace(part, scores=tuple(losing))
    found = msgspec.structs.replace(champion, slices=(worse,))
    text = card(
        config,
        manifest,
        msgspec.structs.replace(evaluation, comparisons=(found,)),
        version="v1.1.0",
    )
    assert "Worse beyond noise than v1.0.0 on origin=EWR." in text


def test_a_column_name_does_not_leave_its_cell(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    odd = msgspec.structs.replace(
        manifest.signature, inputs=(Field(name="a|b`c\n# d", type="num|ber"),)
    )
    manifest = msgspec.structs.replace(manifest, signature=odd)
    text = card(config, manifest, evaluation, version="v1.1.0")
    assert "| <code>a&#124;b&#96;c &#35;\u200b d</code> | num&#124;ber |" in text


def test_every_number_of_a_group_or_feature_has_its_interval(
    config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    text = told(config, manifest, evaluation)
    shown = section(text, "Fairness") + section(text, "Model Examination")
    bare = re.findall(r"\d\.\d+", re.sub(r"−?\d\.\d+ \[−?\d\.\d+, −?\d\.\d+\]", "", shown))
    assert bare == ["0.5", "0.99"]  # the threshold, and what a probe said in words
