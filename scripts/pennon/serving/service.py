"""What is served just now, and how that changes: beside the old one, then in its place."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from msgspec.structs import replace

from pennon.artifacts.served import Part, Serve, Split
from pennon.errors import ArtifactError, PennonError
from pennon.serving.metrics import Metrics
from pennon.serving.pool import Pool
from pennon.serving.traffic import answers, shadows


class Current(NamedTuple):
    """One moment's answer to who serves: replaced as a whole, never changed."""

    serve: Serve
    live: Pool
    challenger: Pool | None

    @property
    def split(self) -> Split | None:
        return self.serve.split if self.challenger else None

    def who(self, key: str) -> tuple[Pool, str]:
        """Whose answer this key gets, and in what role."""
        if self.challenger and answers(self.split, key):
            return self.challenger, "challenger"
        return self.live, "live"

    def shadow(self, key: str) -> Pool | None:
        return self.challenger if shadows(self.split, key) else None

    def pools(self) -> list[tuple[str, Pool]]:
        found = [("live", self.live)]
        return [*found, ("challenger", self.challenger)] if self.challenger else found


class Service:
    """Serves what `apply` was told last. `trouble` says why it is not what it should be.

    `seen` is the id of the record that it dealt with last, for better or worse.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.current: Current | None = None
        self.trouble = ""
        self.seen = ""
        self._metrics = metrics
        self._standby: Pool | None = None
        self._one_at_a_time = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    async def apply(self, serve: Serve) -> bool:
        """Load what is new beside what is served, and swap: False where that was served already.

        No request fails by it. Raises ArtifactError where something new cannot be loaded, or
        predict its own example: then everything stays as it was.
        """
        async with self._one_at_a_time:
            before = self.current
            changed = before is None or replace(before.serve, id=serve.id) != serve
            try:
                after = await self._made(serve, before)
            except PennonError as error:
                self.trouble, self.seen = str(error), serve.id
                self._metrics.swapped("failed")
                raise
            self.current, self.trouble, self.seen = after, "", serve.id
            if changed:
                self._metrics.swapped("done")
            self._retire(before, after)
            return changed

    async def close(self) -> None:
        """Answer what was asked, then end every process."""
        held = [pool for _, pool in self.current.pools()] if self.current else []
        held += [self._standby] if self._standby else []
        await asyncio.gather(*(pool.drain() for pool in held), *self._ending)

    def told(self) -> None:
        """Bring the gauges up to date."""
        pools = self.current.pools() if self.current else []
        pools += [("standby", self._standby)] if self._standby else []
        self._metrics.serving(
            [(pool.part.version, role, pool.hello.engine, pool.alive) for role, pool in pools]
        )

    async def _made(self, serve: Serve, before: Current | None) -> Current:
        """Pools that exist already are kept. Those that were begun in vain are ended."""
        there = [pool for _, pool in before.pools()] if before else []
        there += [self._standby] if self._standby else []
        begun: list[Pool] = []
        try:
            live = await _pool(serve.live, serve, there, begun)
            there += begun
            challenger = (
                await _pool(serve.challenger, serve, there, begun) if serve.challenger else None
            )
        except BaseException:
            await asyncio.gather(*(pool.drain() for pool in begun))
            raise
        return Current(serve, live, challenger)

    def _retire(self, before: Current | None, after: Current) -> None:
        """The version that was live stays loaded: the way back to it costs no time."""
        used = [pool for _, pool in after.pools()]
        left = [pool for _, pool in before.pools()] if before else []
        left += [self._standby] if self._standby else []
        left = [pool for pool in left if pool not in used]
        stays = before.live if before and before.live in left else self._standby
        self._standby = stays if stays in left else None
        for pool in left:
            if pool is not self._standby:
                task = asyncio.get_running_loop().create_task(pool.drain())
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)


async def _pool(part: Part, serve: Serve, there: list[Pool], begun: list[Pool]) -> Pool:
    found = next((it for it in there if it.part == part and it.workers == serve.workers), None)
    if found and found.alive:
        return found
    pool = await Pool.start(part, serve.workers, gently=bool(there))
    begun.append(pool)
    said, expected = (pool.facts.model, pool.facts.version), (serve.model, part.version)
    if said != expected:
        raise ArtifactError(f"{part.bundle} holds {'@'.join(said)}, not {'@'.join(expected)}")
    return pool
