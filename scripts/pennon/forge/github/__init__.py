"""GitHub as a forge. PyGithub costs half a second to import, so it waits for the first call."""

from pennon.forge.github.forge import GitHubForge

__all__ = ["GitHubForge"]
