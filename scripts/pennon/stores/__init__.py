"""Stores: places for large files outside of the forge, each file under its digest."""

from pennon.stores.address import RELEASE, place
from pennon.stores.store import Store, open_store

__all__ = ["RELEASE", "Store", "open_store", "place"]
