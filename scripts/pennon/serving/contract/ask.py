"""Asks a running server, and says where its answers are not what they should be."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

import msgspec

from pennon.serving.contract.cases import OK, Case
from pennon.serving.contract.shape import misfits

TIMED = 40
"""Requests by which the time of an answer is judged."""
LONGEST = 10.0
"""Seconds that an answer may take, whatever the budget."""
_MOST = 1 << 20


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A case, and what is wrong with the answer; it holds where there is nothing."""

    name: str
    wrong: tuple[str, ...] = ()


def asked(
    url: str,
    found: Iterable[Case],
    *,
    latency: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Asked]:
    """Each case in its turn; then, where there is a budget (milliseconds), how long one row takes.

    One that nobody answers is asked no further.
    """
    every = list(found)
    done: list[Asked] = []
    for case in every:
        done.append(Asked(name=case.name, wrong=tuple(_wrong(url, case))))
        if done[-1].wrong[:1] == (SILENT,):
            return done
    good = next((it for it in every if it.status == OK and it.body is not None), None)
    if latency is not None and good is not None:
        done.append(_timed(url, good, latency, clock))
    return done


SILENT = "nobody answers"


def _wrong(url: str, case: Case) -> Iterable[str]:
    status, body = _answer(url, case)
    if not status:
        return [SILENT]
    if status != case.status:
        said = " ".join(body[:200].decode(errors="replace").split())
        return [f"answered {status}, not {case.status}: {said}"]
    try:
        data = json.loads(body)
    except ValueError:
        return ["the answer is no JSON"]
    refused = data.get("wrong", ()) if isinstance(data, dict) else ()
    named = [it.get("field") for it in refused if isinstance(it, dict)]
    lost = [f"the refusal does not name {case.names!r}"] if case.names not in (*named, "") else []
    return [*misfits(data, case.schema), *lost]


def _timed(url: str, case: Case, most: float, clock: Callable[[], float]) -> Asked:
    """The 95th percentile; the first requests warm the connection's path and do not count."""
    seconds = []
    for _ in range(TIMED + 3):
        begun = clock()
        _answer(url, case)
        seconds.append(clock() - begun)
    slow = sorted(seconds[3:])[int(TIMED * 0.95) - 1] * 1000
    name = f"a row takes at most {most:g} ms"
    return Asked(name=name, wrong=(f"it took {slow:.1f} ms",) if slow > most else ())


def _answer(url: str, case: Case) -> tuple[int, bytes]:
    """Status and body; status 0 where there is no answer."""
    body = None if case.body is None else json.dumps(case.body).encode()
    # The server notes a row that nobody asked for in earnest as a test, and no client's.
    headers = {
        "Content-Type": "application/json",
        "X-Request-ID": "pennon-contract",
        "X-Pennon-Test": "1",
    }
    request = urllib.request.Request(f"{url}{case.path}", body, headers)  # noqa: S310  checked
    try:
        with urllib.request.urlopen(request, timeout=LONGEST) as found:  # noqa: S310
            return found.status, found.read(_MOST)
    except urllib.error.HTTPError as error:
        return error.code, error.read(_MOST)
    except (urllib.error.URLError, OSError):
        return 0, b""
