"""One report per key: what is decided, and what comes of it on both forges."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import ForgeError
from pennon.forge import Comment, Forge, Mark, mark, marker, upsert
from pennon.forge.local import LocalForge
from pennon.forge.stamps import carried, mark_of, marked, order_of, unmarked
from pennon.forge.sticky import LIMIT, Action, Plan, complete, decide

Author = Callable[[str], Forge]

KEY = "delay/review"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ME = "github-actions[bot]"
REPORT = """## ready to promote

<sub>Paired bootstrap, 1 000 resamples.</sub>

<sub>Run 7, updated 14:02</sub>"""


def report(run: int, *, text: str = REPORT, attempt: int = 1) -> str:
    return complete(KEY, text, run=run, attempt=attempt)


def comment(number: int, body: str, *, author: str = ME, is_bot: bool = True) -> Comment:
    return Comment(id=number, body=body, author=author, is_bot=is_bot)


def test_the_marker_is_an_html_comment_with_the_key() -> None:
    assert marker(KEY) == "<!-- pennon:report:v1 key=delay/review -->"


@pytest.mark.parametrize("key", ["", "a b", "x-->", "a\nb", "é"])
def test_a_key_that_would_break_the_marker_is_refused(key: str) -> None:
    with pytest.raises(ForgeError, match="cannot mark"):
        marker(key)


def test_a_report_opens_with_its_marker_and_ends_with_its_state() -> None:
    lines = report(7, attempt=2).splitlines()
    assert lines[0] == marker(KEY)
    assert lines[-1] == '<!-- pennon:state {"run":7,"attempt":2} -->'


def test_a_report_that_brings_both_keeps_its_facts_and_gets_this_run() -> None:
    once = complete(
        KEY, f'{marker(KEY)}\n{REPORT}\n<!-- pennon:state {{"head":"3f2"}} -->\n', run=7, attempt=1
    )
    assert once.count("pennon:report") == once.count("pennon:state") == 1
    assert once.endswith('<!-- pennon:state {"head":"3f2","run":7,"attempt":1} -->')
    assert complete(KEY, once, run=7, attempt=1) == once


def test_a_state_cannot_end_its_html_comment() -> None:
    text = complete(KEY, 'x\n<!-- pennon:state {"why":"a --\\u003e b"} -->', run=1, attempt=1)
    assert text.splitlines()[-1].count(">") == 1
    assert order_of(text) == (1, 1)


def test_a_report_of_60000_characters_fits_and_one_more_is_refused() -> None:
    room = LIMIT - len(complete(KEY, "x", run=1, attempt=1)) + 1
    assert len(complete(KEY, "🚩" * room, run=1, attempt=1)) == LIMIT
    with pytest.raises(ForgeError, match="60001 characters"):
        complete(KEY, "🚩" * (room + 1), run=1, attempt=1)


def test_the_first_report_is_created() -> None:
    assert decide([], ME, KEY, report(1)) == Plan(action=Action.CREATED)


def test_the_next_report_updates_the_first() -> None:
    found = [comment(3, report(1, text="worse"))]
    assert decide(found, ME, KEY, report(2)) == Plan(action=Action.UPDATED, comment=3)


def test_a_report_that_differs_in_its_footer_only_is_left_alone() -> None:
    found = [comment(3, report(1).replace("14:02", "09:30").replace("\n", "\r\n"))]
    assert decide(found, ME, KEY, report(1)).action is Action.UNCHANGED


def test_a_newer_run_that_says_the_same_leaves_its_number() -> None:
    found = [comment(3, report(1))]
    assert decide(found, ME, KEY, report(2)) == Plan(action=Action.RENEWED, comment=3)


@pytest.mark.parametrize("change", ["1 000 resamples", "ready"])
def test_a_change_above_the_footer_is_written(change: str) -> None:
    found = [comment(3, report(1).replace(change, "other"))]
    assert decide(found, ME, KEY, report(2)).action is Action.UPDATED


@pytest.mark.parametrize(("run", "attempt"), [(6, 9), (7, 1)])
def test_an_older_run_that_ends_last_writes_nothing(run: int, attempt: int) -> None:
    found = [comment(3, report(7, attempt=2, text="newer"))]
    plan = decide(found, ME, KEY, report(run, attempt=attempt))
    assert plan == Plan(action=Action.SUPERSEDED, comment=3)


def test_the_same_run_may_write_again() -> None:
    found = [comment(3, report(7, text="half"))]
    assert decide(found, ME, KEY, report(7)).action is Action.UPDATED


@pytest.mark.parametrize(
    "last", ["", "<!-- pennon:state {not json} -->", "<!-- pennon:state {} -->"]
)
def test_a_report_without_a_readable_state_is_older_than_all(last: str) -> None:
    found = [comment(3, f"{marker(KEY)}\nold\n{last}")]
    assert decide(found, ME, KEY, report(0, attempt=0)).action is Action.UPDATED


FOREIGN: dict[str, dict[str, Any]] = {
    "another author": {"author": "mallory", "is_bot": False},
    "another bot": {"author": "another-app[bot]"},
    "our name, but no bot": {"is_bot": False},
}


@pytest.mark.parametrize("who", FOREIGN)
def test_a_marker_by_somebody_else_is_never_touched(who: str) -> None:
    found = [comment(3, report(99), **FOREIGN[who])]
    assert decide(found, ME, KEY, report(1)) == Plan(action=Action.CREATED)


@pytest.mark.parametrize(
    "body", [f"> {marker(KEY)}", f"hello\n{marker(KEY)}", marker("delay/review2")]
)
def test_a_marker_that_is_not_the_first_line_or_of_another_key_is_none(body: str) -> None:
    assert decide([comment(3, body)], ME, KEY, report(1)).action is Action.CREATED


def test_a_person_with_a_token_has_sticky_comments_too() -> None:
    found = [comment(3, report(1, text="old"), author="acme-ci", is_bot=False)]
    assert decide(found, "acme-ci", KEY, report(2)).comment == 3


def test_the_oldest_of_several_is_kept_whatever_their_order() -> None:
    found = [comment(9, report(1)), comment(4, report(2)), comment(7, report(3))]
    assert decide(found, ME, KEY, report(4, text="new")) == Plan(
        action=Action.UPDATED, comment=4, drop=(7, 9)
    )


def test_an_older_run_deletes_its_own_late_duplicate_but_never_a_newer_report() -> None:
    late = [comment(4, report(2)), comment(9, report(1))]
    early = [comment(4, report(1)), comment(9, report(2))]
    assert decide(late, ME, KEY, report(1)) == Plan(action=Action.SUPERSEDED, comment=4, drop=(9,))
    assert decide(early, ME, KEY, report(1)) == Plan(action=Action.SUPERSEDED, comment=9)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from([ME, "mallory"])), max_size=6),
    st.integers(1, 5),
)
def test_nothing_newer_or_foreign_is_ever_changed(there: list[tuple[int, str]], run: int) -> None:
    found = [comment(i, report(of), author=who) for i, (of, who) in enumerate(there)]
    plan = decide(found, ME, KEY, report(run, text="new"))
    written = [plan.comment] if plan.action is Action.UPDATED else []
    for changed in (*plan.drop, *written):
        assert changed is not None
        assert there[changed][0] <= run
        assert there[changed][1] == ME


HEADS = "abcdef0"
"""Of runs 0 to 6: each began after another push."""
URL = "https://github.com/acme/delay/actions/runs/8"


def begun(run: int, *, attempt: int = 1, head: str = "") -> Mark:
    return Mark(run=run, attempt=attempt, head=head or HEADS[run % 7] * 40, url=URL)


def of(run: int, text: str = REPORT, *, attempt: int = 1) -> str:
    """A report that says for which commit it is."""
    state = f'<!-- pennon:state {{"head":"{HEADS[run % 7] * 40}","verdict":"better"}} -->'
    return complete(KEY, f"{text}\n{state}", run=run, attempt=attempt)


def test_a_mark_stands_above_the_report_and_says_both_commits() -> None:
    text = marked(of(1), begun(2)) or ""
    said = f"⏳ **Training on `ccccccc`** ([run 2]({URL})) — the report below is for `bbbbbbb`."
    lines = text.splitlines()
    assert lines[0] == marker(KEY)
    assert lines[1].startswith(said)
    assert lines[2:4] == ["", "## ready to promote"]
    assert order_of(text) == (1, 1)
    assert unmarked(text) == of(1)


@pytest.mark.parametrize(
    ("body", "run"),
    [
        pytest.param(of(2), 1, id="the report is of a newer run"),
        pytest.param(of(2), 2, id="of this one"),
        pytest.param(marked(of(1), begun(3)), 2, id="a newer run has begun"),
        pytest.param(marked(of(1), begun(2)), 2, id="marked already"),
        pytest.param(report(1), 2, id="no report: it names no commit"),
        pytest.param("hello", 2, id="no comment of ours"),
    ],
)
def test_no_mark_is_written_where(body: str, run: int) -> None:
    assert marked(body, begun(run)) is None


def test_a_newer_run_takes_over_the_mark_of_one_that_died() -> None:
    once = marked(of(1), begun(2)) or ""
    assert marked(once, begun(3)) == marked(of(1), begun(3))


def test_the_commit_of_the_report_is_not_stale() -> None:
    again = begun(3, head=HEADS[1] * 40)
    assert marked(of(1), again) is None
    assert marked(marked(of(1), begun(2)) or "", again) == of(1)


def test_a_report_takes_the_place_of_its_own_mark_and_of_older_ones() -> None:
    there = marked(of(1), begun(2)) or ""
    assert carried(there, of(2)) == of(2)
    assert carried(there, of(3)) == of(3)


def test_a_late_report_stays_under_the_mark_of_the_run_under_way() -> None:
    there = marked(of(1), begun(3)) or ""
    text = carried(there, of(2))
    assert mark_of(text) == begun(3)
    assert "the report below is for `ccccccc`" in text
    assert unmarked(text) == of(2)


def test_line_ends_of_another_kind_change_nothing() -> None:
    there = (marked(of(1), begun(2)) or "").replace("\n", "\r\n")
    assert mark_of(there) == begun(2)
    assert marked(there, begun(2)) is None
    assert unmarked(there).split() == of(1).split()


@pytest.mark.parametrize("head", ["", "@everyone", "x" * 40, "<b>" * 9])
def test_a_mark_shows_commits_and_addresses_only(head: str) -> None:
    state = f'<!-- pennon:state {{"head":"{head}"}} -->'.replace("<b>", "")
    body = complete(KEY, f"x\n{state}", run=1, attempt=1)
    text = marked(body, Mark(run=2, attempt=1, head=head or "y", url="javascript:x")) or ""
    shown = text.partition("<!-- pennon:training")[0]
    assert not re.search(r"@everyone|javascript|<b>|x{7}", shown)


class Between:
    """A forge on which something happens right before our comment is created.

    Only the moment is arranged, everything is done by the real forge: a race that threads
    would win or lose by chance.
    """

    def __init__(self, forge: Forge, happens: Callable[[], object]) -> None:
        self._forge, self._happens = forge, happens

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  any method of a forge
        return getattr(self._forge, name)

    def create_comment(self, number: int, body: str) -> Comment:
        self._happens()
        return self._forge.create_comment(number, body)


def shown(forge: Forge, pull: int) -> list[str]:
    """The second line of each comment."""
    return [it.body.splitlines()[1] for it in forge.comments(pull)]


def write(forge: Forge, pull: int, text: str, run: int) -> Action:
    return upsert(forge, pull, KEY, text, run=run, attempt=1).action


def test_a_report_is_created_updated_left_alone_and_superseded(forge: Forge, pull: int) -> None:
    told = [
        write(forge, pull, "first", 1),
        write(forge, pull, "second", 3),
        write(forge, pull, "second", 5),
        write(forge, pull, "second", 5),
        write(forge, pull, "late", 4),
    ]
    assert told == [
        Action.CREATED,
        Action.UPDATED,
        Action.RENEWED,
        Action.UNCHANGED,
        Action.SUPERSEDED,
    ]
    assert shown(forge, pull) == ["second"]


def test_models_have_a_comment_each(forge: Forge, pull: int) -> None:
    first = upsert(forge, pull, "delay/review", "one", run=1, attempt=1)
    other = upsert(forge, pull, "minutes/review", "two", run=1, attempt=1)
    assert first.comment != other.comment
    assert shown(forge, pull) == ["one", "two"]


def test_a_marker_by_another_author_survives(author: Author, forge: Forge, pull: int) -> None:
    for login in ("mallory", "another-app[bot]"):
        author(login).create_comment(pull, report(99, text=login))
    assert write(forge, pull, "ours", 1) is Action.CREATED
    assert write(forge, pull, "ours, better", 2) is Action.UPDATED
    assert shown(forge, pull) == ["mallory", "another-app[bot]", "ours, better"]


def test_a_report_is_found_behind_more_than_a_hundred_comments(forge: Forge, pull: int) -> None:
    for number in range(101):
        forge.create_comment(pull, f"chatter\n{number}")
    write(forge, pull, "first", 1)
    assert write(forge, pull, "second", 2) is Action.UPDATED
    assert shown(forge, pull)[-1] == "second"
    assert len(shown(forge, pull)) == 102


@pytest.mark.parametrize(("mine", "other"), [(1, 2), (2, 1), (3, 3)])
def test_of_two_runs_that_create_at_once_the_newer_stays(
    forge: Forge, pull: int, mine: int, other: int
) -> None:
    racing: Any = Between(forge, lambda: write(forge, pull, f"run {other}", other))
    write(racing, pull, f"run {mine}", mine)
    assert shown(forge, pull) == [f"run {max(mine, other)}"]


def test_both_racing_runs_may_find_both_comments(forge: Forge, pull: int) -> None:
    """The other run creates, we create, the other run looks again."""
    forge.create_comment(pull, report(2, text="run 2"))
    forge.create_comment(pull, report(1, text="run 1"))
    assert write(forge, pull, "run 1", 1) is Action.SUPERSEDED
    assert write(forge, pull, "run 2", 2) is Action.UNCHANGED
    assert shown(forge, pull) == ["run 2"]


def test_a_token_that_cannot_tell_its_name_still_has_one_comment(author: Author, pull: int) -> None:
    """On GitHub the token of another app may not ask who it is and is taken for a workflow's."""
    other = author("another-app[bot]")
    for run in (1, 2, 3):
        write(other, pull, f"run {run}", run)
    assert shown(other, pull) == ["run 3"]


def begin(forge: Forge, pull: int, run: int) -> None:
    mark(forge, forge.comments(pull), KEY, begun(run))


def end(forge: Forge, pull: int, run: int) -> None:
    upsert(forge, pull, KEY, of(run, f"run {run}"), run=run, attempt=1)


def test_a_run_that_begins_marks_the_report_and_its_end_replaces_both(
    forge: Forge, pull: int
) -> None:
    begin(forge, pull, 1)
    assert shown(forge, pull) == []
    end(forge, pull, 1)
    begin(forge, pull, 2)
    begin(forge, pull, 2)
    (there,) = forge.comments(pull)
    assert unmarked(there.body) == of(1, "run 1")
    assert mark_of(there.body) == begun(2)
    end(forge, pull, 2)
    assert [it.body for it in forge.comments(pull)] == [of(2, "run 2")]


def test_a_comment_of_somebody_else_is_never_marked(
    author: Author, forge: Forge, pull: int
) -> None:
    author("mallory").create_comment(pull, of(1))
    begin(forge, pull, 2)
    assert [it.body for it in forge.comments(pull)] == [of(1)]


def test_a_report_that_says_the_same_again_loses_its_mark(forge: Forge, pull: int) -> None:
    """For another commit with the same numbers: the words are equal, the mark is not."""
    same = 'x\n<!-- pennon:state {"head":"%s"} -->'
    upsert(forge, pull, KEY, same % ("a" * 40), run=1, attempt=1)
    mark(forge, forge.comments(pull), KEY, begun(2, head="b" * 40))
    upsert(forge, pull, KEY, same % ("b" * 40), run=2, attempt=1)
    (there,) = forge.comments(pull)
    assert mark_of(there.body) is None


Event = tuple[Callable[[Forge, int, int], None], int]
RUNS = (1, 2, 3)
ORDERS: list[Sequence[Event]] = [
    order
    for dead in [(), (1,), (2,), (3,), (2, 3)]
    for order in itertools.permutations(
        [(begin, run) for run in RUNS] + [(end, run) for run in RUNS if run not in dead]
    )
    if all(order.index((begin, run)) < order.index((end, run)) for run in RUNS if run not in dead)
]
"""Every way in which three runs begin and end, or die in between."""


def test_whoever_comes_when_the_newest_report_stands_and_only_a_dead_run_leaves_a_mark(
    tmp_path: Path,
) -> None:
    for number, order in enumerate(ORDERS):
        forge: Any = LocalForge(tmp_path / str(number), clock=lambda: NOON, login=ME)
        pull = forge.open_pull(title="x", head="a", base="b", base_branch="main").number
        end(forge, pull, 0)
        for event, run in order:
            event(forge, pull, run)
        (there,) = forge.comments(pull)
        ended = max([0, *(run for event, run in order if event is end)])
        left = mark_of(there.body)
        assert unmarked(there.body) == of(ended, f"run {ended}"), order
        assert (left.run if left else ended) == max(RUNS), order
