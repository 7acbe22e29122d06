"""What a release can hold at most: GitHub's limits, which every forge keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pennon.errors import ForgeError


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """As GitHub documents them: each file is smaller than `largest` bytes, `most` files at most."""

    largest: int = 2 * 1024**3
    most: int = 1000

    def check(self, files: Mapping[str, int]) -> None:
        """Name -> bytes of all files of one release. Raises ForgeError where they do not fit."""
        for name, size in files.items():
            if size >= self.largest:
                raise ForgeError(
                    f"{name} has {size:,} bytes, and a release takes files below {self.largest:,}",
                    hint="keep artifacts in a store: `registry: {store: s3://bucket/models}` in "
                    "pennon.yaml (gs://, az://, file://, see docs/stores.md)",
                )
        if len(files) > self.most:
            raise ForgeError(f"{len(files):,} files, and a release takes {self.most:,} at most")


LIMITS = Limits()
