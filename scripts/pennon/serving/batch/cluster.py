"""Chunks on a Dask cluster, by futures: dask.dataframe would need pyarrow.

The bundle is sent to every worker once, also to those that join later. A worker that dies costs
its chunks a second try, nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from zipfile import ZipFile

from distributed import Client, KilledWorker, Worker, WorkerPlugin, get_worker

from pennon.serving.batch.engine import in_order
from pennon.serving.batch.plan import BatchError, Chunk, Plan, Scored
from pennon.serving.batch.split import filled
from pennon.serving.batch.worker import score

_CALL, _PATIENCE = 10, 60
"""Seconds to wait for a scheduler, and for a worker where there is none."""


class Sent(WorkerPlugin):
    """Puts the bundle's files below the worker's own folder."""

    def __init__(self, name: str, packed: bytes) -> None:
        self.name = f"pennon-{name}"
        self._packed = packed

    def setup(self, worker: Worker) -> None:
        with ZipFile(io.BytesIO(self._packed)) as archive:
            archive.extractall(Path(worker.local_directory) / self.name)


class Cluster:
    """The workers of a scheduler, which have pennon and the model's libraries installed."""

    def __init__(self, bundle: Path, address: str) -> None:
        self.name = "dask"
        self._bundle, self._address = bundle, address

    def __enter__(self) -> Self:
        """Raises BatchError where there is no scheduler or it has no workers."""
        try:
            self._client = _connected(self._address)
        except (OSError, ValueError) as error:
            raise BatchError(
                f"no Dask scheduler answers at {self._address}: {error}",
                hint="name one that runs: --scheduler tcp://HOST:8786",
            ) from None
        try:
            self._sent = Sent(self._bundle.name, _packed(self._bundle))
            self._client.register_plugin(self._sent)
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            self._client.close()
            raise self._deserted() from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def warm(self) -> None:
        """Its workers are warm, or they are not."""

    def scored(self, plan: Plan, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Scored]]:
        threads = sum(self._client.nthreads().values())
        return in_order(
            chunks,
            lambda chunk: self._submit(plan, chunk),
            self._result,
            ahead=2 * max(1, threads),
        )

    def _submit(self, plan: Plan, chunk: Chunk) -> Any:  # noqa: ANN401  of Dask, without types
        """With its bytes: the workers may have no disk in common with this machine."""
        whole = chunk if chunk.data else filled(chunk, Path(plan.path))
        return self._client.submit(_score, self._sent.name, plan, whole, pure=False)

    def _result(self, future: Any) -> Scored:  # noqa: ANN401  of Dask, without types
        while True:
            try:
                found: Scored = future.result(timeout=_PATIENCE)
            except TimeoutError:
                if not future.done() and not self._client.nthreads():
                    raise self._deserted() from None
            except KilledWorker as error:
                raise BatchError(
                    f"a chunk took its workers down: {error}",
                    hint="they may have run out of memory: --chunk with fewer rows",
                ) from None
            else:
                return found

    def _deserted(self) -> BatchError:
        return BatchError(
            f"no worker has come to {self._address} for {_PATIENCE} seconds",
            hint="start some: dask worker; the same command goes on where it was",
        )


def _connected(address: str) -> Any:  # noqa: ANN401  it has no types
    """Raises ValueError for what is no address, OSError where nobody answers there."""
    if not urlsplit(address if "://" in address else f"tcp://{address}").port:
        raise ValueError("it has no port")  # a Client would say so, and then never end
    return Client(address, timeout=_CALL, set_as_default=False)  # type: ignore[no-untyped-call]  # as above


def _packed(bundle: Path) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for path in sorted(bundle.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(bundle))
    return made.getvalue()


def _score(name: str, plan: Plan, chunk: Chunk) -> Any:  # noqa: ANN401  what score returns
    """Runs on a worker."""
    return score(Path(get_worker().local_directory) / name, plan, chunk)
