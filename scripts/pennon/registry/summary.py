"""What a registry holds in one line per model, remembered by a digest of the model's tags."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import msgspec

from pennon import __version__
from pennon.git import Repo, listing
from pennon.registry.blocks import Block, blocks
from pennon.registry.read import read_blocks
from pennon.registry.state import Finding, ModelState

_FORMAT = f"{__version__}/2"
_FILE = "summaries"
_WORTH_IT, _TOO_MUCH = 1 << 20, 1 << 25
"""Bytes of names and ids that several processes share: fewer are read faster by one; more would
have to be held twice.
"""


class Summary(msgspec.Struct, frozen=True):
    """One model: its newest version, how many there are, who holds which stage."""

    model: str
    latest: str | None
    versions: int
    stages: dict[str, str]
    findings: tuple[Finding, ...] = ()
    retired: bool = False


class _Kept(msgspec.Struct, frozen=True):
    format: str
    summaries: dict[bytes, Summary]


def summaries(repo: Repo) -> list[Summary]:
    """Every model, by name. Only models with a tag that is new to this clone are read."""
    file = repo.own_folder("pennon") / _FILE
    kept = _load(file)
    found = {block.model: (block, block.digest) for block in blocks(listing(repo))}
    known = {model: kept[digest] for model, (_, digest) in found.items() if digest in kept}
    fresh = _summarised(repo, [block for model, (block, _) in found.items() if model not in known])
    if fresh or len(kept) > len(found):
        now = {found[model][1]: summary for model, summary in (known | fresh).items()}
        _save(file, now)
    return [summary for _, summary in sorted((known | fresh).items()) if _counts(summary)]


def _summarised(repo: Repo, wanted: list[Block]) -> dict[str, Summary]:
    size = sum(block.size for block in wanted)
    if sys.platform != "linux" or not _WORTH_IT < size < _TOO_MUCH:
        return _part(repo, wanted)
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  seldom needed
    from multiprocessing import get_context  # noqa: PLC0415

    cores = len(os.sched_getaffinity(0))
    parts = [wanted[i::cores] for i in range(cores)]
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as pool:
        done = pool.map(_part, [repo] * cores, parts)
        return {model: summary for part in done for model, summary in part.items()}


def _part(repo: Repo, wanted: list[Block]) -> dict[str, Summary]:
    found = {block.model: Summary(block.model, None, 0, {}) for block in wanted}
    for state in read_blocks(repo, wanted):
        found[state.model] = _summary(state)
        del state  # as the reader does
    return found


def _summary(state: ModelState) -> Summary:
    versions = state.versions
    return Summary(
        model=state.model,
        latest=str(next(reversed(versions))) if versions else None,
        versions=len(versions),
        retired=state.retired,
        stages={stage: str(event.version) for stage, event in sorted(state.stages.items())},
        findings=state.findings,
    )


def _counts(summary: Summary) -> bool:
    """A name with @ or # in it need not be a registry's."""
    return bool(summary.versions or summary.stages or summary.findings)


def _load(file: Path) -> dict[bytes, Summary]:
    """What is remembered; nothing where it is damaged, or of another pennon."""
    try:
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    return kept.summaries if kept.format == _FORMAT else {}


def _save(file: Path, found: dict[bytes, Summary]) -> None:
    """Whole or not at all; a clone that nobody may write to just remembers nothing."""
    from tempfile import NamedTemporaryFile  # noqa: PLC0415  start-up: written seldom

    content = msgspec.msgpack.encode(_Kept(_FORMAT, found))
    with contextlib.suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as half:
            half.write(content)
        Path(half.name).replace(file)
