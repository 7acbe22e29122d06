"""The card as Hugging Face reads it: their library, their template, names that would break it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from huggingface_hub.repocard import TEMPLATE_MODELCARD_PATH
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hostile import ESCAPES
from pennon.config import Config, load
from pennon.config.intake import Answers, Intake, Role, UseCase
from pennon.evaluation import Evaluation
from pennon.registry import BaseModel, DatasetRef, Manifest
from pennon.report import card
from pennon.report.frontmatter import LICENCES
from pennon.report.principles import Kept

gfm = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HEADING = re.compile(r"^(#+ .+)$", re.MULTILINE)
OURS = {"### Fairness", "## Principles"}
NOT_OURS = {  # what a table's model has not, or what nobody records
    "## Glossary",
    "## More Information",
}


@pytest.fixture
def text(config: Config, manifest: Manifest, evaluation: Evaluation) -> str:
    said = Intake(use_case=_use_case(licence="MIT", citation="Ada, 2026"))
    return card(config, manifest, evaluation, version="v1.1.0", intake=said)


def _use_case(**answers: str) -> UseCase:
    facts = {"name": "n", "business_owner": "b", "consumption": "c", "sensitivity": "s"}
    return UseCase(**(facts | answers))  # type: ignore[arg-type]  # all of them are text


def metadata(text: str) -> ModelCardData:
    data = ModelCard(text).data
    assert isinstance(data, ModelCardData)
    return data


def test_their_library_gives_the_same_text_back(text: str, tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(text, encoding="utf-8")
    assert str(ModelCard.load(file)) == text


def test_the_metadata_is_what_their_fields_mean(text: str) -> None:
    data = metadata(text)
    assert (data.license, data.library_name, data.pipeline_tag) == (
        "mit",
        "sklearn",
        "tabular-classification",
    )
    assert (data.datasets, data.metrics) == (["flights"], ["roc_auc", "log_loss", "recall"])
    assert data.model_name == "delay"
    assert {"pennon", "tabular", "skops"} <= set(data.tags or [])


def test_a_result_is_the_one_that_they_would_write(text: str) -> None:
    found = metadata(text).eval_results
    assert found is not None
    assert found[0] == EvalResult(
        task_type="tabular-classification",
        task_name="Tabular classification",
        dataset_type="flights",
        dataset_name="flights",
        dataset_split="holdout",
        dataset_revision="sha256:51aa07c4d2b19e00f1",
        metric_type="roc_auc",
        metric_value=0.7056,
        metric_name="ROC AUC, 95 % interval 0.689 to 0.722",
        metric_args={"confidence": 0.95, "low": 0.6894, "high": 0.7218},
        source_name="the run that measured it",
        source_url="https://github.com/acme/flights/actions/runs/4821",
    )


def test_no_result_claims_that_they_have_measured_it(text: str) -> None:
    found = metadata(text).eval_results or []
    assert len(found) == 3
    assert [it.verified for it in found] == [None] * 3


def test_the_sections_are_those_of_their_template_in_their_order(text: str) -> None:
    theirs = [
        heading.replace(" [optional]", "")
        for heading in HEADING.findall(TEMPLATE_MODELCARD_PATH.read_text(encoding="utf-8"))
        if heading.startswith("##")
    ]
    code = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    ours = [it for it in HEADING.findall(code.sub("", text)) if it.startswith("##")]
    assert [it for it in ours if it not in OURS] == [it for it in theirs if it not in NOT_OURS]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", (None, None)),
        ("Apache-2.0", ("apache-2.0", None)),
        (" CC BY 4.0 ", ("cc-by-4.0", None)),
        ("Acme's own, v2", ("other", "acme-s-own-v2")),
    ],
)
def test_a_licence_that_they_do_not_know_is_another_one_with_its_name(
    said: str, read: tuple[str | None, str | None], config: Config, manifest: Manifest,
    evaluation: Evaluation,
) -> None:  # fmt: skip
    it = Intake(use_case=_use_case(licence=said))
    data = metadata(card(config, manifest, evaluation, version="v1", intake=it))
    assert (data.get("license"), data.get("license_name")) == read


def test_other_and_unknown_are_no_licences_that_somebody_may_name() -> None:
    assert not LICENCES & {"other", "unknown"}
    assert all(re.fullmatch(r"[a-z0-9.-]+", it) for it in LICENCES)


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("https://huggingface.co/acme/base-1.0/resolve/main/weights.bin", "acme/base-1.0"),
        ("https://models.acme.example/base/resolve/weights.bin", None),
    ],
)
def test_the_hub_is_told_of_a_base_that_it_has(
    where: str, name: str | None, config: Config, manifest: Manifest, evaluation: Evaluation
) -> None:
    base = BaseModel(uri=where, digest="sha256:77", about="Weights of all flights.")
    made = msgspec.structs.replace(manifest, base_model=base)
    text = card(config, made, evaluation, version="v1.1.0")
    assert metadata(text).base_model == name
    assert "### Base Model" in text


def test_a_program_is_not_called_scikit_learn(manifest: Manifest, evaluation: Evaluation) -> None:
    project = (
        "kit: 1\nmodels: {delay: {task: classification, dataset: d, target: y,"
        " metric: roc_auc, command: [Rscript, train.R]}}"
    )
    dataset = "source: x\nkey: [y]\ncontract: {columns: {y: {type: integer}}}"
    found = load({"pennon.yaml": project, "data/d.yaml": dataset}.get)
    data = metadata(card(found, manifest, evaluation, version="v1.0.0"))
    assert (data.library_name, data.pipeline_tag) == (None, "tabular-classification")
    assert "skops" not in (data.tags or [])


def named(config: Config, manifest: Manifest, evaluation: Evaluation, name: str) -> str:
    """`name` wherever somebody can write one."""
    model = msgspec.structs.replace(config.model("delay"), target=name, exclude=(name,))
    project = msgspec.structs.replace(config.project, models={name: model}, owners=(name,))
    found = msgspec.structs.replace(config, project=project)
    part = DatasetRef(name=name, content=name, schema=name, rows=1)
    run = msgspec.structs.replace(manifest.run, actor=name, url=name)
    fields = Answers.__struct_fields__
    use_case = UseCase(
        name=name or "n",
        business_owner=name or "n",
        consumption=name or "n",
        sensitivity=name or "n",
        **dict.fromkeys(fields, name),  # type: ignore[arg-type]  # all of them are text
    )
    first, *others = evaluation.comparisons
    part_of = msgspec.structs.replace(first.slices[0], column=name, value=name)
    shown = msgspec.structs.replace(first, name=name, method=name, slices=(part_of,))
    return card(
        found,
        msgspec.structs.replace(
            manifest,
            model=name,
            data=(part,),
            run=run,
            params={name: name},
            libraries={name: name},
            python=name,
        ),
        msgspec.structs.replace(evaluation, comparisons=(shown, *others)),
        version="v1.0.0",
        intake=Intake(use_case=use_case, roles={name: Role(who=name, duties=(name,))}),
        principles=[Kept(id="a", title=name or "t", owner=name, tests=(name,))],
    )


def holds(text: str) -> None:
    """The metadata end where they should, and the body has no heading, tag or table of a name's."""
    found, data = ModelCard(text), metadata(text)
    assert str(found) == text
    assert found.text.startswith("\n# Model Card for ")
    assert (data.pipeline_tag, data.library_name) == ("tabular-classification", "sklearn")
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", it) for it in data.datasets or [])
    assert [it.metric_value for it in data.eval_results or []] == [0.7056, 0.5012, 0.2391]


def shape(text: str) -> list[tuple[str, str]]:
    """The blocks of the body: what a name must not add to or take from."""
    tokens = gfm.parse(ModelCard(text).text)
    return [(it.type, it.tag) for it in tokens if it.type in BLOCKS or it.tag in {"h1", "h2"}]


@pytest.fixture(scope="module")
def tame(config: Config, manifest: Manifest, evaluation: Evaluation) -> list[tuple[str, str]]:
    return shape(named(config, manifest, evaluation, "tame"))


BLOCKS = {"heading_open", "table_open", "th_open", "html_block", "blockquote_open", "hr", "fence"}


@pytest.mark.parametrize("attack", ESCAPES)
def test_a_hostile_name_breaks_nothing(
    attack: str,
    config: Config,
    manifest: Manifest,
    evaluation: Evaluation,
    tame: list[tuple[str, str]],
) -> None:
    text = named(config, manifest, evaluation, ESCAPES[attack])
    holds(text)
    assert shape(text) == tame


YAML = [
    "---",
    "...",
    "~",
    "yes",
    "2026-11-21",
    "1e3",
    "*a",
    "&a",
    "!!python/object:os.system",
    "{a: b}",
]
TEXT = st.text(st.characters() | st.sampled_from("-|`#<>\n\r\u2028\u0085:*_[]{}!&%@'\" "))


@settings(deadline=None)  # templates are read at the first card
@given(name=TEXT | st.sampled_from(YAML) | st.builds("\n---\n{}\n---\n".format, TEXT))
def test_no_name_at_all_breaks_the_metadata(
    name: str,
    config: Config,
    manifest: Manifest,
    evaluation: Evaluation,
    tame: list[tuple[str, str]],
) -> None:
    text = named(config, manifest, evaluation, name)
    holds(text)
    if name.strip():  # an answer of spaces is none: the card says so
        assert shape(text) == tame
