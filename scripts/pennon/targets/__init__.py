"""Targets: places where a version runs. The local one is processes on this machine."""

from pennon.targets.environment import interpreter
from pennon.targets.local import LocalTarget
from pennon.targets.protocol import Desired, Running, Target

__all__ = ["Desired", "LocalTarget", "Running", "Target", "interpreter"]
