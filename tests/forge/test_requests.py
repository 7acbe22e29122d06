"""What a review costs in requests to GitHub: a whole one each, before a real HTTP server."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pennon.flows.assignment.assign import Ask as Promotion
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.review import Ask, review
from pennon.flows.world import World
from pennon.forge import Forge
from pennon.forge.stamps import mark_of
from pennon.report import Kind
from shop import MODEL, improve, shop, world, write
from worlds import run_git

Author = Callable[[str], Forge]
Call = Callable[..., Any]

PAGE = Path(__file__).parents[2] / "docs" / "review.md"
MOST = 5
DOWNLOADS = "download a file of it"
NAMES = {
    r"GET /issues/\d+/comments": "list the comments",
    r"PATCH /issues/comments/\d+": "edit ours: the mark, and the report",
    r"POST /issues/\d+/comments": "write ours",
    r"GET /releases/tags/[^/]+": "look up the champion's release",
    r"GET /releases/assets/\d+": DOWNLOADS,
}
CASES = ("the first report", "after a push", "with `train:full`")


@pytest.fixture
def here(github_as: Author, tmp_path: Path) -> World:
    """A branch off main; v1.0.0 is champion, and its files are on GitHub."""
    made = replace(shop(tmp_path / "stage"), open_forge=lambda: github_as("github-actions[bot]"))
    register(made, Registration())
    promote(made, Promotion(model=MODEL))
    run_git(made.root, "switch", "--quiet", "--create", "change")
    return made


def on_a_runner(here: World, pull: int, run: int, *labels: str) -> World:
    """The job of a push to the pull request, on a machine that has nothing yet."""
    shutil.rmtree(here.workshop)
    name = {"repo": {"full_name": "acme/shop"}}
    event = {
        "number": pull,
        "head": {"sha": here.repo.head(), **name},
        "base": {"sha": here.repo.commit("origin/main"), "ref": "main", **name},
        "labels": [{"name": label} for label in labels],
    }
    file = here.root.parent / "event.json"
    file.write_text(json.dumps({"pull_request": event}))
    facts = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file), "GITHUB_RUN_ID": str(run)}
    return replace(world(here.root, **facts), open_forge=here.open_forge)


@pytest.mark.slow
def test_a_review_asks_github_five_times_and_downloads_what_it_needs(
    here: World,
    call: Call,
    gateway: Any,  # noqa: ANN401  its class lives in a file that cannot be imported
    request: pytest.FixtureRequest,
) -> None:
    pull = call("POST", "/pulls", {"title": "Better", "head": "better", "base": "main"})["number"]
    costs: list[Counter[str]] = []
    for run, labels in enumerate(((), (), ("train:full",)), 1):
        write(here.root, "NOTES.md", f"{run}\n")
        improve(here)
        gateway.asked = []
        (found,) = review(on_a_runner(here, pull, run, *labels), Ask())
        assert found.kind is Kind.BETTER
        costs.append(Counter(map(named, api(gateway))))
    assert [sum(it.values()) - it[DOWNLOADS] <= MOST for it in costs] == [True] * 3
    assert [it[DOWNLOADS] for it in costs] == [1, 1, 2]
    (comment,) = here.forge.comments(pull)
    assert mark_of(comment.body) is None
    page_says(table(costs), regold=request.config.getoption("--regold"))


def api(gateway: Any) -> list[str]:  # noqa: ANN401  the same
    """What GitHub would count: all but the storage that a download is sent on to."""
    found = [f"{it.method} {it.path}" for it in gateway.asked if "/storage/" not in it.path]
    return [re.sub(r"/repos/[^/]+/[^/]+", "", it) for it in found]


def named(asked: str) -> str:
    return next((name for shape, name in NAMES.items() if re.fullmatch(shape, asked)), asked)


def table(costs: list[Counter[str]]) -> str:
    names = [*NAMES.values()]
    assert {name for it in costs for name in it} <= set(names)
    rows = [[name, *(str(it[name] or "—") for it in costs)] for name in names if name != DOWNLOADS]
    asked = [f"**{sum(it.values()) - it[DOWNLOADS]}**" for it in costs]
    rows += [["**questions and changes**", *asked]]
    rows += [[DOWNLOADS, *(str(it[DOWNLOADS]) for it in costs)]]
    head = [["", *CASES], ["---", *["--:"] * len(costs)]]
    return "".join(f"| {' | '.join(row)} |\n" for row in head + rows)


def page_says(table: str, *, regold: bool) -> None:
    shape = re.compile(rf"\|  \| {re.escape(' | '.join(CASES))} \|\n(?:\|.*\n)+")
    text = PAGE.read_text()
    wanted = shape.sub(lambda _: table, text)
    if regold:
        PAGE.write_text(wanted)
    assert shape.search(text), table
    assert regold or wanted == text
