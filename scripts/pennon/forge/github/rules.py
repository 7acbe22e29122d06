"""Rulesets, labels and variables of a repository on GitHub: read, and made what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pennon.forge.settings import Definition, Label, Variable

if TYPE_CHECKING:
    from pennon.forge.github.session import Session

ADMINISTRATOR = "administration: write"
_LABELS, _VARIABLES, _RULESETS = "/labels", "/actions/variables", "/rulesets"
_OWN = {"includes_parents": "false"}
_VARIABLES_A_PAGE = 30
"""GitHub's most; of other lists it hands out more."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """Of one repository. Only an administrator's token may do all of it."""

    session: Session

    def rulesets(self) -> dict[str, Definition]:
        found = self.session.ask("list the rulesets", partial(self.session.rulesets, _OWN))
        return {it["name"]: Definition(name=it["name"], said=it) for it in found}

    def set_ruleset(self, wanted: Definition) -> None:
        def find() -> str | None:
            listed = self.session.pages(_RULESETS, _OWN)
            return next((f"/{it['id']}" for it in listed if it["name"] == wanted.name), None)

        doing = f"set up the ruleset {wanted.name!r}"
        there = self.session.ask(doing, find)
        if there:
            change = partial(self.session.json, "PUT", f"{_RULESETS}{there}", wanted.said)
            self.session.ask(doing, change, needs=ADMINISTRATOR)
        else:
            self._make(doing, (_RULESETS, wanted.said), find, needs=ADMINISTRATOR)

    def labels(self) -> dict[str, Label]:
        found = self.session.ask("list the labels", partial(self.session.pages, _LABELS, {}))
        return {
            it["name"]: Label(
                name=it["name"], color=it["color"], description=it["description"] or ""
            )
            for it in found
        }

    def set_label(self, wanted: Label) -> None:
        said = {"name": wanted.name, "color": wanted.color}
        if wanted.description is not None:
            said["description"] = wanted.description
        self._set(_LABELS, said, self.labels, needs="issues: write")

    def variables(self) -> dict[str, Variable]:
        read = partial(
            self.session.pages, _VARIABLES, {}, inside="variables", size=_VARIABLES_A_PAGE
        )
        found = self.session.ask("list the variables", read, needs="variables: read")
        return {it["name"]: Variable(name=it["name"], value=it["value"]) for it in found}

    def set_variable(self, wanted: Variable) -> None:
        said = {"name": wanted.name, "value": wanted.value}
        self._set(_VARIABLES, said, self.variables, needs="variables: write")

    def _set(self, path: str, said: Json, read: Callable[[], Iterable[str]], *, needs: str) -> None:
        """Make it, or change what has its name; in any case of letters it is the same."""
        name = said["name"]

        def find() -> str | None:
            return next((it for it in read() if it.casefold() == name.casefold()), None)

        doing = f"set up the {path.rpartition('/')[2].removesuffix('s')} {name}"
        there = find()
        if there is None:
            self._make(doing, (path, said), find, needs=needs)
        else:
            at = f"{path}/{quote(there, safe='')}"
            change = {key: it for key, it in said.items() if key != "name"}
            send = partial(self.session.json, "PATCH", at, change)
            self.session.ask(doing, send, needs=needs)

    def _make(
        self, doing: str, what: tuple[str, Json], find: Callable[[], object], *, needs: str
    ) -> None:
        send = partial(self.session.json, "POST", *what)
        self.session.create(doing, send, find, needs=needs)
