"""What the report page draws: computed where the predictions are, kept beside the candidate.

A version's release has them as `exhibits.json`: the page can be made again from it, and the next
candidate's rows are compared with its profile.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pennon.config import Config
from pennon.errors import ArtifactError, ForgeError
from pennon.flows.judgement.rows import Rows
from pennon.flows.versions.release import download, manifest
from pennon.flows.world import World
from pennon.registry import ModelState
from pennon.report.exhibits import Exhibits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXHIBITS = "exhibits.json"


def exhibits(
    config: Config,
    model: str,
    rows: Rows,
    *,
    candidate: NDArray[np.float64],
    champion: NDArray[np.float64] | None = None,
) -> Exhibits:
    """From predictions (n,) for the rows that judge, which `measure` has found sound."""
    import numpy as np  # noqa: PLC0415  only where there are rows

    from pennon.datasets.profile import profile  # noqa: PLC0415  the same
    from pennon.evaluation.curves import curves  # noqa: PLC0415  the same

    it = config.model(model)
    truth = rows.judged[it.target].to_numpy(dtype=np.float64)
    return Exhibits(
        curves=curves(it.task, truth, candidate, champion, threshold=it.threshold),
        profile=profile(rows.pool, config.dataset_of(model)),
        unit=it.target,
    )


def keep(folder: Path, shown: Exhibits) -> None:
    """Beside the candidate; what is known of the champion stays with the champion."""
    alone = msgspec.structs.replace(shown, before=None)
    (folder / EXHIBITS).write_bytes(msgspec.json.encode(alone))


def kept(folder: Path) -> Exhibits:
    """What a run has to show; nothing where nothing was kept."""
    file = folder / EXHIBITS
    return _decoded(file) if file.is_file() else Exhibits()


def beside_champion(world: World, state: ModelState, shown: Exhibits) -> Exhibits:
    """The same with the profile of what the champion learnt from, where its release has one."""
    if shown.profile is None:
        return shown
    return msgspec.structs.replace(shown, before=champions(world, state).profile)


def champions(world: World, state: ModelState) -> Exhibits:
    """What the champion's release has to show, fetched once; nothing where it has none."""
    version = state.holder("champion")
    digest = manifest(state, version).files.get(EXHIBITS, "") if version else ""
    if version is None or not digest:
        return Exhibits()
    file = world.workshop / "exhibits" / f"{digest.removeprefix('sha256:')}.json"
    try:
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            download(world, state.find(version).tag, EXHIBITS, file, digest=digest)
        return _decoded(file)
    except (ArtifactError, ForgeError) as error:
        world.say(f"nothing of {version} to show beside the candidate: {error.what}")
        return Exhibits()


def _decoded(file: Path) -> Exhibits:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Exhibits)
    except msgspec.DecodeError as error:
        raise ArtifactError(
            f"{file} cannot be read: {error}", hint="another version of pennon may have written it"
        ) from None
