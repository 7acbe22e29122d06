"""Targets: places where a version runs, by processes on this machine or by files for others."""

from pennon.targets.environment import interpreter
from pennon.targets.known import splits, target
from pennon.targets.local import LocalTarget
from pennon.targets.protocol import (
    Asked,
    Desired,
    Files,
    Order,
    Place,
    Rival,
    Running,
    Splits,
    Stride,
    Target,
    Wrong,
)

__all__ = [
    "Asked",
    "Desired",
    "Files",
    "LocalTarget",
    "Order",
    "Place",
    "Rival",
    "Running",
    "Splits",
    "Stride",
    "Target",
    "Wrong",
    "interpreter",
    "splits",
    "target",
]
