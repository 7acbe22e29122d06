"""Where the files of a model in an environment lie on their branch."""

from __future__ import annotations

from urllib.parse import quote


def folder(root: str, environment: str, model: str) -> str:
    """`deploy/production/churn`; a model's slash is quoted, so that none lies in another's."""
    return f"{root}/{quote(environment, safe='')}/{quote(model, safe='')}"
