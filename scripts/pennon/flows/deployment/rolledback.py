"""What a rollback did, as its command tells it and the incident issue reports it."""

from __future__ import annotations

from pennon.flows.assignment.assign import Assigned
from pennon.flows.deploy import Deployed
from pennon.flows.deployment.healthy import Skipped


class RolledBack(Assigned, frozen=True, kw_only=True):
    """An assignment, and how its version was found.

    `skipped` were nearer; `runs` is what the environments answer as now, where they were deployed
    from here; `incident` is the address (or number) of the issue that tells of it.
    """

    basis: str = ""
    skipped: tuple[Skipped, ...] = ()
    runs: tuple[Deployed, ...] = ()
    incident: str = ""
