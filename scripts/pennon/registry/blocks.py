"""A sorted listing of tags, cut into its models without looking at every line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ID_END = b" refs/tags/"


class Block:
    """The lines of one model: where they are in the listing, and a digest of them."""

    def __init__(self, model: str, source: bytes) -> None:
        self.model = model
        self._source = source
        self._spans: list[tuple[int, int]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: its own lines, not those of all the others."""
        own = b"".join(self._source[start:end] for start, end in self._spans)
        return (_of_lines, (self.model, own))

    @property
    def size(self) -> int:
        """Bytes of its lines."""
        return sum(end - start for start, end in self._spans)

    def add(self, start: int, end: int) -> None:
        self._spans.append((start, end))

    def refs(self) -> Iterator[tuple[str, str]]:
        """(name below refs/tags, object id) of each tag."""
        for start, end in self._spans:
            for line in self._source[start:end].splitlines():
                oid, _, name = line.partition(_ID_END)
                yield name.decode(errors="surrogateescape"), oid.decode()

    def ids(self) -> bytes:
        """The object ids in the same order, a line each."""
        pieces = [self._source[start:end] for start, end in self._spans]
        return b"".join(
            b"%s\n" % line.partition(b" ")[0] for p in pieces for line in p.splitlines()
        )

    @property
    def digest(self) -> bytes:
        """Names and ids decide what a model's state is: an equal digest means an equal state."""
        from hashlib import blake2b  # noqa: PLC0415  start-up: the overview alone asks

        found = blake2b(digest_size=16)
        view = memoryview(self._source)
        for start, end in self._spans:
            found.update(view[start:end])
        return found.digest()


def _of_lines(model: str, lines: bytes) -> Block:
    block = Block(model, lines)
    block.add(0, len(lines))
    return block


def blocks(listing: bytes) -> list[Block]:
    """The models of `<id> refs/tags/<name>` lines that are sorted by name, by name.

    The lines of a model are few spans (`churn#…`, `churn@…`, with `churn-x#…` between them), so
    the end of each is found by doubling steps and halving them: a million lines of fifty models
    take some hundred looks.
    """
    found: dict[bytes, Block] = {}
    position = 0
    while position < len(listing):
        prefix = _prefix(listing, position)
        end = _end_of_span(listing, position, prefix)
        if prefix:
            key = prefix[:-1]
            if key not in found:
                model = key.decode(errors="surrogateescape").replace("=", ":")
                found[key] = Block(model, listing)
            found[key].add(position, end)
        position = end
    return sorted(found.values(), key=lambda block: block.model)


def _prefix(listing: bytes, line: int) -> bytes:
    """`churn@` or `churn#` of the line that starts there; empty where it is no registry's tag."""
    end = listing.find(b"\n", line)
    name = listing[listing.find(_ID_END, line, end) + len(_ID_END) : end]
    found = [at for at in (name.find(b"@"), name.find(b"#")) if at > 0]
    return name[: min(found) + 1] if found else b""


def _end_of_span(listing: bytes, line: int, prefix: bytes) -> int:
    """Where the lines that begin like this one end; of another tag its own end."""
    if not prefix:
        return _next(listing, line)
    wanted = _ID_END + prefix
    id_length = listing.find(b" ", line) - line
    inside, step = line, 1
    while True:
        probe = _next(listing, inside + step)
        if probe >= len(listing) or not listing.startswith(wanted, probe + id_length):
            break
        inside, step = probe, step * 2
    outside = probe
    while (middle := _next(listing, (inside + outside) // 2)) < outside:
        if listing.startswith(wanted, middle + id_length):
            inside = middle
        else:
            outside = middle
    while (after := _next(listing, inside)) < outside:  # the last halving may leave a line
        inside = after
        if not listing.startswith(wanted, after + id_length):
            return after
    return outside


def _next(listing: bytes, position: int) -> int:
    """The start of the first line after `position`."""
    end = listing.find(b"\n", position)
    return len(listing) if end < 0 else end + 1
