"""Which version answers a request, and which one only scores it: decided by its key alone."""

from __future__ import annotations

from pennon.artifacts.served import Mode, Split
from pennon.evaluation.arms import challenged


def answers(split: Split | None, key: str) -> bool:
    """Does the challenger answer this key?"""
    return _is(split, Mode.SPLIT, key)


def shadows(split: Split | None, key: str) -> bool:
    """Does the challenger score this key unseen?"""
    return _is(split, Mode.SHADOW, key)


def _is(split: Split | None, mode: Mode, key: str) -> bool:
    return split is not None and split.mode is mode and challenged(key, split.salt, split.share)
