"""The engine of a version: chosen when it is registered, proven, stored, verified, used."""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.engines import COMPILED
from pennon.errors import ArtifactError, RefusedError, RegistryError
from pennon.flows.register import Ask, register
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.release import manifest
from pennon.flows.versions.verify import verify
from pennon.flows.world import World
from pennon.registry import Engine, Reference, Version, read_model
from shop import MODEL, customers, push, shop, world, write

V1 = Version("v1.0.0")
ROWS = customers(50)[["age", "spend", "country"]]


@pytest.fixture
def here(championed: Path, tmp_path: Path) -> World:
    """v1.0.0 is registered."""
    shutil.copytree(championed, tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


@pytest.fixture
def fresh(tmp_path: Path) -> World:
    """Nothing is registered."""
    return shop(tmp_path / "fresh")


def engine(here: World) -> Engine:
    return manifest(read_model(here.repo, MODEL), V1).engine


def opened(here: World) -> Path:
    return bundle(here, read_model(here.repo, MODEL), V1)


def setting(here: World, line: str) -> None:
    """A line of the model's part of pennon.yaml."""
    text = (here.root / "pennon.yaml").read_text()
    write(here.root, "pennon.yaml", text.replace("    metric: roc", f"    {line}\n    metric: roc"))
    push(here, "another engine")


def test_a_version_records_its_compiled_form_and_the_proof(here: World) -> None:
    found = engine(here)
    assert (found.kind, found.file, found.flips, found.why) == ("onnx", COMPILED, 0, "")
    assert found.rows == manifest(read_model(here.repo, MODEL), V1).holdout_rows
    assert found.difference < 1e-12
    assert 0 < found.seconds < found.exact_seconds
    assert found.rowwise


def test_the_compiled_form_is_a_verified_file_of_the_release(here: World) -> None:
    lineage = manifest(read_model(here.repo, MODEL), V1)
    assert lineage.files[COMPILED].startswith("sha256:")
    checks = verify(here, Reference(MODEL, version=str(V1)))
    assert next(check for check in checks if check.name == COMPILED).ok
    here.forge.download_asset("churn@v1.0.0", "SHA256SUMS", here.root.parent / "sums")
    assert COMPILED in (here.root.parent / "sums").read_text()


def test_the_bundle_answers_by_it_as_the_artifact_does(here: World) -> None:
    folder = opened(here)
    fast, exact = Bundle(folder), Bundle(folder, compiled=False)
    assert (fast.engine.kind, exact.engine.kind) == ("onnx", "sklearn")
    np.testing.assert_allclose(fast.predict(ROWS), exact.predict(ROWS), rtol=0, atol=1e-12)
    plain = list(ROWS.itertuples(index=False, name=None))
    assert fast.score(plain) == fast.predict(ROWS).tolist()


def test_the_artifact_is_not_even_loaded(here: World) -> None:
    found = Bundle(opened(here))
    found.load()
    found.predict(ROWS)
    assert "estimator" not in vars(found)


def test_a_compiled_form_that_somebody_replaced_is_refused(here: World) -> None:
    folder = opened(here)
    (folder / COMPILED).write_bytes((folder / COMPILED).read_bytes()[:-1] + b"x")
    with pytest.raises(ArtifactError, match=r"model\.onnx is not the file that was recorded"):
        Bundle(folder)


def test_without_the_library_scikit_learn_answers_and_says_so(
    here: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # None in sys.modules is how Python itself marks a module that cannot be imported.
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = Bundle(opened(here))
    with caplog.at_level(logging.WARNING):
        predictions = found.predict(ROWS)
    said = "onnxruntime is not installed"
    assert (found.engine.kind, found.engine.why) == ("sklearn", said)
    assert caplog.messages == [f"{said}: scikit-learn answers instead of ONNX"]
    expected = Bundle(opened(here), compiled=False).predict(ROWS)
    np.testing.assert_array_equal(predictions, expected)


def test_an_odd_row_is_answered_by_the_artifact(here: World) -> None:
    found = Bundle(opened(here))
    odd = ROWS.head(1).assign(age=1e35)
    np.testing.assert_array_equal(found.predict(odd), found.exact(found.features(odd)))
    assert "estimator" in vars(found)


def test_a_form_beyond_the_tolerance_is_not_used(fresh: World) -> None:
    setting(fresh, "engine: {difference: 0}")
    register(fresh, Ask())
    found = engine(fresh)
    assert (found.kind, found.file) == ("sklearn", "")
    assert found.why.startswith("not compiled: it differs ")
    assert COMPILED not in manifest(read_model(fresh.repo, MODEL), V1).files


def test_who_demands_one_that_is_unequal_is_refused(fresh: World) -> None:
    setting(fresh, "engine: {kind: onnx, difference: 0}")
    with pytest.raises(RefusedError, match="no compiled form: it differs "):
        register(fresh, Ask())
    with pytest.raises(RegistryError, match="no version of 'churn' is registered"):
        read_model(fresh.repo, MODEL)


def test_who_asks_for_scikit_learn_gets_it(fresh: World) -> None:
    setting(fresh, "engine: {kind: sklearn}")
    register(fresh, Ask())
    assert engine(fresh).why == "pennon.yaml asks for scikit-learn itself"
    assert Bundle(opened(fresh)).engine.kind == "sklearn"


def test_features_of_neighbours_are_not_scored_together(fresh: World) -> None:
    ranks = "def build(customers):\n    return customers[['age', 'spend']].rank()\n"
    write(fresh.root, "src/shop/features.py", ranks)
    push(fresh, "ranks")
    register(fresh, Ask())
    assert not engine(fresh).rowwise


def test_a_manifest_from_before_engines_is_scikit_learn(here: World) -> None:
    folder = opened(here)
    facts = msgspec.json.decode((folder / "manifest.json").read_bytes())
    del facts["engine"]
    (folder / "manifest.json").write_bytes(msgspec.json.encode(facts))
    found = Bundle(folder)
    assert found.engine.kind == "sklearn"
    assert isinstance(found.predict(pd.DataFrame(ROWS)), np.ndarray)
