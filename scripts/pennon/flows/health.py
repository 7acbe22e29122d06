"""How the versions fare where they run: asked over HTTP, and rolled back where that was wanted."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from pennon.config import Config, Watch
from pennon.errors import PennonError
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.deployment.healthy import places_of, way_back
from pennon.flows.deployment.hold import is_rollback
from pennon.flows.deployment.places import named
from pennon.flows.deployment.wanted import Wanted, ordered, placed, wanted
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.targets import Splits, splits, target
from pennon.targets.place import folder

PATIENCE = 10.0
"""Seconds that an answer may take."""
_GRACE = 24.0
"""Hours that a canary may take beyond its plan: somebody has to look at it, perhaps."""
_MOST = 1 << 22
_SERVER = 500
_REQUESTS = re.compile(r"^pennon_requests_total\{(.*)\} ([0-9.e+]+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class State(StrEnum):
    HEALTHY = "healthy"
    ILL = "ill"  # it answers, and not as it should
    SILENT = "silent"  # nobody answers
    UNASKED = "unasked"  # there is no address


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One look: what answers, what is wrong with it, and its counters of requests and failures."""

    version: str = ""
    wrong: str = ""
    requests: float = 0.0
    failed: float = 0.0


class Vital(msgspec.Struct, frozen=True, kw_only=True):
    """A model in an environment. `errors` is the share of failed answers; None where it is unknown.

    `became` says what was done about it.
    """

    environment: str
    model: str
    wanted: str
    version: str
    url: str
    state: State
    why: str = ""
    errors: float | None = None
    requests: int = 0
    became: str = ""


def health(world: World, environment: str | None, *, roll_back: bool = False) -> list[Vital]:
    """Each model in each environment (or in this one). Raises ConfigError for an unknown one.

    With `roll_back` a version that is ill loses its stage, if the one before it was healthy.
    """
    config = world.config()
    names = named(config.project.environments, environment)
    found: list[Vital] = []
    for it in (it for name in names for it in wanted(world, config, name, None)):
        vital = _vital(world, it)
        if roll_back and vital.state is State.ILL and vital.version == vital.wanted:
            vital = msgspec.structs.replace(vital, became=_given_back(world, config, it, vital))
        found.append(vital)
    return found


def judged(watch: Watch, probes: list[Probe]) -> tuple[State, str, float | None, int]:
    """What several looks say together: ill is what was wrong in each. Pure.

    The share of failed answers is of those between the first look and the last one, where there
    were enough, else of all that the server remembers.
    """
    first, last = probes[0], probes[-1]
    errors, requests = _share(watch, first, last)
    if not all(it.version for it in probes):
        silent = sum(not it.version for it in probes)
        if silent == len(probes):
            return State.SILENT, last.wrong or "nobody answers", errors, requests
    if all(it.wrong for it in probes):
        return State.ILL, last.wrong, errors, requests
    if errors is not None and errors >= watch.errors:
        why = f"{errors:.1%} of {requests:,} requests failed"
        return State.ILL, why, errors, requests
    return State.HEALTHY, "", errors, requests


def _share(watch: Watch, first: Probe, last: Probe) -> tuple[float | None, int]:
    """A server that began anew counts from nought: then there is no difference to speak of."""
    requests, failed = last.requests - first.requests, last.failed - first.failed
    if requests < watch.requests or failed < 0:
        requests, failed = last.requests, last.failed
    if requests < watch.requests:
        return None, int(requests)
    return failed / requests, int(requests)


def _vital(world: World, it: Wanted) -> Vital:
    watch, url = it.place.health, _address(world, it)
    vital = Vital(
        environment=it.environment,
        model=it.model,
        wanted=str(it.version),
        version="",
        url=url,
        state=State.UNASKED,
        why="" if url else "it has no url",
    )
    if not url:
        return vital
    allowed = _allowed(world, it)
    probes = [_probe(allowed, url)]
    while len(probes) < watch.probes and _is_open(watch, probes):
        why = probes[-1].wrong or "it is not well"
        world.say(f"{it.environment}: {it}: {why}; asked again in {watch.every:g} s")
        world.sleep(watch.every)
        probes.append(_probe(allowed, url))
    state, why, errors, requests = judged(watch, probes)
    return msgspec.structs.replace(
        vital,
        version=probes[-1].version,
        state=state,
        why=why,
        errors=errors,
        requests=requests,
    )


def _is_open(watch: Watch, probes: list[Probe]) -> bool:
    """Whether another look could tell more: a healthy one settles it."""
    return judged(watch, probes)[0] is not State.HEALTHY


def _address(world: World, it: Wanted) -> str:
    """Where pennon.yaml says, else where the target knows it to be."""
    place = placed(world, it)
    if place.url:
        return place.url
    where = target(it.place.target)
    if where.RENDERS:
        return ""
    found = where.health(ordered(it), place)
    if found and found.url.startswith("http"):
        return found.url
    # A server of this machine that is not there any more; one of another machine nobody can ask.
    here = Path(folder(str(place.folder), it.environment, it.model)).is_dir()
    return f"http://127.0.0.1:{it.port}" if here else ""


def _allowed(world: World, it: Wanted) -> set[str]:
    """The versions that may answer there: while an engine splits the traffic that before, too.

    A canary that has a plan has to come to its end: a day after it was to.
    """
    who = splits(it.place.target, it.place.settings)
    planned = sum(stride.hours for stride in it.strides)
    is_late = world.seconds() > it.event.seconds + (planned + _GRACE) * 3600
    if who is Splits.SETTING or (who is Splits.ENGINE and not is_late):
        held = [event.version for event in it.state.assignments(it.place.stage)]
        before = [str(one) for one in held if one and one != it.version]
        return {str(it.version), *before[-1:]}
    return {str(it.version)}


def _probe(allowed: set[str], url: str) -> Probe:
    status, body = _get(f"{url}/ready")
    if not status:
        return Probe(wrong="nobody answers")
    said = _json(body)
    version = str(said.get("version") or _json(_get(f"{url}/version")[1]).get("version") or "")
    wrong = str(said.get("trouble") or "")
    if status != 200:  # noqa: PLR2004  the one that means yes
        wrong = str(said.get("why") or f"/ready answers {status}")
    elif version not in allowed:
        wrong = wrong or f"it answers as {version or 'nothing'}"
    requests, failed = counted(_get(f"{url}/metrics")[1].decode(errors="replace"), version)
    # One that does not say who it is answers all the same: it is ill, not silent.
    return Probe(version=version or "?", wrong=wrong, requests=requests, failed=failed)


def counted(metrics: str, version: str) -> tuple[float, float]:
    """Answered and failed (status 5xx) requests of a version, out of what Prometheus is told."""
    total: dict[bool, float] = defaultdict(float)
    for labels, number in _REQUESTS.findall(metrics):
        said = dict(_LABEL.findall(labels))
        if said.get("version") == version and said.get("role") != "shadow":
            total[int(said.get("status") or 0) >= _SERVER] += float(number)
    return total[True] + total[False], total[True]


def _given_back(world: World, config: Config, it: Wanted, vital: Vital) -> str:
    """What was done about it, for people."""
    stage = it.place.stage
    if is_rollback(it.event):
        return f"{it} was rolled back to already, and is not left again by itself"
    try:
        way = way_back(world, it.state, stage, places_of(config, stage))
        if way.version is None:
            return f"no version before {it} is known to be healthy"
        reason = f"{it.version} is ill in {it.environment}: {vital.why}"
        follow = Then.DISPATCH if world.runner.is_actions else Then.DEPLOY
        ask = Ask(model=it.model, stage=stage, leaving=str(it.version), reason=reason, then=follow)
        done = rollback(world, ask, automatic=True)
    except PennonError as error:
        return f"it was to be rolled back: {error}"
    return f"{done.version} is {stage} again ({done.tag})"


def unhealthy(found: Iterable[Vital]) -> Iterator[str]:
    """A sentence for each that is not well."""
    for it in found:
        if it.state in (State.ILL, State.SILENT):
            became = f"; {it.became}" if it.became else ""
            yield f"{it.environment}: {it.model}@{it.wanted} is {it.state}: {it.why}{became}"


def next_step(found: Iterable[Vital]) -> str:
    """For the first that is not well: who is silent may only have stopped."""
    for it in found:
        back = f"pennon rollback {it.model} --reason …"
        if it.state is State.SILENT:
            return f"pennon deploy {it.environment} brings it back if it only stopped; else {back}"
        if it.state is State.ILL:
            return back
    return ""


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _get(url: str) -> tuple[int, bytes]:
    """Status and body; status 0 where there is no answer."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as found:  # noqa: S310  http or https
            return found.status, found.read(_MOST)
    except urllib.error.HTTPError as error:
        return error.code, error.read(_MOST)
    except (urllib.error.URLError, OSError):
        return 0, b""
