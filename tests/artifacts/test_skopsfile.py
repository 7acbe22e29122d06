from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from pennon.artifacts import digest, verify
from pennon.artifacts.skopsfile import load, save, untrusted
from pennon.errors import ArtifactError

TREE = "sklearn.tree._tree.Tree"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    file = tmp_path / "model.skops"
    save(DecisionTreeClassifier().fit([[0], [1]], [0, 1]), file)
    return file


def test_a_saved_model_predicts_the_same(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    model = LogisticRegression().fit([[0.0], [1.0], [2.0]], [0, 0, 1])
    save(model, file)
    again = load(file, ())
    assert (again.predict_proba([[1.5]]) == model.predict_proba([[1.5]])).all()


def test_a_type_that_nobody_trusted_is_named_and_not_loaded(tree: Path) -> None:
    with pytest.raises(ArtifactError, match=rf"not trusted: {TREE}; .*`trusted:`"):
        load(tree, ())


def test_a_declared_type_is_loaded(tree: Path) -> None:
    assert untrusted(tree) == [TREE]
    assert load(tree, (TREE,)).predict([[1]])[0] == 1


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return (open, (str(Path.cwd() / "exploded"), "w"))


def test_a_pickle_is_no_model_and_is_never_run(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    file.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ArtifactError, match="is no skops file"):
        load(file, ())
    assert not (Path.cwd() / "exploded").exists()


def test_what_cannot_be_saved_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be saved"):
        save(LogisticRegression(C=(i for i in range(3))), tmp_path / "model.skops")
    assert list(tmp_path.iterdir()) == []


def test_another_file_than_the_recorded_one_is_refused(tree: Path) -> None:
    before = digest(tree)
    verify(tree, before)
    tree.write_bytes(tree.read_bytes() + b"x")
    with pytest.raises(ArtifactError, match=f"expected {before}, found sha256:"):
        verify(tree, before)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="is not there"):
        verify(tmp_path / "model.skops", "sha256:00")
