"""The demo: one model repository through its whole life, each step checked as it is shown."""

from pennon.flows.demo.scenes import run

__all__ = ["run"]
