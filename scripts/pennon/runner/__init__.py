"""GitHub Actions' side of a job: environment, event, outputs, summary, annotations."""

from pennon.runner.event import Event, PullEvent, RunEvent
from pennon.runner.runner import Runner

__all__ = ["Event", "PullEvent", "RunEvent", "Runner"]
