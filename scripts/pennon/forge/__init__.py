"""The forge: GitHub, or the local directory that stands in for it. One Protocol, two doors."""

from pennon.forge.protocol import (
    Asset,
    Comment,
    Deployment,
    DeploymentState,
    Forge,
    Hosting,
    Issue,
    Merged,
    NewDeployment,
    Protection,
    Pull,
    Release,
    Review,
    Ruleset,
)
from pennon.forge.stamps import Mark, marker, unmarked
from pennon.forge.sticky import Action, Sticky, mark, standing, upsert

__all__ = [
    "Action",
    "Asset",
    "Comment",
    "Deployment",
    "DeploymentState",
    "Forge",
    "Hosting",
    "Issue",
    "Mark",
    "Merged",
    "NewDeployment",
    "Protection",
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
