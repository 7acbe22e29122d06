"""Artifacts: what a model is as a file and as a function.

This door is light. `skopsfile`, `source`, `predict` and `bundle` need the ML stack when they run.
"""

from pennon.artifacts.digest import digest, verify

__all__ = ["digest", "verify"]
