"""What `pennon serve` serves: a version, or whoever holds a stage each time that it looks."""

from __future__ import annotations

from pathlib import Path

from pennon.artifacts.served import Part, Serve
from pennon.errors import GitError
from pennon.flows.versions.bundle import bundle
from pennon.flows.world import World
from pennon.registry import ModelState, Reference, read_local, read_remote
from pennon.registry.reference import meant


class Wanted:
    """Called again and again, it says what to serve by then; the bundle is ready when it returns.

    The remote is asked. Once it has answered, a remote that cannot be reached is an error: what
    this clone remembers may be older than what is served already.
    """

    def __init__(self, world: World, reference: Reference, *, workers: int) -> None:
        self._world = world
        self._reference = reference
        self._workers = workers
        self._reached = False

    def __call__(self) -> Serve:
        """Raises RegistryError for what is not there, GitError, ForgeError, ArtifactError."""
        state = self._state()
        version = meant(state, self._reference)
        folder = bundle(self._world, state, version)
        part = Part(version=str(version), bundle=str(Path(folder).resolve()))
        return Serve(model=state.model, live=part, workers=self._workers)

    def _state(self) -> ModelState:
        repo, model = self._world.repo, self._reference.model
        if not repo.has_remote():
            return read_local(repo, model)
        try:
            found = read_remote(repo, model)[0]
        except GitError as error:
            if self._reached:
                raise
            self._world.say(f"using the tags of this clone: {error.what}")
            return read_local(repo, model)
        self._reached = True
        return found
