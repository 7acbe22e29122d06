"""Many models in one pull request: who gets a comment, and what becomes of those that stand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pennon.flows.comments.tell import key_of
from pennon.flows.review import Ask, Reviewed, outcome, review
from pennon.flows.world import World
from pennon.forge import marker
from pennon.forge.stamps import mark_of, order_of
from pennon.report import Kind
from pennon.report.index import KEY
from shop import FILES, MODEL, push, shop, world, write
from worlds import run_git

NAMES = ("a", "b", "c", "d", "e")
INDEX = marker(KEY)


def params(*changed: str, broken: tuple[str, ...] = ()) -> str:
    columns = {name: "[age, spend]" if name in changed else "[age]" for name in NAMES}
    columns |= dict.fromkeys(broken, "[no_such]")
    return "".join(f"{name}: {{columns: {found}}}\n" for name, found in columns.items())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five models of one kind, and no champion: nothing has to be downloaded."""
    folder = tmp_path_factory.mktemp("several") / "stage"
    here = shop(folder)
    head, _, rest = FILES["pennon.yaml"].partition(f"  {MODEL}:\n")
    one, environments, more = rest.partition("environments:")
    models = "".join(f"  {name}:\n{one}" for name in NAMES)
    write(here.root, "pennon.yaml", f"{head}{models}{environments}{more}")
    write(here.root, "params.yaml", params())
    push(here, "five models")
    return folder


class Change:
    """A pull request of a branch of these."""

    def __init__(self, work: Path) -> None:
        self.here = world(work)
        self.runs = 0
        run_git(work, "switch", "--quiet", "--create", "change")
        ends = {"head": self.here.repo.head(), "base": self.here.repo.commit("origin/main")}
        self.pull = self.here.forge.open_pull(  # type: ignore[attr-defined]  # the local forge's
            title="a change", base_branch="main", **ends
        ).number

    def push(self, text: str) -> World:
        """The job of a push that makes params.yaml say this."""
        self.runs += 1
        write(self.here.root, "NOTES.md", f"{self.runs}\n")
        write(self.here.root, "params.yaml", text)
        push(self.here, "a change")
        name = {"repo": {"full_name": "acme/shop"}}
        event = {
            "number": self.pull,
            "head": {"sha": self.here.repo.head(), **name},
            "base": {"sha": self.here.repo.commit("origin/main"), "ref": "main", **name},
        }
        folder = self.here.root.parent
        (folder / "event.json").write_text(json.dumps({"pull_request": event}))
        (folder / "summary.md").write_text("")
        return world(
            self.here.root,
            GITHUB_ACTIONS="true",
            GITHUB_EVENT_PATH=str(folder / "event.json"),
            GITHUB_RUN_ID=str(self.runs),
            GITHUB_STEP_SUMMARY=str(folder / "summary.md"),
        )

    def review(self, text: str) -> list[Reviewed]:
        return review(self.push(text), Ask())

    def comments(self) -> dict[str, str]:
        """First line -> body."""
        found = [it.body for it in self.here.forge.comments(self.pull)]
        return {body.partition("\n")[0]: body for body in found}

    @property
    def summary(self) -> str:
        return (self.here.root.parent / "summary.md").read_text()


@pytest.fixture
def change(made: Path, tmp_path: Path) -> Change:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Change(tmp_path / "work")


def of(*names: str) -> set[str]:
    return {marker(key_of(name)) for name in names}


def test_only_what_has_changed_gets_a_comment(change: Change) -> None:
    found = change.review(params("b"))
    assert [it.kind for it in found if it.model != "b"] == [Kind.NOTHING_CHANGED] * 4
    assert set(change.comments()) == of("b")


def test_where_nothing_has_changed_the_summary_says_so_and_no_comment(change: Change) -> None:
    change.review(params())
    assert change.comments() == {}
    assert change.summary.count("not trained again") == len(NAMES)


def test_a_report_that_holds_no_more_is_replaced(change: Change) -> None:
    change.review(params("b"))
    change.review(params("c"))
    there = change.comments()
    assert set(there) == of("b", "c")
    assert "not trained again" in there[marker(key_of("b"))]


def test_more_than_three_share_one_comment_and_three_have_their_own_again(change: Change) -> None:
    change.review(params("a", "b"))
    found = change.review(params("b", "c", "d", broken=("e",)))
    there = change.comments()
    assert set(there) == of("a", "b") | {INDEX}
    assert "Review of 4 models — 1 fails" in there[INDEX]
    assert "has changed for 1 more model" in there[INDEX]
    assert "one of many models" in there[marker(key_of("b"))]
    assert "one of many models" in there[marker(key_of("a"))]
    assert [it.model for it in found if it.failure] == ["e"]
    assert getattr(outcome(found), "exit_code", 0) == 5
    assert change.summary.startswith(INDEX)
    reports = [change.summary.index(marker(key_of(name))) for name in ("e", "b", "c", "d")]
    assert reports == sorted(reports)

    change.review(params("b", "c"))
    there = change.comments()
    assert set(there) == of("a", "b", "c") | {INDEX}
    assert "each has a comment of its own" in there[INDEX]
    assert "## 🆕 `b`" in there[marker(key_of("b"))]
    assert {order_of(body)[0] for name, body in there.items() if name not in of("a")} == {3}


def test_a_run_that_dies_leaves_the_report_marked_and_the_next_one_mends_it(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    change.review(params("b"))
    head = change.here.repo.head()

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        # A machine that is gone in the middle of a training says nothing any more.
        killed.setattr("pennon.flows.review.train_on", die)
        with pytest.raises(KeyboardInterrupt):
            change.review(params("b", "c"))
    (body,) = change.comments().values()
    assert f"the report below is for `{head[:7]}`" in body
    assert "## 🆕 `b`" in body
    change.review(params("b"))
    (body,) = change.comments().values()
    assert mark_of(body) is None
    assert order_of(body) == (3, 1)


def test_a_forge_that_refuses_the_mark_does_not_stop_the_review(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pennon.errors import ForgeError  # noqa: PLC0415
    from pennon.forge.local import LocalForge  # noqa: PLC0415

    change.review(params("b"))
    update = LocalForge.update_comment
    refusals = iter([True, False])

    def once(self: LocalForge, comment: int, body: str) -> object:
        if next(refusals):
            raise ForgeError("not now")
        return update(self, comment, body)

    # The forge of a directory never says no.
    monkeypatch.setattr(LocalForge, "update_comment", once)
    (found, *_) = change.review(params("a"))
    assert found.kind is Kind.FIRST
