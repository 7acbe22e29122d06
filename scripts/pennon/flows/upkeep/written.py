"""Pages of a repository that pennon writes from its other files: its own ones alone, and whole."""

from __future__ import annotations

import msgspec

from pennon.config import Problem, ProblemsError
from pennon.errors import ConfigError
from pennon.flows.world import World


class Written(msgspec.Struct, frozen=True):
    """A page that begins with `mark` and is written by `command`."""

    file: str
    mark: str
    command: str

    def put(self, world: World, text: str, *, dry_run: bool) -> bool:
        """Write it; whether it was another one before. Raises ConfigError for one made by hand."""
        old = world.read_text(self.file)
        if old is not None and not old.startswith(self.mark):
            raise ConfigError(
                f"{self.file} was not written by pennon",
                hint=f"move it away, then run: {self.command}",
            )
        if text != old and not dry_run:
            file = world.root / self.file
            file.parent.mkdir(parents=True, exist_ok=True)
            half = file.with_suffix(".half")
            half.write_text(text, encoding="utf-8", newline="\n")
            half.replace(file)
        return text != old

    def there(self, world: World) -> str | None:
        """What it says; None where there is none, or one that somebody wrote by hand."""
        old = world.read_text(self.file)
        return old if old is not None and old.startswith(self.mark) else None

    def needed(self, world: World) -> None:
        """Raises ConfigError where it is not there."""
        if world.read_text(self.file) is None:
            raise ProblemsError([Problem(self.file, "", f"is missing; run: {self.command}")])
        if self.there(world) is None:
            what = "was not written by pennon: move it away"
            raise ProblemsError([Problem(self.file, "", what)])
