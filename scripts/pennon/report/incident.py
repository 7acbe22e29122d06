"""What an incident issue says of a rollback, as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import msgspec

from pennon.report.markdown import Markdown, code, repository
from pennon.report.render import render_markdown


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """Where the version that was left ran, since when (RFC 3339), and whether it was healthy."""

    environment: str
    at: str
    healthy: bool


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A rollback before this one."""

    at: str
    previous: str
    version: str
    actor: str
    reason: str
    tag: str


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A rollback from `previous`, which held the stage since `since`, to `version`."""

    model: str
    stage: str
    previous: str
    version: str
    reason: str
    actor: str
    automatic: bool
    at: str
    tag: str
    run: str
    since: str
    since_tag: str
    live: tuple[Live, ...] = ()
    basis: str = ""
    skipped: tuple[tuple[str, str], ...] = ()  # version, why
    runs: tuple[tuple[str, str, str], ...] = ()  # environment, version, address
    earlier: tuple[Earlier, ...] = ()


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """What came after."""

    model: str
    version: str
    stage: str
    tag: str
    actor: str
    reason: str
    run: str


def incident(it: Incident) -> str:
    return render_markdown("incident.md.j2", it=it, tag=_linked(it.run))


def promotion(it: Promotion) -> str:
    return render_markdown("promotion.md.j2", it=it, tag=_linked(it.run))


def _linked(run: str) -> Callable[[str], Markdown]:
    """A tag as a link to it, where the run tells whose tag it is."""
    where = repository(run)

    def tag(name: str) -> Markdown:
        address = f"{where}/releases/tag/{quote(name, safe='')}"
        return Markdown(f"[{code(name)}]({address})") if where else code(name)

    return tag
