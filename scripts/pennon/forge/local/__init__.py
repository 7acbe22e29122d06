"""The local forge: a directory that stands in for GitHub, laid out for people to read."""

from pennon.forge.local.forge import Dispatched, LocalForge

__all__ = ["Dispatched", "LocalForge"]
