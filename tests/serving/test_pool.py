"""The scorers of a version: what waits together, what dies, what is told to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec
import pytest

from pennon.artifacts.served import Part
from pennon.errors import ArtifactError
from pennon.serving import pool as pools
from pennon.serving.pool import BusyError, Pool, ScoringError

SLOW, DEADLY, BAD = 7.0, 13.0, 66.0
Fake = Callable[[str], Part]


def row(age: float = 40.0) -> list[Any]:
    return [age, 80.0, "DE"]


def with_pool(part: Part, work: Callable[[Pool], Awaitable[Any]], workers: int = 1) -> Any:  # noqa: ANN401
    async def run() -> Any:  # noqa: ANN401  whatever the test asks for
        pool = await Pool.start(part, workers, gently=False)
        try:
            return await work(pool)
        finally:
            await pool.drain()

    return asyncio.run(run())


async def each(calls: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


def test_requests_that_wait_are_scored_together(fake: Fake) -> None:
    """The fake predicts how many rows it was given: the first is alone, the others are not."""

    async def work(pool: Pool) -> list[Any]:
        return await each([pool.score([row(SLOW)]), *(pool.score([row()]) for _ in range(5))])

    found = with_pool(fake("v1.0.0"), work)
    assert [it.predictions for it in found] == [[1.0], *[[5.0]] * 5]


def test_each_request_gets_its_own_rows_back(fake: Fake) -> None:
    async def work(pool: Pool) -> list[Any]:
        return await each([pool.score([row(SLOW)]), *(pool.score([row()] * n) for n in (1, 2, 3))])

    found = with_pool(fake("v1.0.0"), work)
    assert [len(it.predictions) for it in found] == [1, 1, 2, 3]


def test_a_bad_request_spoils_no_other(fake: Fake) -> None:
    async def work(pool: Pool) -> list[Any]:
        ages = [SLOW, 40.0, BAD, 41.0]
        return await each([pool.score([row(age)]) for age in ages])

    found = with_pool(fake("v1.0.0"), work)
    assert isinstance(found[2], ScoringError)
    assert str(found[2]) == "an age of 66"
    assert not any(isinstance(it, Exception) for it in (found[0], found[1], found[3]))


def test_a_process_that_dies_is_replaced(fake: Fake) -> None:
    async def work(pool: Pool) -> list[Any]:
        died = await each([pool.score([row(DEADLY)])])
        busy = await each([pool.score([row()])])
        async with asyncio.timeout(30):
            while not pool.alive:  # noqa: ASYNC110  nobody is told of it
                await asyncio.sleep(0.01)
        return [*died, *busy, await pool.score([row()])]

    died, busy, again = with_pool(fake("v1.0.0"), work)
    assert str(died) == "the process that scored it died"
    assert isinstance(busy, BusyError)
    assert again.predictions == [1.0]


def test_one_of_two_that_dies_leaves_the_other_answering(fake: Fake) -> None:
    async def work(pool: Pool) -> list[Any]:
        await each([pool.score([row(DEADLY)])])
        return await each([pool.score([row()]) for _ in range(10)])

    found = with_pool(fake("v1.0.0"), work, workers=2)
    assert not any(isinstance(it, Exception) for it in found)


def test_too_many_requests_are_told_to_come_again(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MOST_WAITING", 3)

    async def work(pool: Pool) -> list[Any]:
        return await each([pool.score([row(SLOW)]), *(pool.score([row()]) for _ in range(5))])

    found = with_pool(fake("v1.0.0"), work)
    assert [isinstance(it, BusyError) for it in found] == [False] * 4 + [True] * 2


def test_draining_answers_whatever_was_asked(fake: Fake) -> None:
    async def run() -> list[Any]:
        pool = await Pool.start(fake("v1.0.0"), 1, gently=True)
        asked = [asyncio.create_task(pool.score([row(SLOW)])) for _ in range(5)]
        await asyncio.sleep(0)  # all of them have begun
        await pool.drain()
        return await asyncio.gather(*asked)

    assert len(asyncio.run(run())) == 5


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/nowhere/python", "cannot be started"),
        ("/bin/false", "ended before it could say"),
    ],
)
def test_a_scorer_that_cannot_start_says_why(fake: Fake, python: str, words: str) -> None:
    part = msgspec.structs.replace(fake("v1.0.0"), python=python)
    with pytest.raises(ArtifactError, match=words):
        with_pool(part, lambda _: asyncio.sleep(0))
