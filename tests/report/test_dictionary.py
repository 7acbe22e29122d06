"""The data dictionary: what a contract says, one table row for each column, whatever is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pennon.config import Blocks, Column, Contract, Dataset, Holdout, Kind, Lock, Sample
from pennon.report.dictionary import MARK, MOST_AMONG, dictionary


def dataset(**columns: Column) -> Dataset:
    return Dataset(source="x.csv", key=("id",), contract=Contract(columns=columns))


def row(column: Column) -> str:
    """The line of a column `x`."""
    lines = dictionary({"d": dataset(x=column)}).splitlines()
    return next(line for line in lines if line.startswith("| `x` "))


def test_bounds_are_told_exactly() -> None:
    found = row(Column(type=Kind.NUMBER, min=-0.125, max=100000))
    assert "| ≥ −0.125, ≤ 100000 |" in found


def test_allowed_values_are_told_as_the_file_has_them() -> None:
    assert "| `DE`, `true`, `1.5` |" in row(Column(type=Kind.STRING, among=("DE", True, 1.5)))


def test_of_very_many_allowed_values_the_rest_is_counted() -> None:
    found = row(Column(type=Kind.INTEGER, among=tuple(range(MOST_AMONG + 7))))
    assert f"`{MOST_AMONG - 1}`, and 7 more |" in found


def test_a_column_tells_what_it_is() -> None:
    found = row(
        Column(type=Kind.STRING, unique=True, personal=True, missing=0.015, about="mail address")
    )
    assert found.endswith("| up to 1.5\u202f% | yes | **yes** | mail address |")


def test_a_dataset_tells_how_its_rows_are_used() -> None:
    it = Dataset(
        source="x.csv",
        key=("id", "day"),
        contract=Contract(columns={"id": Column(type=Kind.STRING)}),
        holdout=Holdout(after="2026-01-01"),
        sample=Sample(rows=500, by=("country",)),
        time="day",
        blocks=Blocks.WEEK,
        lock=Lock(content="sha256:ab", schema="sha256:cd", rows=12480),
    )
    text = dictionary({"d": it})
    for fact in (
        "| Key | `id`, `day` |",
        "| Rows that belong together | the same week of `day` |",
        "| Sealed rows | `day` from `2026-01-01` on |",
        "| Sample | 500 rows, in the proportions of `country` |",
        "| Locked rows | 12\u202f480 |",
        "| Locked content | `sha256:ab` |",
    ):
        assert fact in text


def test_a_dataset_without_a_lock_names_the_command() -> None:
    assert "not locked: `pennon data lock`" in dictionary(
        {"d": dataset(x=Column(type=Kind.STRING))}
    )


def test_the_order_of_the_configuration_does_not_matter() -> None:
    a, b = dataset(x=Column(type=Kind.NUMBER)), dataset(y=Column(type=Kind.STRING))
    assert dictionary({"a": a, "b": b}) == dictionary({"b": b, "a": a})


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_table(name: str, about: str, value: str) -> None:
    column = Column(type=Kind.STRING, among=(value,), about=about)
    text = dictionary({"d": dataset(**{name: column, "last": Column(type=Kind.NUMBER)})})
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    bodies = [token.map for token in tokens if token.type == "tbody_open" and token.map]
    assert text.startswith(MARK)
    assert bodies[-1][1] - bodies[-1][0] == 2
