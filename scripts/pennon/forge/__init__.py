"""The forge: GitHub, or the local directory that stands in for it. One Protocol, two doors."""

from pennon.forge.protocol import (
    Asset,
    Comment,
    Deployment,
    DeploymentState,
    Forge,
    Merged,
    NewDeployment,
    Pull,
    Release,
    Review,
    Ruleset,
)
from pennon.forge.stamps import Mark, marker, unmarked
from pennon.forge.sticky import Sticky, mark, standing, upsert

__all__ = [
    "Asset",
    "Comment",
    "Deployment",
    "DeploymentState",
    "Forge",
    "Mark",
    "Merged",
    "NewDeployment",
    "Pull",
    "Release",
    "Review",
    "Ruleset",
    "Sticky",
    "mark",
    "marker",
    "standing",
    "unmarked",
    "upsert",
]
