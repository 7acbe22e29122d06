"""A training that starts from another model: fetched once, held to its digest, named everywhere."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from pennon.config import BaseModel
from pennon.config.parse import ProblemsError, read
from pennon.errors import ArtifactError
from pennon.flows.assignment.assign import Ask as Promotion
from pennon.flows.promote import promote
from pennon.flows.register import Ask, register
from pennon.flows.review import Ask as Review
from pennon.flows.review import review
from pennon.flows.train import Trained, train
from pennon.flows.versions.changes import recipe
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import RunKind, read_local
from pennon.report import Kind
from shop import MODEL, push, shop, write

WEIGHTS = b'{"C": 0.5}'
FACTORY = """\
import json

from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def build(params, base_model):
    columns = make_column_transformer((StandardScaler(), params["columns"]))
    return make_pipeline(columns, LogisticRegression(**json.loads(base_model.read_text())))
"""


def digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def start_from(here: World, weights: Path, said: str) -> None:
    """Make the shop's model start from a file."""
    text = (here.root / "pennon.yaml").read_text().partition("    base_model:")[0]
    head, mark, tail = text.partition("    promotion: automatic\n")
    base = f"    base_model: {{uri: 'file://{weights}', digest: '{said}', licence: MIT}}\n"
    write(here.root, "pennon.yaml", head + base + mark + tail)
    write(here.root, "src/shop/model.py", FACTORY)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "elsewhere" / "weights.json"
    file.parent.mkdir()
    file.write_bytes(WEIGHTS)
    return file


@pytest.fixture
def here(tmp_path: Path, weights: Path) -> World:
    found = shop(tmp_path / "shop")
    start_from(found, weights, digest(WEIGHTS))
    push(found, "start from weights")
    return found


def trained(here: World) -> Trained:
    return train(here, MODEL, data="sample", kind=RunKind.EXPERIMENT)


def test_the_factory_gets_the_file_and_the_manifest_its_digest(here: World) -> None:
    found = trained(here).candidate.manifest.base_model
    assert found
    assert (found.digest, found.licence) == (digest(WEIGHTS), "MIT")


def test_another_file_than_the_digest_says_ends_the_training(here: World, weights: Path) -> None:
    weights.write_bytes(b'{"C": 9}')
    with pytest.raises(ArtifactError, match="it is not the file that was meant"):
        trained(here)
    assert not list((here.workshop / "base").rglob("weights.json"))


def test_a_file_that_is_not_there_is_named(here: World, weights: Path) -> None:
    weights.unlink()
    with pytest.raises(ArtifactError, match=r"there is no file://\S+/weights.json"):
        trained(here)


def test_a_warm_cache_needs_no_network(here: World, weights: Path) -> None:
    trained(here)
    weights.unlink()
    assert trained(here).candidate.manifest.base_model


def test_a_cache_that_rotted_is_fetched_again(here: World) -> None:
    trained(here)
    (kept,) = (here.workshop / "base").rglob("weights.json")
    kept.write_bytes(b"rot")
    trained(here)
    assert kept.read_bytes() == WEIGHTS


def test_another_base_model_is_another_recipe(here: World, weights: Path) -> None:
    before = recipe(here.repo, here.repo.head(), here.config(), MODEL).digest
    start_from(here, weights, digest(b"another"))
    assert recipe(here.repo, here.repo.head(), here.config(), MODEL).digest != before


def test_a_version_names_it_in_tag_card_and_bill_of_materials(here: World, tmp_path: Path) -> None:
    register(here, Ask())
    state = read_local(here.repo, MODEL)
    ((version, event),) = state.versions.items()
    assert manifest(state, version).base_model
    for name in ("sbom.cdx.json", "model-card.md"):
        here.forge.download_asset(event.tag, name, tmp_path / name)
    (part, *_) = json.loads((tmp_path / "sbom.cdx.json").read_text())["components"]
    assert part["hashes"] == [{"alg": "SHA-256", "content": digest(WEIGHTS)[7:]}]
    assert part["licenses"] == [{"license": {"name": "MIT"}}]
    assert digest(WEIGHTS) in (tmp_path / "model-card.md").read_text()


def test_a_champion_is_trained_again_from_its_own_base(here: World, weights: Path) -> None:
    """A review trains both recipes on the same sample: the champion's in its bundle."""
    register(here, Ask())
    promote(here, Promotion(model=MODEL))
    weights.write_bytes(b'{"C": 0.1}')  # the champion's is in the cache
    start_from(here, weights, digest(b'{"C": 0.1}'))
    push(here, "start from other weights")
    (found,) = review(here, Review())
    assert found.kind is not Kind.CHAMPION_UNSCORED
    assert found.verdict


@pytest.mark.parametrize(
    "uri",
    [
        "weights.bin",
        "https://example.org",
        "https://example.org/folder/",
        "https://ada:secret@example.org/w.bin",
        "https://example.org/w.bin?sig=secret",
        "s3://bucket/..",
    ],
)
def test_an_address_of_no_file_or_with_a_secret_is_refused(uri: str) -> None:
    asked = f"{{uri: '{uri}', digest: '{digest(WEIGHTS)}'}}"
    with pytest.raises(ProblemsError, match="uri"):
        read(asked, BaseModel, "pennon.yaml")
