"""Whom a candidate is compared with: each predicts by its own code, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts.score import Apart, scoring
from pennon.config import GATES, Config
from pennon.errors import ConfigError, RegistryError
from pennon.flows.judgement.rows import Rows
from pennon.flows.versions.bundle import exact_bundle, recipe_bundle
from pennon.flows.world import World
from pennon.registry import ModelState, Version
from pennon.training.again import again

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Rivals(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions (n,) for the rows that judge: the champion's, and those of `named` versions."""

    champion: tuple[str, NDArray[np.float64]] | None = None
    named: Mapping[str, NDArray[np.float64]] = {}


def champion_scoring(
    world: World, state: ModelState, rows: Rows, process: ProcessPoolExecutor | None = None
) -> tuple[str, Apart] | None:
    """Start to score the champion; None where there is none."""
    version = state.holder("champion")
    if version is None:
        return None
    return str(version), _scoring(world, state, version, rows, process=process)


def named_scoring(world: World, config: Config, state: ModelState, rows: Rows) -> dict[str, Apart]:
    """Start to score the versions that gates name, but for the champion.

    Raises ConfigError for one that is not registered.
    """
    found = {}
    for name in config.gates.versions(state.model):
        version = Version(name)
        try:
            state.find(version)
        except RegistryError as error:
            what = f"{GATES}: a gate compares with {error.what}"
            raise ConfigError(what, hint=error.hint) from None
        if version != state.holder("champion"):
            found[name] = _scoring(world, state, version, rows)
    return found


def results(champion: tuple[str, Apart] | None, named: Mapping[str, Apart]) -> Rivals:
    """Wait for all of them. Raises ArtifactError for one that could not be scored."""
    return Rivals(
        champion=(champion[0], champion[1].result()) if champion else None,
        named={name: it.result() for name, it in named.items()},
    )


def _scoring(
    world: World,
    state: ModelState,
    version: Version,
    rows: Rows,
    *,
    process: ProcessPoolExecutor | None = None,
) -> Apart:
    """Beside a candidate of a sample its recipe is trained again, on the same sample:

    a model that was trained on more rows is better for that reason alone.
    """
    if rows.sealed:
        return scoring(exact_bundle(world, state, version), rows.judged, process)
    folder = recipe_bundle(world, state, version)
    return again(folder, state.model, rows.train, rows.judged, process=process)
