from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.runner import Runner
from pennon.runner.text import SUMMARY_LIMIT, annotation, output, summary

PULL = {
    "pull_request": {
        "number": 7,
        "head": {"sha": "aaa", "ref": "change", "repo": {"full_name": "acme/shop"}},
        "base": {"sha": "bbb", "ref": "main", "repo": {"full_name": "acme/shop"}},
        "labels": [{"name": "train:full", "color": "fff"}],
    }
}


def runner(folder: Path, event: Any = None, **environment: str) -> Runner:  # noqa: ANN401  any JSON
    file = folder / "event.json"
    file.write_text(json.dumps(event or {}))
    facts = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)} | environment
    return Runner.from_environment(facts, io.StringIO())


def test_a_pull_request_is_read_from_the_event(tmp_path: Path) -> None:
    pull = runner(tmp_path, PULL).event.pull
    assert pull is not None
    assert (pull.number, pull.head, pull.base, pull.labels) == (7, "aaa", "bbb", ("train:full",))
    assert not pull.from_fork


@pytest.mark.parametrize("repo", [{"full_name": "somebody/shop"}, None])
def test_another_repository_or_a_deleted_one_is_a_fork(
    tmp_path: Path, repo: dict[str, str] | None
) -> None:
    event = json.loads(json.dumps(PULL))
    event["pull_request"]["head"]["repo"] = repo
    pull = runner(tmp_path, event).event.pull
    assert pull is not None
    assert pull.from_fork


@pytest.mark.parametrize("event", [{}, [], "x", {"pull_request": {"number": "seven"}}])
def test_an_event_of_another_kind_is_no_pull_request(tmp_path: Path, event: object) -> None:
    assert runner(tmp_path, event).event.pull is None


def test_who_started_a_run_again_is_its_actor(tmp_path: Path) -> None:
    found = runner(tmp_path, GITHUB_ACTOR="ada", GITHUB_TRIGGERING_ACTOR="bob")
    assert found.actor == "bob"


def test_outside_of_actions_nobody_is_the_actor_and_nothing_is_written(tmp_path: Path) -> None:
    stream = io.StringIO()
    found = Runner.from_environment({"GITHUB_ACTOR": "ada"}, stream)
    found.annotate("error", "lost")
    found.summary("# lost")
    with found.group("lost"):
        pass
    assert (found.actor, found.run_url, stream.getvalue()) == ("", "", "")
    assert list(tmp_path.iterdir()) == []


def test_summaries_add_up(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    found = runner(tmp_path, GITHUB_STEP_SUMMARY=str(file))
    found.summary("# one")
    found.summary("# two")
    assert file.read_text() == "# one\n# two\n"


def test_a_run_has_an_address_once_all_of_it_is_known(tmp_path: Path) -> None:
    facts = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/shop"}
    assert runner(tmp_path, **facts).run_url == ""
    found = runner(tmp_path, GITHUB_RUN_ID="5", **facts)
    assert found.run_url == "https://github.com/acme/shop/actions/runs/5"


@given(value=st.text())
def test_any_text_passes_through_an_output(value: str) -> None:
    written = output("report", value, "end-0123456789abcdef")
    name, _, rest = written.partition("<<end-0123456789abcdef\n")
    assert (name, rest.removesuffix("\nend-0123456789abcdef\n")) == ("report", value)


@given(message=st.text(), file=st.text(min_size=1))
def test_an_annotation_is_one_line_that_starts_no_other_command(message: str, file: str) -> None:
    line = annotation("error", message, file=file, line=3)
    assert "\n" not in line
    assert "\r" not in line
    properties = line.removeprefix("::error ").partition("::")[0]
    assert properties.count(",") == 1


def test_a_summary_beyond_the_limit_is_replaced_and_not_cut() -> None:
    assert "too long" in summary(["x" * (SUMMARY_LIMIT + 1)])


ENDED = {
    "workflow_run": {
        "id": 4821,
        "run_attempt": 2,
        "head_sha": "aaa",
        "event": "pull_request",
        "html_url": "https://github.com/acme/shop/actions/runs/4821",
        "repository": {"full_name": "acme/shop"},
        "head_repository": {"full_name": "acme/shop"},
        "actor": {"login": "ada"},
    }
}


def test_a_run_that_has_ended_is_read_from_the_event(tmp_path: Path) -> None:
    ran = runner(tmp_path, ENDED).event.ran
    assert ran is not None
    assert (ran.id, ran.attempt, ran.head, ran.event) == (4821, 2, "aaa", "pull_request")
    assert not ran.from_fork
    assert not ran.read_only


@pytest.mark.parametrize(
    ("key", "value", "fork"),
    [
        ("head_repository", {"full_name": "mallory/shop"}, True),
        ("head_repository", None, True),
        ("actor", {"login": "dependabot[bot]"}, False),
    ],
)
def test_a_run_of_a_fork_and_of_dependabot_could_not_write(
    tmp_path: Path, key: str, value: object, *, fork: bool
) -> None:
    event = {"workflow_run": ENDED["workflow_run"] | {key: value}}
    ran = runner(tmp_path, event).event.ran
    assert ran is not None
    assert (ran.from_fork, ran.read_only) == (fork, True)


def test_a_pull_request_that_dependabot_pushed_cannot_be_written_to(tmp_path: Path) -> None:
    ours = runner(tmp_path, PULL | {"sender": {"login": "ada"}}).event.pull
    theirs = runner(tmp_path, PULL | {"sender": {"login": "dependabot[bot]"}}).event.pull
    assert ours is not None
    assert theirs is not None
    assert (ours.read_only, theirs.read_only) == (False, True)


def test_a_summary_has_whole_reports_as_long_as_there_is_room_and_counts_the_rest() -> None:
    half = "x" * (SUMMARY_LIMIT // 2)
    text = summary(["# first", half, half, "# last"])
    assert text.startswith(f"# first\n{half}\n")
    assert "# last" not in text
    assert "2 reports are too long for a step summary" in text
    assert len(text.encode()) < 1 << 20


def test_what_a_step_has_written_before_takes_room_too(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    found = Runner.from_environment({"GITHUB_STEP_SUMMARY": str(file)}, io.StringIO())
    for _ in range(40):
        found.summary("x" * 60_000)
    assert file.stat().st_size < 1 << 20
