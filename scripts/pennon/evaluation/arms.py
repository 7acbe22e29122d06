"""Which arm of a split a key belongs to: decided by the key alone, wherever it is asked."""

from __future__ import annotations

import hashlib

_SCALE = 2.0**-64


def place(key: str, salt: str) -> float:
    """A number in [0, 1) that stays the key's own: the keyed BLAKE2b hash that seals a holdout.

    An arm is those below its share, so a share that grows keeps the keys that it has: below 0.05
    is below 0.25, too.
    """
    digest = hashlib.blake2b(
        key.encode("utf-8", "surrogatepass"),
        digest_size=8,
        key=salt.encode()[: hashlib.blake2b.MAX_KEY_SIZE],
    ).digest()
    # The 53 bits that a float holds: rounding up must never give 1.
    return (int.from_bytes(digest, "big") >> 11) * (_SCALE * 2048)


def challenged(key: str, salt: str, share: float) -> bool:
    """Does the challenger get this key, where it gets `share` of all?"""
    return place(key, salt) < share
