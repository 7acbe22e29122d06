"""What a request is answered with: records, from which the description is made, too."""

from __future__ import annotations

import msgspec

from pennon.serving.rows import Wrong
from pennon.serving.wire import Explained


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """By whom, and which request it was."""

    model: str
    version: str
    id: str


class Prediction(_Said, frozen=True, kw_only=True):
    """Of one row; for a classifier the probability of the class 1."""

    prediction: float
    explanations: list[Explained] | msgspec.UnsetType = msgspec.UNSET


class Predictions(_Said, frozen=True, kw_only=True):
    """Of a batch, in its order."""

    predictions: list[float]
    explanations: list[Explained] | msgspec.UnsetType = msgspec.UNSET


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no prediction; `wrong` are the fields to blame."""

    error: str
    wrong: list[Wrong] | msgspec.UnsetType = msgspec.UNSET
