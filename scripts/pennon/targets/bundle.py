"""A verified archive for machines that nobody reaches: written to a folder or a store.

`<to>/<environment>/<model>/current.json` names the archive, which lies under its digest; it is
written last, so whoever reads it finds what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec

from pennon.artifacts.archive import pack
from pennon.artifacts.parcel import CURRENT, Parcel, parcel
from pennon.config import Record
from pennon.errors import PennonError, TargetError
from pennon.stores import open_store
from pennon.stores import place as place_of
from pennon.targets.place import folder
from pennon.targets.protocol import Order, Place, Running, Splits, Wrong
from pennon.targets.rendered import wrong

RENDERS = False

To = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(/|[a-z][a-z0-9+]*://(?![^/]*:[^/]*@))(?!.*::)[^\s?#]*$",
        description="a folder from its root, or an address such as s3://bucket/edge",
    ),
]


class Settings(Record, frozen=True, kw_only=True):
    """`to` is where archives go, each under its digest."""

    to: To


def check(settings: Mapping[str, Any]) -> list[Wrong]:
    return wrong(settings, Settings)


def splits(_settings: Mapping[str, Any]) -> Splits:
    return Splits.NOBODY


def apply(order: Order, place: Place) -> Running:
    """Write the archive, read it back, then point to it. Raises TargetError."""
    settings = msgspec.convert(dict(place.settings), Settings)
    name = f"{order.model.replace('/', '_').replace(':', '=')}-{order.version}"
    store = open_store(settings.to)
    with TemporaryDirectory() as aside:
        archive = Path(aside) / f"{name}.tar.gz"
        digest = pack(place.bundle(), archive, name)
        told = Parcel(
            model=order.model,
            version=order.version,
            environment=order.environment,
            artifact=order.artifact,
            assignment=order.assignment.tag,
            name=archive.name,
            archive=place_of(digest),
            digest=digest,
            size=archive.stat().st_size,
        )
        try:
            store.reach()
            store.put(archive, digest)
            store.point(_pointer(order), told.text())
        except PennonError as error:
            raise TargetError(
                f"{order.environment}: {order.model}@{order.version} was not written: {error.what}",
                hint=f"{error.hint}; {settings.to} offers what it offered before",
            ) from error
    return Running(version=order.version, url=f"{settings.to}/{_pointer(order)}", changed=True)


def health(order: Order, place: Place) -> Running | None:
    """What is offered there, if the archive is whole."""
    settings = msgspec.convert(dict(place.settings), Settings)
    store = open_store(settings.to)
    found = parcel(store.read(_pointer(order)))
    if found is None or not store.holds(found.digest):
        return None
    return Running(version=found.version, url=f"{settings.to}/{_pointer(order)}", changed=False)


def _pointer(order: Order) -> str:
    return f"{folder('', order.environment, order.model).lstrip('/')}/{CURRENT}"
