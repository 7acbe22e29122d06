"""Runs the app. The model is loaded before the port is opened: who can connect gets answers."""

from __future__ import annotations

from pathlib import Path

from pennon.artifacts.bundle import Bundle


def run(folder: Path, *, host: str, port: int) -> None:
    """Serve until told to stop. Raises ArtifactError for a bundle that is not sound."""
    import uvicorn  # noqa: PLC0415  only where something is served

    from pennon.serving.app import app  # noqa: PLC0415

    bundle = Bundle(folder)
    bundle.load()
    uvicorn.run(app(bundle), host=host, port=port, log_level="warning", access_log=False)
