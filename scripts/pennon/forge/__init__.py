"""The forge: GitHub, or the local directory that stands in for it. One Protocol, two doors."""

from pennon.forge.protocol import (
    Asset,
    Comment,
    Deployment,
    DeploymentState,
    Forge,
    Issue,
    Merged,
    NewDeployment,
    Pull,
    Release,
    Review,
    Ruleset,
)
from pennon.forge.settings import (
    Definition,
    Hosting,
    Label,
    PlanError,
    Protection,
    Settings,
    Variable,
)
from pennon.forge.stamps import Mark, marker, unmarked
from pennon.forge.sticky import Action, Sticky, mark, standing, upsert

__all__ = [
    "Action",
    "Asset",
    "Comment",
    "Definition",
    "Deployment",
    "DeploymentState",
    "Forge",
    "Hosting",
    "Issue",
    "Label",
    "Mark",
    "Merged",
    "NewDeployment",
    "PlanError",
    "Protection",
    "Pull",
    "Release",
    "Review",
    "Ruleset",
    "Settings",
    "Sticky",
    "Variable",
    "mark",
    "marker",
    "standing",
    "unmarked",
    "upsert",
]
