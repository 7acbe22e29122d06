"""GTO and pennon side by side: sequences of events, who writes them, and what each reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import gto.api
from gto.constants import Action
from gto.tag import name_tag
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from scmrepo.git import Git as Scm

from pennon.errors import RegistryError
from pennon.git import Repo
from pennon.registry import EventKind, EventName, ModelState, Version, read
from pennon.registry.grammar import tag_name
from pennon.registry.names import refuse_clash
from worlds import run_git

COMMITS = 6
FIRST_COMMIT = 1_600_000_000
FIRST_TAG = 1_700_000_000
GTO_KINDS = {
    EventKind.REGISTER: "registration",
    EventKind.RETIRE: "deregistration",
    EventKind.ASSIGN: "assignment",
    EventKind.UNASSIGN: "unassignment",
    EventKind.RETIRE_MODEL: "deprecation",
}
OFTEN = [
    *[EventKind.ASSIGN] * 6,
    *[EventKind.UNASSIGN] * 3,
    *[EventKind.REGISTER] * 2,
    *[EventKind.RETIRE] * 2,
    EventKind.RETIRE_MODEL,
]
STAGED = (EventKind.ASSIGN, EventKind.UNASSIGN)

_NAME = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9/_-]{0,6}[a-zA-Z0-9])?", fullmatch=True)
_FOLDER = st.from_regex(r"[a-zA-Z0-9_./-]{1,6}", fullmatch=True)
MODELS = (
    st.sampled_from(["churn", "churn2", "churn-x", "churn/eu", "team:churn", "a.b/c:churn"])
    | _NAME
    | st.tuples(_FOLDER, _NAME).map(":".join)
)
STAGES = st.sampled_from(["champion", "challenger", "prod/eu", "v1", "deprecated"]) | _NAME
VERSIONS = st.sampled_from(
    ["v1.0.0", "v1.10.0", "v1.9.0", "v2.0.0-rc.1", "v2.0.0-rc.10", "v2.0.0", "v2.0.0+b", "v2.0.0+a"]
) | st.builds("v{}.{}.{}{}".format, *[st.integers(0, 11)] * 3, st.sampled_from(["", "-a", "-0.1"]))


def sequences(share: int) -> settings:
    """How many to compare: `share` in scripts/test, PENNON_SEQUENCES by hand."""
    return settings(
        max_examples=int(os.environ.get("PENNON_SEQUENCES", share)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


class Move(NamedTuple):
    """An event that somebody wants: of the version that commit number `commit` has."""

    kind: EventKind
    model: str
    version: str
    commit: int
    stage: str
    numbered: bool
    wait: int


class Written(NamedTuple):
    """A tag as it goes into a repository. `sound` is False for a lightweight one."""

    name: str
    commit: int
    seconds: int
    zone: str = "+0000"
    sound: bool = True


@st.composite
def moves(draw: st.DrawFn, most: int = 14) -> list[Move]:
    """Events of one or two models. Each version has a commit of its own, as GTO needs it."""
    models = draw(st.lists(MODELS.filter(_allowed), min_size=1, max_size=2, unique=True))
    stages = draw(st.lists(STAGES, min_size=1, max_size=2, unique=True))
    numbers = draw(st.lists(VERSIONS, min_size=1, max_size=COMMITS, unique=True))

    def move(kind: EventKind) -> Move:
        commit = draw(st.integers(0, len(numbers) - 1))
        return Move(
            kind=kind,
            model=draw(st.sampled_from(models)),
            version=numbers[commit],
            commit=commit,
            stage=draw(st.sampled_from(stages)),
            numbered=draw(st.booleans()),
            wait=draw(st.integers(1, 5000)),
        )

    least = draw(st.integers(0, most - 2))
    kinds = draw(st.lists(st.sampled_from(OFTEN), min_size=least, max_size=most))
    found = [move(kind) for kind in kinds]
    known = {(m.model, m.version) for m in found if m.kind is EventKind.REGISTER}
    for missing in found.copy():
        if (missing.model, missing.version) not in known:
            known.add((missing.model, missing.version))
            early = draw(st.integers(0, len(found)))
            found.insert(early // 2, missing._replace(kind=EventKind.REGISTER))
    return found


def _allowed(model: str) -> bool:
    try:
        refuse_clash(EventName(kind=EventKind.RETIRE_MODEL, model=model), ())
    except RegistryError:
        return False
    return True


@st.composite
def tags(draw: st.DrawFn) -> list[Written]:
    """The moves as tags in any order that a person with git could make, and noise between them."""
    wanted: list[Move] = draw(moves())
    found: dict[str, Written] = {}
    seconds = FIRST_TAG
    for move in wanted:
        seconds += move.wait
        counter = draw(st.integers(0, 99)) if move.numbered else None
        name = event_name(move, counter)
        if _fits(name, found):
            zone = draw(st.sampled_from(["+0000", "+0530", "-0800"]))
            found[tag_name(name)] = Written(tag_name(name), move.commit, seconds, zone)
    for noise in draw(st.lists(st.sampled_from(["v9.0.0", "release-1", "churn@1"]), max_size=2)):
        found.setdefault(noise, Written(noise, 0, seconds))
    lightweight: bool = draw(st.booleans())
    if wanted and lightweight:
        light = f"{wanted[0].model.replace(':', '=')}@v9.9.9#100"
        found[light] = Written(light, 0, 0, sound=False)
    return list(found.values())


def event_name(move: Move, counter: int | None) -> EventName:
    versioned = move.kind in (EventKind.REGISTER, EventKind.RETIRE)
    return EventName(
        kind=move.kind,
        model=move.model,
        version=Version(move.version) if versioned else None,
        stage=move.stage if move.kind in STAGED else "",
        counter=counter,
    )


def _fits(name: EventName, there: dict[str, Written]) -> bool:
    try:
        refuse_clash(name, there)
    except RegistryError:
        return False
    return tag_name(name) not in there


@contextmanager
def repository() -> Iterator[Path]:
    """A bare repository with a few commits, gone afterwards."""
    with TemporaryDirectory(prefix="pennon-oracle-") as folder:
        run_git(Path(folder), "init", "--quiet", "--bare", "--template=", "--initial-branch=main")
        stream = "".join(
            f"commit refs/heads/main\nmark :{number}\n"
            f"committer Ada <ada@example.com> {FIRST_COMMIT + number} +0000\ndata 2\n{number}\n"
            for number in range(1, COMMITS + 1)
        )
        run_git(Path(folder), "fast-import", "--quiet", "--export-marks=marks", stdin=stream)
        yield Path(folder)


def commits(folder: Path) -> list[str]:
    """The ids of the commits, by number."""
    lines = sorted((folder / "marks").read_text().splitlines(), key=lambda line: int(line[1:2]))
    return [line.split(" ")[1] for line in lines]


def write(folder: Path, wanted: list[Written]) -> None:
    """All tags in one process."""
    stream = "".join(
        f"tag {tag.name}\nfrom :{tag.commit + 1}\n"
        f"tagger Ada <ada@example.com> {tag.seconds} {tag.zone}\ndata 8\nby hand\n\n"
        if tag.sound
        else f"reset refs/tags/{tag.name}\nfrom :{tag.commit + 1}\n\n"
        for tag in wanted
    )
    run_git(folder, "fast-import", "--quiet", "--import-marks=marks", stdin=stream)


class Row(NamedTuple):
    """One event as both tell it."""

    seconds: int
    event: str
    version: str
    stage: str
    commit: str
    tag: str
    who: str


class Facts(NamedTuple):
    """What a registry says of one model."""

    versions: tuple[str, ...]
    latest: str | None
    stages: dict[str, str]
    retired: bool
    next_counter: int
    history: tuple[Row, ...]


def by_gto(folder: Path) -> dict[str, Facts]:
    """Through GTO's public functions: show, show MODEL, history."""
    shown = gto.api.show(folder, deprecated=True)
    history = gto.api.history(folder, ascending=True)
    with closing(Scm(str(folder))) as scm:
        return {
            model: Facts(
                versions=_gto_versions(folder, model),
                latest=row["version"],
                stages={stage: version for stage, version in row["stage"].items() if version},
                retired=not row["active"],
                next_counter=int(name_tag(Action.DEPRECATE, model, scm=scm).rpartition("#")[2]),
                history=tuple(_gto_row(e) for e in history if e["artifact"] == model),
            )
            for model, row in shown.items()
        }


def _gto_versions(folder: Path, model: str) -> tuple[str, ...]:
    """Highest first, as it shows them; those that count."""
    found = gto.api.show(folder, model, deprecated=True)
    return tuple(v["version"] for v in found if v["registrations"] and v["is_active"])


def _gto_row(event: dict[str, object]) -> Row:
    return Row(
        seconds=int(event["timestamp"].timestamp()),  # type: ignore[attr-defined]  # a datetime
        event=str(event["event"]),
        version=str(event["version"] or ""),
        stage=str(event["stage"] or ""),
        commit=str(event["commit"]),
        tag=str(event["ref"]),
        who=str(event["author"]),
    )


def by_pennon(folder: Path) -> dict[str, Facts]:
    return {state.model: facts(state) for state in read(Repo(folder)) if state.events}


def facts(state: ModelState) -> Facts:
    return Facts(
        versions=tuple(map(str, reversed(state.versions))),
        latest=str(state.latest) if state.latest else None,
        stages={stage: str(event.version) for stage, event in state.stages.items()},
        retired=state.retired,
        next_counter=state.counter + 1,
        history=tuple(
            Row(
                seconds=event.seconds,
                event=GTO_KINDS[event.name.kind],
                version=str(event.version or ""),
                stage=event.name.stage,
                commit=event.commit,
                tag=event.tag,
                who=event.tagger,
            )
            for event in state.events
        ),
    )
