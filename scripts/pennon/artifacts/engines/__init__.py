"""Engines: what turns features into a prediction, scikit-learn itself or a compiled form of it.

This door is light. `compiled` needs ONNX Runtime and numpy, `convert` and `prove` the ML stack.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pennon.errors import ArtifactError

COMPILED = "model.onnx"
"""The compiled form beside the artifact, in the bundle and in the release."""


class EngineKind(StrEnum):
    """By whom a version's features become predictions."""

    SKLEARN = "sklearn"
    ONNX = "onnx"
    COMMAND = "command"


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a manifest's record that scoring needs.

    `file` is the compiled form, empty where there is none. `rowwise`: a row's prediction was found
    to be the same alone as among others, so that rows of several requests may be scored together.
    `why` says why it is no other kind.
    """

    kind: EngineKind = EngineKind.SKLEARN
    file: str = ""
    rowwise: bool = False
    why: str = ""


class EngineMissingError(ArtifactError):
    """The library of a compiled form is not in this environment, or knows it not yet."""
