"""A version as a Python wheel: its bundle inside, and two functions that use it.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/; the same version
makes the same bytes, so nothing is compressed: that would depend on the machine's zlib.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec

from pennon.errors import ConfigError

_SEMVER = re.compile(r"v?(\d+\.\d+\.\d+)(?:-(alpha|a|beta|b|rc)[.-]?(\d+))?")
_SHORT = {"alpha": "a", "beta": "b"}
_MODULE = '''"""{title}: `load()` is the model, `predict(rows)` its answers."""

from functools import cache
from pathlib import Path

from pennon.artifacts.bundle import Bundle

__version__ = "{version}"


@cache
def load():
    """The model, verified and loaded: a pennon Bundle."""
    found = Bundle(Path(__file__).parent / "bundle")
    found.load()
    return found


def predict(rows):
    """Predictions (n,) for a DataFrame of raw rows: probabilities of the class 1, or values."""
    return load().predict(rows)
'''


class Wheel(msgspec.Struct, frozen=True, kw_only=True):
    """What it is called. `at` is a date, `year, month, day, …`; `requires` are PEP 508's."""

    model: str
    version: str
    python: str  # the oldest one, such as 3.11
    requires: tuple[str, ...]
    at: tuple[int, int, int, int, int, int]

    @property
    def name(self) -> str:
        """As people install it: `delay-model`."""
        return f"{re.sub(r'[^a-z0-9]+', '-', self.model.lower())}-model"

    @property
    def package(self) -> str:
        """As code imports it: `delay_model`."""
        found = self.name.replace("-", "_")
        return found if found.isidentifier() else f"_{found}"

    @property
    def number(self) -> str:
        """The version as pip has it. Raises ConfigError for one that pip has no form for."""
        found = _SEMVER.fullmatch(self.version)
        if found is None:
            raise ConfigError(
                f"pip has no version like {self.version}", hint="register one such as v1.2.0-rc.1"
            )
        plain, kind, count = found.groups()
        return f"{plain}{_SHORT.get(kind, kind)}{count}" if kind else plain

    @property
    def file(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.number}-py3-none-any.whl"

    @property
    def _info(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.number}.dist-info"

    def write(self, bundle: Mapping[str, Path], to: Path) -> Path:
        """The wheel in the folder `to`, whole or not at all; `bundle` is name -> file."""
        parts: dict[str, bytes | Path] = {
            f"{self.package}/__init__.py": self._module().encode(),
            **{f"{self.package}/bundle/{name}": file for name, file in bundle.items()},
            f"{self._info}/METADATA": self._metadata().encode(),
            f"{self._info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: pennon\n"
            b"Root-Is-Purelib: true\nTag: py3-none-any\n",
        }
        half, whole = to / f".{self.file}.half", to / self.file
        try:
            with ZipFile(half, "w", ZIP_STORED) as archive:
                lines = [self._add(archive, name, parts[name]) for name in parts]
                record = f"{self._info}/RECORD"
                self._add(archive, record, "\n".join([*lines, f"{record},,", ""]).encode())
            half.replace(whole)
        finally:
            half.unlink(missing_ok=True)
        return whole

    def _add(self, archive: ZipFile, name: str, content: bytes | Path) -> str:
        """The line of RECORD."""
        entry = ZipInfo(name, self.at)
        entry.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with archive.open(entry, "w", force_zip64=True) as file:
            for piece in _pieces(content):
                digest.update(piece)
                size += file.write(piece)
        coded = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
        return f"{name},sha256={coded},{size}"

    def _module(self) -> str:
        return _MODULE.format(title=f"{self.model} {self.version}", version=self.number)

    def _metadata(self) -> str:
        lines = [
            "Metadata-Version: 2.1",
            f"Name: {self.name}",
            f"Version: {self.number}",
            f"Summary: Model {self.model} {self.version}, as it was registered",
            f"Requires-Python: >={self.python}",
            *(f"Requires-Dist: {it}" for it in self.requires),
        ]
        return "\n".join([*lines, ""])


def _pieces(content: bytes | Path) -> Iterable[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
