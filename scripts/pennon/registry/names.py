"""Which new names have room beside the tags that are there: in git, and on every disk. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

from pennon.errors import RegistryError
from pennon.registry.grammar import EventName, Version, check_model, check_stage, tag_name
from pennon.registry.state import ModelState

_STEM = re.compile(r"([^@#]+)(?:[@#]|$)")
_STAGE_STEM = re.compile(r"[^@#]+#[^@#!]+")


def is_new(event: EventName, state: ModelState) -> bool:
    """No tag speaks of the model yet, or of the stage of this model: names are checked once."""
    return not any(event.stage in ("", before.name.stage) for before in state.events)


def refuse_clash(event: EventName, tags: Iterable[str]) -> None:
    """Raises RegistryError where the event's names cannot be: alone, or beside all these `tags`.

    A tag is a file below refs/tags, so `a#prod` leaves no room for `a#prod/eu`; a clone on a disk
    that ignores case takes `Churn` for `churn`.
    """
    check_model(event.model)
    if event.stage:
        check_stage(event.stage)
    new = tag_name(event)
    spots = {spot.lower(): spot for spot in _spots(new)}
    for tag in tags:
        if _nested(tag, new) or _nested(_stage_stem(tag), _stage_stem(new)):
            why = "git keeps tags as files, and one of them would be a folder of the other"
        elif any(spots.get(spot.lower(), spot) != spot for spot in _spots(tag)):
            why = "they differ in upper and lower case only, and not every disk keeps them apart"
        else:
            continue
        raise RegistryError(f"{new} has no room beside {tag}: {why}", hint="choose another name")


def refuse_shared_commit(state: ModelState, version: Version, commit: str) -> None:
    """GTO finds a version by its commit: two on one, and it shows no model any more.

    Raises RegistryError where another version, retired or not, is on the commit.
    """
    for event in state.events:
        if event.commit == commit and event.name.version not in (None, version):
            raise RegistryError(
                f"{state.model}@{event.name.version} was registered on {commit[:7]} already",
                hint="each version needs its own commit: git commit --allow-empty",
            )


def _nested(one: str, other: str) -> bool:
    return bool(one and other) and (other.startswith(f"{one}/") or one.startswith(f"{other}/"))


def _spots(tag: str) -> set[str]:
    """What has to be told apart: the tag, the folders it lies in, its model, its stage."""
    folders = accumulate(tag.split("/")[:-1], "{}/{}".format)
    stem = _STEM.match(tag)
    return {tag, *folders, stem[1] if stem else tag, _stage_stem(tag) or tag}


def _stage_stem(tag: str) -> str:
    """`churn#prod` of `churn#prod!#7`; empty for a tag of no stage."""
    stem = _STAGE_STEM.match(tag)
    return stem[0] if stem else ""
