from __future__ import annotations

import pytest

from pennon.config import Config, load
from pennon.config.places import line_of_gate
from pennon.errors import ConfigError

PROJECT = """
kit: 1
models:
  churn:
    task: classification
    dataset: customers
    target: left
    estimator: shop.model:build
    metric: roc_auc
    slices: [country]
environments:
  staging: {}
  production: {after: staging, port: 8081}
"""
DATASET = """
source: data/customers.csv
key: [id]
contract:
  columns:
    id: {type: integer, unique: true}
    country: {type: string}
    left: {type: integer, min: 0, max: 1}
"""
GATES = """
gates:
  - {id: useful, metric: roc_auc, superior: {than: baseline}}
"""
FILES = {
    "pennon.yaml": PROJECT,
    "data/customers.yaml": DATASET,
    "gates.yaml": GATES,
    "params.yaml": "churn: {depth: 3}\n",
}


def config(**changes: str) -> Config:
    """The files above, some replaced: `config(pennon_yaml="…")`."""
    replaced = {
        name: changes.get(name.split("/")[-1].replace(".", "_"), FILES[name]) for name in FILES
    }
    return load(lambda path: replaced.get(path))  # noqa: PLW0108  an overload is no reader


def sliced(slices: str) -> dict[str, str]:
    """The project with other slices."""
    return {"pennon_yaml": PROJECT.replace("slices: [country]", f"slices: [{slices}]")}


def problems(**changes: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config(**changes)
    return [line.strip() for line in caught.value.what.splitlines()[1:]]


def test_a_sound_configuration_is_read_whole() -> None:
    found = config()
    assert found.model("churn").slices == ("country",)
    assert found.params["churn"] == {"depth": 3}
    assert found.project.environments["production"].after == "staging"
    assert [gate.id for gate in found.gates.of("churn")] == ["useful"]


def test_all_problems_of_a_file_are_told_at_once_with_their_paths() -> None:
    text = (
        PROJECT.replace("roc_auc", "[1]")
        .replace("port: 8081", "port: high")
        .replace("kit: 1", "kit: 2")
    )
    found = problems(pennon_yaml=text)
    assert [line.split(": ")[1] for line in found] == [
        "kit",
        "models.churn.metric",
        "environments.production.port",
    ]


def test_an_unknown_key_names_the_known_ones() -> None:
    (line,) = problems(pennon_yaml=PROJECT.replace("slices:", "slice:"))
    assert line.startswith("pennon.yaml: models.churn.slice: unknown key (known: task, dataset")


def test_a_missing_key_is_named() -> None:
    (line,) = problems(pennon_yaml=PROJECT.replace("    target: left\n", ""))
    assert line == "pennon.yaml: models.churn.target: required, but missing"


def test_what_is_not_yaml_tells_the_line() -> None:
    (line,) = problems(gates_yaml="gates:\n  - id: [")
    assert line.startswith("gates.yaml: line 3, column")


def test_problems_of_several_files_are_told_together() -> None:
    found = problems(gates_yaml="gates: 5", params_yaml="churn: 1", customers_yaml="key: []")
    assert {line.split(":")[0] for line in found} == {
        "gates.yaml",
        "params.yaml",
        "data/customers.yaml",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pennon_yaml": PROJECT.replace("left", "gone")}, "'gone' is not a column of"),
        ({"pennon_yaml": PROJECT.replace("[country]", "[city]")}, "'city' is not a column of"),
        ({"pennon_yaml": PROJECT.replace("staging, port", "nowhere, port")}, "unknown environment"),
        ({"pennon_yaml": PROJECT.replace("staging: {}", "staging: {stage: x}")}, "unknown stage"),
        (
            {"pennon_yaml": PROJECT.replace("dataset: customers", "dataset: d")},
            "data/d.yaml: missing",
        ),
        (sliced("{name: far, column: no, bins: [1]}"), "'no' is not a column"),
        (sliced("{name: far}"), "exactly one of column, function"),
        (sliced("{name: far, column: id, function: 'a:b'}"), "exactly one of column, function"),
        (sliced("{name: far, column: id, bins: [2, 1]}"), "are rising limits of a column"),
        (sliced("{name: far, function: 'a:b', bins: [1]}"), "are rising limits of a column"),
        (sliced("{name: far, column: country, bins: [1]}"), "'country' holds no numbers"),
        (sliced("country, {name: country, column: id}"), "there is a slice 'country' already"),
        (sliced("country]\n    metrics: [cost"), "missing; the metric `cost` needs it"),
        (sliced("country]\n    costs: {threshold: 1}\n    metrics: ["), "unknown key"),
        (
            sliced("country]\n    costs: {}\n    metrics: ["),
            "either costs of answers, or a function",
        ),
        (
            sliced("a]\n    costs: {false_positive: 1, function: 'a:b'}\n    metrics: ["),
            "either costs of answers, or a function",
        ),
        (sliced("country]\n    draws: 3\n    metrics: ["), "fewer than 5 say nothing"),
        (
            {"gates_yaml": GATES.replace("baseline", "champion, draws: true")},
            "missing; gate 'useful' needs it",
        ),
        (
            {"gates_yaml": GATES.replace("baseline", "baseline, draws: true")},
            "`draws` compares with the champion",
        ),
        (
            sliced("country]\n    draws: 5\n    metrics: [log_loss")
            | {"gates_yaml": "gates: [{id: g, metric: log_loss, superior: {draws: true}}]"},
            "`draws` are scored by roc_auc",
        ),
        ({"customers_yaml": DATASET.replace("[id]", "[no]")}, "'no' is not a column"),
        ({"customers_yaml": DATASET + "holdout: {after: '2026'}\n"}, "needs `time`"),
        ({"customers_yaml": DATASET + "group: no\n"}, "'no' is not a column"),
        ({"customers_yaml": DATASET + "blocks: day\n"}, "needs `time`"),
        (
            {"customers_yaml": DATASET + "time: id\ngroup: id\nblocks: day\n"},
            "another way to say what belongs together",
        ),
        ({"gates_yaml": GATES.replace("metric", "min: 1, metric")}, "exactly one of min"),
        ({"gates_yaml": GATES.replace("metric", "models: [x], metric")}, "unknown model 'x'"),
        ({"params_yaml": "other: {}"}, "no model of this name"),
        ({"pennon_yaml": PROJECT.replace("    estimator: shop.model:build\n", "")}, "exactly one"),
        (
            {"pennon_yaml": PROJECT.replace("estimator:", "command: [x]\n    estimator:")},
            "exactly one of estimator, command",
        ),
        (
            {"pennon_yaml": PROJECT.replace("estimator: s", "command: [x]\n    features: s")},
            "belongs to an estimator",
        ),
        (
            {
                "pennon_yaml": PROJECT.replace(
                    "estimator: shop.model:build", "command: [x]\n    engine: {flips: 1}"
                )
            },
            "a command predicts itself",
        ),
        ({"pennon_yaml": PROJECT + "aliases: {prod: best}\n"}, "unknown stage 'best'"),
        ({"pennon_yaml": PROJECT + "aliases: {champion: challenger}\n"}, "is a stage itself"),
        ({"pennon_yaml": PROJECT + "naming: {models: 'm-.+'}\n"}, "does not match naming.models"),
        ({"pennon_yaml": PROJECT + "naming: {branches: '('}\n"}, "is no regular expression"),
    ],
)
def test_contradictions_between_files_are_found(changes: dict[str, str], words: str) -> None:
    assert any(words in line for line in problems(**changes))


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no model named 'chrun'; the models are: churn"):
        config().model("chrun")


def test_outside_of_a_model_repository_the_way_in_is_told() -> None:
    with pytest.raises(ConfigError, match="or make one: pennon new"):
        load(lambda _: None)


@pytest.mark.parametrize("word", ["no", "NO", "on", "yes", "2026-11-21"])
def test_a_word_stays_the_word_that_was_written(word: str) -> None:
    text = DATASET.replace("country: {type: string}", f"country: {{type: string, among: [{word}]}}")
    column = config(customers_yaml=text).datasets["customers"].contract.columns["country"]
    assert column.among == (word,)


GATES_WITH_COMMENTS = """\
# gates: none of these is a gate: - id: better
confidence: 0.95
gates:
  - id: useful
    metric: roc_auc
    why: "the id: better is further down"

  - {metric: roc_auc, superior: {}, id: better}
  - metric: recall
    min: 0.5
    "id": 'floor'
"""


@pytest.mark.parametrize(
    ("gate", "line"), [("useful", 4), ("better", 8), ("floor", 11), ("none", 0)]
)
def test_a_gate_is_found_on_the_line_of_its_id(gate: str, line: int) -> None:
    assert line_of_gate(GATES_WITH_COMMENTS, gate) == line


@pytest.mark.parametrize("text", ["", "gates: 7", "[", "gates: [x, {id: [1]}]"])
def test_where_there_are_no_gates_there_is_no_line(text: str) -> None:
    assert line_of_gate(text, "better") == 0
