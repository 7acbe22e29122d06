"""Every way pennon can fail, one exit code each. Messages say what, where and what next."""

from __future__ import annotations

from typing import ClassVar


class PennonError(Exception):
    """The base: caught once, at the command line, which exits with `exit_code`."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        """`what` names the thing and the place; `hint` is the next thing to type or to do."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}; {self.hint}" if self.hint else self.what


class ConfigError(PennonError):
    """pennon.yaml, gates.yaml, params.yaml or data/<name>.yaml cannot be read as written."""

    exit_code = 3


class DataError(PennonError):
    """Rows or columns are not what the dataset's contract or lock says."""

    exit_code = 4


class TrainingError(PennonError):
    """The recipe of the repository did not produce a model."""

    exit_code = 5


class EvaluationError(PennonError):
    """A metric cannot be computed from these predictions (one class, NaN, no rows)."""

    exit_code = 6


class RefusedError(PennonError):
    """The gates say no. The result is known and valid; nothing broke."""

    exit_code = 7


class RegistryError(PennonError):
    """Unknown model, version or stage, or a tag that the registry cannot use."""

    exit_code = 8


class ConflictError(PennonError):
    """Somebody else wrote first; read again and decide again."""

    exit_code = 9


class GitError(PennonError):
    """The repository is not in a state to work from (no remote, dirty, shallow, no identity)."""

    exit_code = 10


class ForgeError(PennonError):
    """The forge (GitHub or its local stand-in) refused or did not answer."""

    exit_code = 11


class ArtifactError(PennonError):
    """An artifact is missing, is not the one recorded, or holds types nobody trusted."""

    exit_code = 12


class TargetError(PennonError):
    """A deployment did not become healthy; the environment serves what it served before."""

    exit_code = 13


class MissingExtraError(PennonError):
    """The command needs packages that the light core leaves out."""

    exit_code = 14


class StoreError(PennonError):
    """The store of artifacts refused, did not answer, or is none."""

    exit_code = 17  # the demo's own has 15, that of a scoring 16
