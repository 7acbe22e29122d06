"""From the database of a rollout to its units: a request, or a key with the mean of what it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from pennon.config.rollout import Goal, Mode, Rollout
from pennon.evaluation.rollout import Answer, answer, rules
from pennon.evaluation.units import Unit, blocks, level, pairs, uneven
from pennon.evaluation.worth import kept, worth
from pennon.flows.rollout.log import Database
from pennon.registry.rollout import Running

_ONE = """
CREATE TEMP VIEW judged AS
SELECT a.id, a.arm, a.unit, a.keyed, a.at, a.share, a.failed, a.slow,
  worth(COALESCE(a.predictions, b.predictions),
        COALESCE((SELECT value FROM outcomes WHERE id = a.id AND NOT keyed),
                 (SELECT value FROM outcomes WHERE id = a.person AND keyed))) AS goal
FROM answers a LEFT JOIN answers b ON b.id = a.id AND b.arm = 0
"""
"""The live version answers what the challenger could not: that is the answer of the challenger."""
_SPLIT = """
CREATE TEMP TABLE requests AS SELECT * FROM judged j
WHERE arm = 1 OR NOT EXISTS (SELECT 1 FROM answers WHERE id = j.id AND arm = 1)
"""
_PAIRED = """
CREATE TEMP TABLE requests AS
SELECT c.id, 0 AS arm, c.unit, c.keyed, c.at, c.share, c.failed - l.failed AS failed,
  c.slow - l.slow AS slow, c.goal - l.goal AS goal
FROM judged c JOIN judged l ON l.id = c.id WHERE c.arm = 1 AND l.arm = 0
"""
_FIRST = """
CREATE TEMP TABLE firsts AS SELECT unit, MIN(at) AS at, arm, share FROM requests
WHERE keyed GROUP BY unit
"""
_UNITS = """
SELECT at AS done, share, arm, {value} AS value, id AS unit FROM requests
WHERE NOT keyed AND {value} IS NOT NULL AND at <= :now
UNION ALL
SELECT f.at + :window AS done, f.share, f.arm, AVG(r.{value}) AS value, f.unit
FROM firsts f JOIN requests r ON r.unit = f.unit AND r.at <= f.at + :window
WHERE f.at + :window <= :now GROUP BY f.unit HAVING AVG(r.{value}) IS NOT NULL
ORDER BY done, unit
"""
_COUNTS = """
SELECT share, SUM(arm), SUM(1 - arm) FROM ({units}) GROUP BY share
"""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """`requests` are the challenger's in the step of now, `arrived` those of both arms."""

    answers: tuple[Answer, ...]
    uneven: float
    requests: int
    arrived: int
    clipped: int


def measure(
    database: Database, plan: Rollout, running: Running, *, threshold: float, now: float
) -> Measured:
    """Every guard and the goal, of the units that are complete at `now` (seconds)."""
    connection = database.connection
    judge = _Judge(plan.goal, threshold)
    connection.create_function("worth", 2, judge, deterministic=True)
    connection.execute(_ONE)
    connection.execute(_PAIRED if plan.mode is Mode.SHADOW else _SPLIT)
    connection.execute(_FIRST)
    connection.execute("CREATE INDEX temp.of_unit ON requests (unit)")
    since = (running.now.seconds,)
    arrived, requests = connection.execute(
        "SELECT COUNT(*), TOTAL(arm) FROM requests WHERE at >= ?", since
    ).fetchone()
    return Measured(
        answers=tuple(_answers(database, plan, now)),
        uneven=_uneven(database, plan, now),
        requests=arrived if plan.mode is Mode.SHADOW else int(requests),
        arrived=arrived,
        clipped=judge.clipped,
    )


class _Judge:
    """The function `worth` of the database: JSON texts -> a value in [0, 1]."""

    def __init__(self, goal: Goal | None, threshold: float) -> None:
        self._goal, self._threshold = goal, threshold
        self.clipped = 0

    def __call__(self, predictions: str | None, outcome: str | None) -> float | None:
        if self._goal is None or outcome is None:
            return None
        said = msgspec.json.decode(predictions, type=list[float]) if predictions else []
        truth = msgspec.json.decode(outcome, type=list[float])
        value = worth(self._goal, truth, said, self._threshold)
        if value is None:
            return None
        low, high = self._goal.bounds
        self.clipped += not low <= value <= high
        return kept(self._goal, value)


def _answers(database: Database, plan: Rollout, now: float) -> Iterator[Answer]:
    gather = pairs if plan.mode is Mode.SHADOW else blocks
    for rule, value, window in zip(rules(plan), *_asked(plan), strict=True):
        units = _units(database, value, {"window": window * 3600, "now": now})
        yield answer(rule, list(gather(units)), plan)


def _asked(plan: Rollout) -> tuple[list[str], list[float]]:
    """The column and the window of each rule."""
    guards, goal = plan.guards, plan.goal
    asked = [("failed", guards.window)] if guards.errors else []
    asked += [("slow", guards.window)] if guards.slow else []
    asked += [("goal", goal.window)] if goal else []
    return [name for name, _ in asked], [window for _, window in asked]


def _units(database: Database, value: str, limits: dict[str, Any]) -> Iterator[Unit]:
    query = _UNITS.format(value=value)
    for _, share, arm, found, unit in database.connection.execute(query, limits):
        chance = (unit & 0xFFFFF) / 0x100000
        yield Unit(share, bool(arm), level(found, chance))


def _uneven(database: Database, plan: Rollout, now: float) -> float:
    """Of the units that came, and of those whose outcome is known: the greater evidence."""
    if plan.mode is Mode.SHADOW:
        return 0.0
    asked = [("failed", 0.0)]
    if plan.goal:
        asked.append(("goal", plan.goal.window * 3600))
    found = []
    for value, window in asked:
        query = _COUNTS.format(units=_UNITS.format(value=value))
        rows = database.connection.execute(query, {"window": window, "now": now})
        found.append(uneven((share, int(one), int(other)) for share, one, other in rows))
    return max(found)
