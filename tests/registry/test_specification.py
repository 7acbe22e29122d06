"""docs/registry.md is the specification: its grammar, tables and example are the code's."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.errors import RegistryError
from pennon.registry import (
    Assignment,
    DatasetRef,
    Engine,
    EventKind,
    Field,
    Manifest,
    Measured,
    Registration,
    Retirement,
    RunInfo,
    Signature,
)
from pennon.registry.grammar import parse
from pennon.registry.payload import SUBJECTS, Traffic, message
from pennon.registry.payload import parse as parse_payload
from worlds import run_git

PAGE = (Path(__file__).parents[2] / "docs" / "registry.md").read_text()
RECORDS = [
    *(Registration, Assignment, Retirement, Manifest, DatasetRef),
    *(Measured, Signature, Field, RunInfo, Traffic, Engine),
]
TEXT = st.text(max_size=60)


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_the_page_lists_every_field_with_its_default(record: type[msgspec.Struct]) -> None:
    section = PAGE.partition(f"\n### {record.__name__}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]*?) ?\|", section, re.MULTILINE)
    fields = msgspec.structs.fields(record)
    assert [name for name, _ in rows] == [field.name for field in fields]
    assert [bool(default) for _, default in rows] == [not field.required for field in fields]


@settings(max_examples=2000, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"aZ9-_/.=:#@!v0", "v1.0.0", "v1.2.3-rc.1+b.7", "deprecated", "churn"]),
        max_size=8,
    ).map("".join)
)
def test_the_page_s_expression_takes_what_the_code_takes(tag: str) -> None:
    assert bool(re.fullmatch(block("regex").strip(), tag)) == (parse(tag) is not None)


@pytest.mark.parametrize("kind", list(EventKind))
def test_the_page_has_every_sentence(kind: EventKind) -> None:
    sentence = SUBJECTS[kind].format(model="churn", version="v1.4.0", stage="champion")
    assert f"| {kind} | `{sentence}` |" in PAGE


def test_the_page_s_example_has_the_id_it_says(clone: Path) -> None:
    oid = run_git(clone, "hash-object", "-t", "tag", "--literally", "--stdin", stdin=block("tag"))
    assert f"`{oid}`" in PAGE
    payload = parse_payload(block("tag").partition("\n\n")[2], Assignment, "churn#champion#1")
    assert (payload.version, payload.stage, payload.actor) == ("v1.4.0", "champion", "ada")


@given(TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple))
def test_whatever_people_say_comes_back(reason: str, actor: str, names: tuple[str, ...]) -> None:
    said = Assignment(version="v1.0.0", stage="s", reason=reason, actor=actor, approvals=names)
    text = message(EventKind.ASSIGN, said, "churn")
    assert parse_payload(text, Assignment, "churn#s#1") == said


@given(TEXT | st.text("-:?[]{}!&*#|>'\"%@` \n0123456789.e", max_size=40))
def test_whatever_a_tag_says_is_read_or_refused(body: str) -> None:
    with contextlib.suppress(RegistryError):
        parse_payload(f"by hand\n\n{body}", Retirement, "churn@v1.0.0!")


@pytest.mark.parametrize("body", ["at: 2026-13-45", "[" * 10_000, "&a [*a]", "? [a]\n: b"])
def test_a_trap_in_the_yaml_is_refused(body: str) -> None:
    with pytest.raises(RegistryError, match="no readable retirement"):
        parse_payload(f"by hand\n\n{body}", Retirement, "churn@v1.0.0!")
