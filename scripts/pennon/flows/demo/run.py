"""Plays the story in a folder of its own, and says how long each scene took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from pennon.assets import export
from pennon.errors import ConfigError
from pennon.flows.demo.act import Act
from pennon.flows.demo.direct import Direct
from pennon.flows.demo.play import Play
from pennon.flows.demo.scenes import SCENES
from pennon.flows.demo.theatre import Theatre, Workflows
from pennon.forge.local import LocalForge


def demo(
    keep: Path | None,
    *,
    with_act: bool,
    now: Callable[[], datetime],
    say: Callable[[str], None],
) -> Path | None:
    """Play every scene; the folder that is kept, if one was asked for. Raises DemoError."""
    if keep is not None and keep.exists():
        raise ConfigError(f"{keep} exists already", hint="name a folder that does not")
    folder = Path(mkdtemp(prefix="pennon-demo-")) if keep is None else keep.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    theatre = Theatre(folder, LocalForge(folder / "forge", clock=now), say)
    play = Play(theatre, _workflows(theatre, with_act=with_act))
    start = now()
    try:
        for number, scene in enumerate(SCENES, 1):
            began = now()
            say(f"\n{number}. {scene.title}")
            scene.act(play)
            say(f"  ({(now() - began).total_seconds():.0f} s)")
    finally:
        play.stop_servers()
        if keep is None:
            theatre.clear()
    took = (now() - start).total_seconds()
    say(f"\nAll {len(SCENES)} scenes did what they said, in {took:.0f} s.")
    return keep and folder


def _workflows(theatre: Theatre, *, with_act: bool) -> Workflows:
    if not with_act:
        return Direct(theatre)
    kit = export(theatre.folder / "kit")
    return Act(kit, theatre.folder / "act", theatre.variables)
