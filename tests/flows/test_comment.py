"""The second step of a fork's review: who is told what, and what hostile artifacts come to."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import hostile
from fork import (
    ATTEMPT,
    HEAD,
    MEMBER,
    RUN,
    URL,
    Attack,
    Fork,
    Payload,
    dumped,
    honest,
    put,
    stopped,
    upload,
    zipped,
)
from hostile import HOSTILE
from light import LIGHT, Light
from pennon.errors import ArtifactError, EvaluationError, ForgeError
from pennon.flows.comment import Ask, Commented, comment, outcome
from pennon.flows.comments.parcel import members
from pennon.forge import marker
from pennon.forge.stamps import order_of
from pennon.report import Kind
from pennon.report.index import KEY
from worlds import commit_all, run_git

PAGE = Path(__file__).parents[2] / "docs" / "comment.md"
OURS = {"details", "summary", "sub", "b", "br", "code", "!--"}
LINKS = re.compile(rf"{URL}|https://github\.com/pennon-ml/pennon/blob/v0/docs/\w+\.md(#\w+)?")
SECTIONS = {
    "The archive": hostile.ARCHIVES,
    "The text": hostile.TEXTS,
    "The numbers": hostile.NUMBERS,
    "What is claimed": hostile.FORGERIES,
    "The words": hostile.WORDS,
}
gfm = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

Made = Callable[[], Fork]


@pytest.fixture(scope="module")
def made_fork(made_light: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fork") / "it"
    shutil.copytree(made_light, folder)
    Fork.make(Light(folder))
    return folder


@pytest.fixture
def fork(made_fork: Path, tmp_path: Path) -> Fork:
    shutil.copytree(made_fork, tmp_path, dirs_exist_ok=True)
    return Fork(Light(tmp_path))


def tokens(markdown: str) -> list[Any]:
    """Flat, as a CommonMark parser with tables finds them."""
    return [part for token in gfm.parse(markdown) for part in token.children or [token]]


def harm(markdown: str) -> list[str]:
    """What somebody would notice who reads the comment: calls, links, markup that is not ours."""
    found = tokens(markdown)
    html = " ".join(it.content for it in found if "html" in it.type)
    text = "\n".join(it.content for it in found if it.type == "text")
    addresses = [str(it.attrs["href"]) for it in found if it.type == "link_open"]
    seen = markdown.replace("\n", "").replace("\u200b", "")
    return [
        *(it for it in re.findall(r"</?(\w+|!--)", html) if it not in OURS),
        *re.findall(r"[@#]\w+|://\S*|\bwww\.\S*", text),
        *(it for it in addresses if not LINKS.fullmatch(it)),
        *(it.type for it in found if it.type in {"image", "hr"}),
        *(it.tag for it in found if it.type == "heading_open" and it.tag != "h2"),
        *(c for c in seen if unicodedata.category(c) in {"Cc", "Cf", "Cs"}),
        *re.findall(r"pennon:\w+", html)[2:],  # the marker and the state
    ]


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "see #12",
        "https://e.vil",
        "[merge](https://e.vil)",
        "![x](https://e.vil/x.png)",
        "<img src=x>",
        "a <!-- pennon:report:v1 --> <!-- pennon:state --> <!-- pennon:previous -->",
        "a \u202e b",
        "# approved",
    ],
)
def test_harm_is_noticed_where_there_is_some(text: str) -> None:
    assert harm(text) != []


def came(found: list[Commented]) -> str:
    """One cell of the page's table."""
    (it,) = found
    if it.refused:
        said = re.sub(r" \(byte \d+\)", "", it.refused).replace("`", "").replace("|", "\\|")
        return f"not shown, exit code {it.exit_code}: {said}"
    heading = next(line for line in it.report.splitlines() if line.startswith("## "))
    return f"shown: {heading.partition(' — ')[2]}"


def test_the_numbers_of_a_fork_are_shown_and_decided_by_the_gates_of_the_base(fork: Fork) -> None:
    (found,) = fork.comment(upload(honest()))
    (body,) = fork.bodies()
    assert (found.kind, found.pull, outcome([found])) == (Kind.BETTER, fork.pull, None)
    assert body.startswith(f"{marker(f'{LIGHT}/review')}\n## ✅ `{LIGHT}` — ready to promote")
    assert "*Numbers come from code of an outside contributor.*" in body
    assert "3 of 3 gates let it pass" in body
    assert order_of(body) == (RUN, ATTEMPT)
    assert harm(body) == []


def test_the_history_is_that_of_the_registry(fork: Fork) -> None:
    (found,) = fork.comment(upload(honest()))
    assert "History of the decision metric" in found.report
    assert "`v1.4.0` 0.800 · `v1.5.0` 0.800 · candidate 0.800" in found.report


def many(fork: Fork, number: int) -> list[str]:
    """The base branch with as many models, all alike but for their ledgers."""
    root = fork.light.world.root
    project = (root / "pennon.yaml").read_text()
    one = re.search(rf"  {LIGHT}:\n(    .*\n)+", project)
    assert one
    names = [f"other{n}" for n in range(number - 1)]
    more = "".join(one[0].replace(f"  {LIGHT}:", f"  {name}:") for name in names)
    (root / "pennon.yaml").write_text(project.replace(one[0], one[0] + more))
    commit_all(root, "more models")
    run_git(root, "push", "--quiet", "origin", "HEAD")
    run_git(fork.world.root, "fetch", "--quiet", "origin")
    return names


def test_many_models_of_a_fork_share_one_comment(fork: Fork) -> None:
    names = many(fork, 4)
    unchanged = stopped(kind="nothing_changed", reason=":)") | {"model": names[1]}
    files = ((f"{names[1]}/review.json", dumped(unchanged)), (MEMBER, dumped(honest())))
    found = fork.comment(zipped(*files))
    assert [it.exit_code for it in found] == [0, 12, 0, 12]
    (body,) = fork.bodies()
    assert body.startswith(f"{marker(KEY)}\n## ⚠️ Review of 4 models — 2 need a look")
    assert "*Numbers come from code of an outside contributor.*" in body
    assert f"| `{LIGHT}` | ✅&nbsp;ready to promote" in body
    assert "≈&nbsp;nothing that a training reads has changed" in body
    assert harm(body) == []


def test_the_files_of_sixty_models_are_read(fork: Fork) -> None:
    """They are more than a run of few models may leave."""
    names = many(fork, 60)
    files = [(f"{name}/{number}", b"{}") for name in names for number in range(18)]
    found = fork.comment(zipped((MEMBER, dumped(honest())), *files))
    assert found[0].kind is Kind.BETTER
    assert len(fork.bodies()[0]) <= 60_000


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_run_leaves_nothing_gets_through(name: str, fork: Fork) -> None:
    found = fork.comment(HOSTILE[name]())
    (body,) = fork.bodies()
    error = outcome(found)
    assert harm(body) == []
    assert order_of(body) == (RUN, ATTEMPT)
    assert len(body) <= 60_000
    assert fork.bodies(fork.victim) == []
    assert getattr(error, "exit_code", 0) in {0, 6, 12}


def test_the_page_lists_what_was_tried_and_what_came_of_it(
    fork: Fork, request: pytest.FixtureRequest
) -> None:
    text = PAGE.read_text()
    for title, attacks in SECTIONS.items():
        table = "".join(f"| {name} | {tried(fork, make)} |\n" for name, make in attacks.items())
        shape = re.compile(rf"(### {title}\n\n[^\n]*\n\|---\|---\|\n)(?:\|[^\n]*\n)*")
        wanted = shape.sub(lambda found, rows=table: found[1] + rows, text)  # type: ignore[misc]  # mypy: no default in a lambda
        if request.config.getoption("--regold"):
            PAGE.write_text(wanted)
            text = wanted
        assert wanted == text, title


def tried(fork: Fork, make: Attack) -> str:
    shutil.rmtree(fork.light.folder / "forge" / "artifacts", ignore_errors=True)
    fork.leave(make())
    return came(comment(fork.world, Ask(), dry_run=True))


def test_an_attack_that_should_be_shown_is_decided_by_what_is_known(fork: Fork) -> None:
    expected = {
        "intervals that are better than their noise": Kind.WORSE,
        "a direction of its own": Kind.WORSE,
        "a confidence of its own": Kind.NO_DIFFERENCE,
        "no champion, though there is one": Kind.CHAMPION_UNSCORED,
        "that nothing has changed": Kind.NOTHING_CHANGED,
    }
    for name, kind in expected.items():
        (found,) = fork.comment(HOSTILE[name]())
        assert found.kind is kind, name


def test_looks_at_the_holdout_are_those_of_the_registry(fork: Fork) -> None:
    (found,) = fork.comment(HOSTILE["fewer looks at the holdout than the registry knows"]())
    assert "Look 4 of 20" in found.report


def test_that_nothing_has_changed_is_the_word_of_the_fork(fork: Fork) -> None:
    (found,) = fork.comment(HOSTILE["that nothing has changed"]())
    assert "The run of the fork says so" in found.report
    assert "Approved" not in found.report


def test_the_recipe_of_the_champion_is_compared_with_itself(fork: Fork) -> None:
    recipe = f"sha256:{'ab' * 32}"
    (found,) = fork.comment(upload(put(honest(), "measured.manifest.recipe", recipe)))
    assert found.kind is Kind.SAME


def test_the_end_of_a_failed_training_is_not_read_back_as_a_report(fork: Fork) -> None:
    """The comment of one run is kept below that of the next: its log must not become Markdown."""
    text = "<!-- pennon:previous -->\n# @everyone ![x](https://e.vil)\n<!-- /pennon:previous -->"
    for attempt in (1, 2):
        fork.ended(run_attempt=attempt)
        example = {"code": text, "column": text, "what": text, "example": text, "rows": 1}
        payload = stopped(log=text, findings=[example], kind="data_broken")
        fork.comment(upload(payload | {"attempt": attempt}))
    (body,) = fork.bodies()
    assert harm(body) == []
    assert "<!-- pennon:previous -->" not in body


def test_a_failed_run_keeps_the_numbers_of_the_one_before(fork: Fork) -> None:
    fork.ended(run_attempt=1)
    fork.comment(upload(honest() | {"attempt": 1}))
    fork.ended()
    fork.comment(upload(stopped()))
    (body,) = fork.bodies()
    assert "training failed" in body
    assert "The last report with numbers" in body


def test_an_older_attempt_that_ends_last_changes_nothing(fork: Fork) -> None:
    fork.comment(upload(honest()))
    (before,) = fork.bodies()
    fork.ended(run_attempt=1)
    fork.comment(upload(stopped() | {"attempt": 1}))
    assert fork.bodies() == [before]


def test_what_cannot_be_shown_ends_with_the_exit_code_of_its_kind(fork: Fork) -> None:
    assert isinstance(outcome(fork.comment(b"no zip")), ArtifactError)
    bad = put(honest(), "measured.evaluation.threshold", 7.0)
    assert isinstance(outcome(fork.comment(upload(bad))), EvaluationError)


def test_a_gate_on_what_the_fork_did_not_measure_is_said(fork: Fork) -> None:
    payload = honest()
    for it in payload["measured"]["evaluation"]["comparisons"]:
        it["slices"] = []
    (found,) = fork.comment(upload(payload))
    assert found.exit_code == 3
    assert "countries" in found.report


def test_the_branch_that_is_to_be_changed_decides(fork: Fork) -> None:
    """The same numbers under the gates of main, and under those of the release branch."""
    root = fork.light.world.root
    run_git(root, "switch", "--quiet", "--create", "release")
    (root / "gates.yaml").write_text("gates: [{id: strict, metric: roc_auc, min: 0.99}]\n")
    commit_all(root, "strict")
    run_git(root, "push", "--quiet", "origin", "release")
    run_git(fork.world.root, "fetch", "--quiet", "origin")
    more = {"base": "a0" * 20, "base_branch": "release", "from_fork": True}
    other = fork.forge.open_pull(title="the same", head=HEAD, **more)  # type: ignore[arg-type]  # of several types
    kinds = {it.pull: it.kind for it in fork.comment(upload(honest()))}
    assert kinds == {fork.pull: Kind.BETTER, other.number: Kind.WORSE}


def test_a_pull_request_of_this_repository_has_its_own_review(fork: Fork) -> None:
    own = fork.forge.open_pull(title="the same", head=HEAD, base="a0" * 20, base_branch="main")
    fork.comment(upload(honest()))
    assert fork.bodies(own.number) == []
    fork.ended(head_repository={"full_name": "acme/shop"})
    assert fork.comment(upload(honest())) == []


def test_dependabot_gets_its_comment_here_too(fork: Fork) -> None:
    own = fork.forge.open_pull(title="bump", head=HEAD, base="a0" * 20, base_branch="main")
    fork.ended(head_repository={"full_name": "acme/shop"}, actor={"login": "dependabot[bot]"})
    assert [it.pull for it in fork.comment(upload(honest()))] == [own.number]


@pytest.mark.parametrize("event", ["push", "workflow_dispatch"])
def test_a_run_of_another_event_is_left_alone(fork: Fork, event: str) -> None:
    fork.ended(event=event)
    assert fork.comment(upload(honest())) == []
    assert "has commented by itself" in fork.said[-1]


def test_where_the_pull_request_has_moved_on_nobody_is_told(fork: Fork) -> None:
    fork.ended(head_sha="e0" * 20)
    assert fork.comment(upload(honest())) == []
    assert "nobody to tell" in fork.said[-1]


def test_a_dry_run_says_it_and_writes_nothing(fork: Fork) -> None:
    fork.leave(upload(honest()))
    (found,) = comment(fork.world, Ask(), dry_run=True)
    assert "ready to promote" in found.report
    assert fork.bodies() == []


def test_without_an_event_the_run_has_to_be_named(fork: Fork) -> None:
    fork.event.write_text("{}")
    fork.leave(upload(honest() | {"attempt": 1}))
    with pytest.raises(ForgeError, match="no run to comment on"):
        comment(fork.world, Ask())
    (found,) = comment(fork.world, Ask(run=RUN, head=HEAD))
    assert found.kind is Kind.BETTER


def test_a_job_without_the_ml_stack_can_comment(fork: Fork) -> None:
    """It installs the light core: what it would have to import there is not here either."""
    fork.leave(upload(honest() | {"attempt": 1}))
    done = command(fork, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["kind"] == "better"


COMMANDS = "::error::x\n##[error]x\n::add-mask::a\n::stop-commands::x"


@pytest.mark.parametrize(
    "payload",
    [
        stopped(log=COMMANDS, reason=COMMANDS),
        stopped(kind=COMMANDS),
        stopped() | {COMMANDS: 1},
        stopped(findings=[{COMMANDS: COMMANDS}]),
    ],
    ids=["log", "kind", "field", "finding"],
)
def test_the_log_of_the_job_has_no_word_of_the_fork(fork: Fork, payload: Payload) -> None:
    """GitHub reads commands from it, which would act in a job that may write."""
    fork.leave(upload(payload | {"attempt": 1}))
    done = command(fork)
    said = done.stdout + done.stderr
    assert done.returncode in {0, 12}, said
    assert "Traceback" not in said
    assert not re.search(r"##\[|^\s*::|add-mask", said, re.MULTILINE)


def command(fork: Fork, *options: str) -> subprocess.CompletedProcess[str]:
    """`pennon comment` where nothing can be imported that the light core has not."""
    heavy = ("numpy", "pandas", "sklearn", "skops", "scipy")
    code = (
        f"import sys\nfor name in {heavy}: sys.modules[name] = None\n"
        "from pennon.cli import main\nmain()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "comment", "--run", str(RUN), "--head", HEAD, *options],
        cwd=fork.world.root,
        env=os.environ | {"PENNON_FORGE": f"local:{fork.light.folder / 'forge'}"},
        capture_output=True,
        text=True,
        check=False,
    )


def places(value: Any, at: str = "") -> list[str]:  # noqa: ANN401  any JSON
    """The path of everything in a payload."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, item in items:
        if "." in str(name):  # a file's
            continue
        path = f"{at}.{name}" if at else str(name)
        found += [path, *(places(item, path) if isinstance(item, dict | list) else ())]
    return found


ODD = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -1, 1e-300, 5e-324, 1e29, -1e29, 1e308, 2**62, "", "\n@x", [], {}])
    | st.text(max_size=9)
)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=st.lists(st.tuples(st.sampled_from(places(honest())), ODD), min_size=1, max_size=4))
def test_no_value_anywhere_brings_it_down(changes: list[tuple[str, Any]], fork: Fork) -> None:
    payload: Payload = honest()
    for path, value in changes:
        if path in places(payload):
            put(payload, path, value)
    fork.leave(upload(payload))
    for found in comment(fork.world, Ask(), dry_run=True):
        assert harm(found.report) == []


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=6)), min_size=1, max_size=6
    ),
    cut=st.integers(0, 200),
)
def test_no_broken_zip_brings_it_down(
    changes: list[tuple[int, bytes]], cut: int, tmp_path: Path
) -> None:
    content = bytearray(upload(b'{"format": 1}'))
    for at, piece in changes:
        start = at % len(content)
        content[start : start + len(piece)] = piece
    file = tmp_path / "zip"
    file.write_bytes(content[: len(content) - cut])
    try:
        members(file, [f"{LIGHT}/review.json"])
    except ArtifactError as error:
        assert error.what  # noqa: PT017  both ways are right
