"""What a release does not take is refused before a byte of it is read, on every forge."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.errors import ForgeError
from pennon.forge import Forge
from pennon.forge.limits import LIMITS


def test_a_file_of_two_gibibytes_is_refused(forge: Forge, tmp_path: Path) -> None:
    draft = forge.create_release("draft/large", "large", "", "0" * 40)
    with (tmp_path / "model.skops").open("wb") as file:
        file.truncate(LIMITS.largest)  # sparse: it takes no room
    with pytest.raises(ForgeError, match=r"2,147,483,648 bytes.*registry: \{store: s3://"):
        forge.upload_asset(draft.id, tmp_path / "model.skops")
    found = forge.release("draft/large")
    assert found is not None
    assert found.assets == ()


def test_a_release_takes_a_thousand_files() -> None:
    LIMITS.check(dict.fromkeys(map(str, range(1000)), 1))
    LIMITS.check({"model.skops": LIMITS.largest - 1})
    with pytest.raises(ForgeError, match="1,001 files, and a release takes 1,000 at most"):
        LIMITS.check(dict.fromkeys(map(str, range(1001)), 1))
