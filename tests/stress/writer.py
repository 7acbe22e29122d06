"""One writer: registers, promotes and rolls back at random in its clone, and reports each time.

python writer.py FOLDER NAME OPERATIONS MODEL…   prints one JSON line for each operation.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from pennon.config import Against
from pennon.errors import ConflictError, RefusedError, RegistryError
from pennon.flows import promote as promoting
from pennon.flows import register as registering
from pennon.flows.assignment.assign import Ask
from pennon.flows.assignment.settle import until_settled
from pennon.flows.registration.drafts import draft_name
from pennon.flows.registration.numbering import after
from pennon.flows.rollback import rollback
from pennon.flows.steps import Append, DraftRelease, Publish, Step, Upload
from pennon.flows.world import World
from pennon.registry import EventKind, Registration, RunInfo, RunKind, read_remote
from pennon.registry.write import NewEvent
from stress.arena import Done, digest, enter, evaluation, evidence
from worlds import manifest, run_git

# Scoring two models again takes seconds and is no part of what is stressed: the ledger. The gates
# are pennon's own, on numbers that the two versions themselves fix.
vars(promoting)["evidence"] = evidence


def register(here: World, model: str, name: str) -> Done:
    """A version of a new commit, with a release of three small files: the steps of `register`."""
    repo = here.root
    commit = run_git(repo, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", name)
    folder = here.workshop / "runs" / model
    folder.mkdir(parents=True, exist_ok=True)

    def once() -> Done:
        state, head = read_remote(here.repo, model)
        version = after(state, "minor")
        found = evaluation(model, 0.0, (Against.BASELINE, "constant", 0.0))
        files = {"evaluation.json": msgspec.json.encode(found), "model.skops": name.encode()}
        digests = {file: digest(data) for file, data in files.items()}
        lineage = manifest(
            commit,
            model=model,
            recipe=digest(name.encode()),
            train_rows=len(state.versions),
            artifact=digests["model.skops"],
            files={"evaluation.json": digests["evaluation.json"]},
            run=RunInfo(kind=RunKind.CANDIDATE, actor=name, at="2026-11-21T12:00:00Z", url=name),
        )
        for file, data in files.items():
            (folder / file).write_bytes(data)
        event = NewEvent(
            kind=EventKind.REGISTER,
            model=model,
            version=version,
            commit=commit,
            payload=Registration(version=str(version), manifest=lineage),
        )
        append = Append(event, state, head)
        draft, tag = draft_name(lineage), event.name(state)
        planned: list[Step] = [
            DraftRelease(draft, f"{model} {version}", "", commit),
            *(Upload(draft, folder / file, digests[file]) for file in files),
            append,
            Publish(draft, tag),
        ]
        registering._apply(here, model, planned)
        return Done(id=name, model=model, kind="register", wrote=True, tag=tag)

    return until_settled(here, once)


def promote(here: World, model: str, name: str) -> Done:
    state, _ = read_remote(here.repo, model)
    versions = [str(version) for version in state.versions][-6:]
    wanted = random.choice(versions) if versions else None  # noqa: S311  chance, not secrecy
    stage = random.choice(["challenger", "champion", "champion"])  # noqa: S311  the same
    ask = Ask(model=model, stage=stage, version=wanted, reason=name)
    found = promoting.promote(here, ask)
    wrote, before = found.reason == name, found.previous or ""
    return Done(id=name, model=model, kind="promote", wrote=wrote, tag=found.tag, previous=before)


def roll_back(here: World, model: str, name: str) -> Done:
    state, _ = read_remote(here.repo, model)
    held = state.stages.get("champion")
    found = rollback(here, Ask(model=model, reason=name))
    return Done(
        id=name,
        model=model,
        kind="roll back",
        wrote=bool(found.steps),
        tag=found.tag,
        previous=found.previous or "",
        idle=not found.steps and held is not None and held.tag == found.tag,
    )


ACTS: dict[str, Callable[[World, str, str], Done]] = {
    "register": register,
    "promote": promote,
    "roll back": roll_back,
}


def main(folder: Path, name: str, operations: int, models: list[str]) -> None:
    here = enter(folder, name)
    random.seed(name)  # what is asked for is the same each time; who is faster is not
    for number in range(operations):
        model = random.choice(models)  # noqa: S311  chance, not secrecy
        kind = random.choices([*ACTS], weights=[3, 5, 2])[0]  # noqa: S311  the same
        began = time.monotonic()
        it = f"{name}/{number}"
        try:
            done = ACTS[kind](here, model, it)
        except (
            RefusedError,
            RegistryError,
            ConflictError,
        ) as error:  # see `why`
            why = f"{type(error).__name__}: {error.what}"
            done = Done(id=it, model=model, kind=kind, wrote=False, why=why)
        done = msgspec.structs.replace(done, seconds=time.monotonic() - began)
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:])
