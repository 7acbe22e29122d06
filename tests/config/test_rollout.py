"""rollout.yaml: every problem at once, each at its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.config import ProblemsError, load
from pennon.config.parse import read
from pennon.config.rollout import Mode, Rollouts

FILES = {
    "pennon.yaml": """\
kit: 1
models:
  churn: {task: classification, dataset: customers, target: left, metric: roc_auc,
          estimator: 'shop:build', exclude: [later]}
environments: {production: {}}
""",
    "data/customers.yaml": """\
source: x
key: [id]
contract:
  columns:
    id: {type: integer}
    left: {type: integer}
    later: {type: integer}
""",
}
SOUND = """\
models:
  churn:
    environment: production
    mode: ab
    key: id
    steps: [{share: 0.5}]
    guards: {errors: {margin: 0.01}}
    goal: {measure: accuracy, better: higher, smallest: 0.01}
"""


def problems(text: str) -> list[str]:
    try:
        load((FILES | {"rollout.yaml": text}).get)
    except ProblemsError as error:
        return [f"{it.path}: {it.what}" for it in error.problems]
    return []


def test_a_sound_file_is_read() -> None:
    assert problems(SOUND) == []
    found = load((FILES | {"rollout.yaml": SOUND}).get).rollouts.models["churn"]
    assert (found.mode, found.questions, found.drawn("v1.1.0")) == (Mode.AB, 2, "v1.1.0")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  churn:", "  chrun:", "models.chrun: no model of this name in pennon.yaml"),
        (": production", ": moon", "models.churn.environment: unknown environment 'moon'"),
        ("key: id", "key: nobody", "models.churn.key: 'nobody' is no column of a request"),
        ("key: id", "key: left", "models.churn.key: 'left' is no column of a request"),
        ("key: id", "key: later", "models.churn.key: 'later' is no column of a request"),
        ("key: id", "stage: canary", "models.churn.stage: unknown stage 'canary'"),
        ("key: id", "stage: champion", "'champion' is what runs in production: name the other"),
        ("{share: 0.5}", "{share: 1}", "steps[0].share: 1 leaves the live version nothing"),
        ("[{share: 0.5}]", "[{share: 0.1}, {share: 0.5}]", "steps: mode ab has one step"),
        ("accuracy", "mean_absolute_error", "mean_absolute_error is for regression"),
        ("higher", "lower", "models.churn.goal.better: accuracy is better when higher"),
        ("accuracy, better: higher", "brier_score, better: higher", "is better when lower"),
        ("smallest: 0.01", "smallest: 1", "models.churn.goal.smallest: is wider than the bounds"),
        ("0.01}\n", "0.01, bounds: [1, 0]}\n", "bounds: are the least value and a greater one"),
        ("mode: ab", "mode: shadow", ""),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_key(old: str, new: str, said: str) -> None:
    found = problems(SOUND.replace(old, new))
    assert any(said in it for it in found) if said else found == []


def test_a_shadow_has_no_outcome_of_its_own() -> None:
    text = SOUND.replace("mode: ab", "mode: shadow").replace("accuracy", "outcome")
    assert any("nobody acts on a shadow's answers" in it for it in problems(text))


def test_steps_have_to_grow() -> None:
    steps = "[{share: 0.5}, {share: 0.1}]"
    text = SOUND.replace("mode: ab", "mode: canary").replace("[{share: 0.5}]", steps)
    assert problems(text) == ["models.churn.steps: have to grow"]


def test_something_has_to_decide() -> None:
    text = "\n".join(SOUND.splitlines()[:-2]).replace("mode: ab", "mode: canary")
    assert problems(text) == [
        "models.churn: needs a guard or a goal: nothing could ever be decided"
    ]
    assert any("missing; mode ab decides" in it for it in problems(text.replace("canary", "ab")))


def test_every_wrong_key_is_told_with_its_path() -> None:
    text = SOUND.replace("margin: 0.01", "margin: high").replace("share: 0.5", "share: 2")
    assert [it.partition(":")[0] for it in problems(text)] == [
        "models.churn.steps[0].share",
        "models.churn.guards.errors.margin",
    ]


def test_the_page_s_examples_are_sound() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rollout.md").read_text()
    examples = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
    assert [read(it, Rollouts, "rollout.yaml").models["delay"].mode for it in examples] == [
        "canary",
        "ab",
        "shadow",
    ]
