"""One report per key: what is decided, and what comes of it on both forges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import ForgeError
from pennon.forge import Comment, Forge, marker, upsert
from pennon.forge.sticky import LIMIT, Action, Plan, complete, decide, order_of

Author = Callable[[str], Forge]

KEY = "delay/review"
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
