"""use-case.yaml and roles.yaml: what people said of a model, and who they are. For its card.

Read apart from all else: prose that cannot be read must not stop a rollback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from pennon.config.load import ReadText
from pennon.config.parse import Problem, ProblemsError, read
from pennon.config.principles import Words
from pennon.config.project import Project, Record

USE_CASE, ROLES = "use-case.yaml", "roles.yaml"
NEEDED = ("use", "out_of_scope", "risks")
"""A card without these does not say what a reader has to know."""


class Risk(StrEnum):
    """How much harm a wrong model may do. What each asks for is in `pennon.config.risk`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Answers(Record, frozen=True, kw_only=True):
    """What the card says of a model in people's words."""

    use: str = ""
    out_of_scope: str = ""
    risks: str = ""
    downstream: str = ""
    recommendations: str = ""
    licence: str = ""
    contact: str = ""
    citation: str = ""


class UseCase(Answers, frozen=True, kw_only=True):
    """The whole of use-case.yaml; `models` has answers that are other ones for a model."""

    name: Words
    business_owner: Words
    consumption: Words
    sensitivity: Words
    risk: Risk | None = None
    question: str = ""
    retraining: str = ""
    promotion: str = ""
    models: dict[str, Answers] = msgspec.field(default_factory=dict)

    def of(self, model: str) -> Answers:
        own = self.models.get(model, Answers())
        names = Answers.__struct_fields__
        return Answers(**{name: getattr(own, name) or getattr(self, name) for name in names})


class Role(Record, frozen=True, kw_only=True):
    who: str | tuple[str, ...]
    duties: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        return (self.who,) if isinstance(self.who, str) else self.who


class Roles(Record, frozen=True, kw_only=True):
    """The whole of roles.yaml."""

    roles: dict[str, Role] = msgspec.field(default_factory=dict)


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """Both files; no `use_case` where there is no such file."""

    use_case: UseCase | None = None
    roles: Mapping[str, Role] = {}

    def answers(self, model: str) -> Answers:
        return self.use_case.of(model) if self.use_case else Answers()


def read_intake(read_text: ReadText) -> Intake:
    """Raises ConfigError with all problems of both files."""
    problems: list[Problem] = []

    def part(file: str, kind: Any) -> Any:  # noqa: ANN401
        text = read_text(file)
        try:
            return read(text, kind, file) if text is not None else None
        except ProblemsError as error:
            problems.extend(error.problems)
            return None

    use_case, roles = part(USE_CASE, UseCase), part(ROLES, Roles)
    if problems:
        raise ProblemsError(problems)
    return Intake(use_case=use_case, roles=roles.roles if roles else {})


def gaps(intake: Intake, project: Project) -> Iterator[Problem]:
    """What keeps a card from being complete."""
    if intake.use_case is None:
        yield Problem(USE_CASE, "", "missing; the model card takes its words from it")
        return
    for name in intake.use_case.models:
        if name not in project.models:
            yield Problem(USE_CASE, f"models.{name}", "no model of this name in pennon.yaml")
    for key in NEEDED:
        silent = [it for it in project.models if not getattr(intake.answers(it), key).strip()]
        if silent:
            what = f"the model card of {', '.join(silent)} needs it, and nobody has said it"
            yield Problem(USE_CASE, key, what)
