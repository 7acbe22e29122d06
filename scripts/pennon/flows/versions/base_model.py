"""The model that a training starts from: fetched once, verified every time, put where it looks."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pennon.artifacts import digest
from pennon.config import BaseModel, Config, Model
from pennon.flows.world import World
from pennon.registry import BaseModel as Recorded
from pennon.stores import open_store
from pennon.training.recipe import WORKSHOP, base_file


def bring(world: World, config: Config, model: str, root: Path) -> None:
    """Make sure that the base model of a model lies below `root`: a repository, or a bundle.

    Raises ArtifactError where it is not what its digest says, StoreError where it does not come.
    """
    asked = config.model(model).base_model
    if asked is None:
        return
    place = base_file(root / WORKSHOP, asked)
    if _is(place, asked):
        return
    kept = base_file(world.cache or world.workshop, asked)
    if not _is(kept, asked):
        world.say(f"fetching the base model of {model}: {asked.uri}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        base, _, name = asked.uri.rpartition("/")
        open_store(base).fetch(name, asked.digest, kept)
    if kept != place:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(kept.resolve())


def started_from(model: Model) -> Recorded | msgspec.UnsetType:
    """What the manifest says of it."""
    asked = model.base_model
    return Recorded(**msgspec.structs.asdict(asked)) if asked else msgspec.UNSET


def _is(file: Path, asked: BaseModel) -> bool:
    return file.is_file() and digest(file) == asked.digest
