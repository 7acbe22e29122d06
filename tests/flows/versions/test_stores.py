"""Registering and using versions whose artifacts lie in a store, or do not fit into a release."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pennon.errors import ArtifactError, ConfigError, ForgeError, StoreError
from pennon.flows.assignment.assign import Ask as Assignment
from pennon.flows.audit import audit_registry
from pennon.flows.promote import promote
from pennon.flows.register import Ask, register
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.release import manifest
from pennon.flows.versions.verify import Check, verify
from pennon.flows.world import World
from pennon.forge.limits import Limits
from pennon.forge.local import LocalForge
from pennon.registry import Manifest, Version, read_remote, reference, resolve
from pennon.stores import place
from pennon.stores.files import Folder
from pennon.stores.store import Store
from shop import MODEL, improve, push, shop, world, write
from worlds import commit_all

Patch = pytest.MonkeyPatch
V1 = Version("v1.0.0")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    shop(folder)
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> World:
    """A repository with nothing registered, whose artifacts go to the folder `store`."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    found = world(tmp_path / "work")
    use(found, f"file://{tmp_path}/store")
    return found


def use(here: World, url: str) -> None:
    text = (here.root / "pennon.yaml").read_text().partition("registry:")[0]
    write(here.root, "pennon.yaml", f"{text}registry: {{store: {url}}}\n")
    push(here, "another store")


def lineage_of(here: World, version: Version = V1) -> Manifest:
    return manifest(read_remote(here.repo, MODEL)[0], version)


def objects(here: World) -> set[str]:
    """What the store holds, by its names."""
    root = here.root.parent / "store"
    found = (root / "sha256").rglob("*")
    return {it.relative_to(root).as_posix() for it in found if it.is_file()}


def large(lineage: Manifest) -> dict[str, str]:
    """The artifact, and its compiled form where there is one."""
    engine = {name: lineage.files[name] for name in lineage.files if name == lineage.engine.file}
    return {lineage.file: lineage.artifact} | engine


def checks(here: World, version: str = "v1.0.0") -> list[Check]:
    return verify(here, reference(f"{MODEL}@{version}"))


def test_the_artifact_goes_to_the_store_and_the_papers_to_the_release(here: World) -> None:
    register(here, Ask())
    lineage = lineage_of(here)
    assert lineage.store == f"file://{here.root.parent}/store"
    assert objects(here) == {*map(place, large(lineage).values())}
    release = here.forge.release(f"{MODEL}@v1.0.0")
    assert release is not None
    assert not {it.name for it in release.assets} & large(lineage).keys()
    assert {"manifest.json", "evaluation.json", "SHA256SUMS"} <= {it.name for it in release.assets}


def test_a_version_of_a_store_is_verified_audited_and_bundled(here: World) -> None:
    register(here, Ask())
    assert all(it.ok for it in checks(here))
    assert [it.alarms for it in audit_registry(here)] == [()]
    folder = bundle(here, *resolve(here.repo, reference(f"{MODEL}@v1.0.0")))
    assert (folder / "model.skops").is_file()
    promote(here, Assignment(model=MODEL))


def test_another_setting_later_leaves_old_versions_where_they_are(here: World) -> None:
    register(here, Ask())
    use(here, "release")
    improve(here)
    register(here, Ask())
    assert all(it.ok for version in ("v1.0.0", "v1.1.0") for it in checks(here, version))
    assert objects(here) == {*map(place, large(lineage_of(here)).values())}


def test_a_setting_makes_no_new_version(here: World) -> None:
    register(here, Ask())
    use(here, "release")
    (found,) = register(here, Ask())
    assert (found.version, found.new) == ("v1.0.0", False)


def test_the_order_of_a_registration_is_kept(here: World) -> None:
    (found,) = register(here, Ask())
    said = [it.partition(" ")[0] for it in found.steps]
    assert [*dict.fromkeys(said)] == ["draft", "store", "upload", "push", "publish"]


def test_a_store_that_does_not_work_stops_before_the_training(
    here: World, monkeypatch: Patch
) -> None:
    (here.root.parent / "store").mkdir()
    monkeypatch.setattr(Store, "reach", lambda it: it._do("look", refuse))
    monkeypatch.setattr("pennon.flows.register.train_on", pytest.fail)
    with pytest.raises(StoreError, match="cannot look in file://"):
        register(here, Ask())


def refuse() -> None:
    raise PermissionError("Access Denied")


def test_a_store_that_fails_in_the_middle_leaves_no_tag_and_no_draft(
    here: World, monkeypatch: Patch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "put", lambda *_: refuse())
        with pytest.raises(StoreError, match="cannot write"):
            register(here, Ask())
    assert (read_remote(here.repo, MODEL)[0].events, here.forge.drafts("draft/")) == ((), [])
    (found,) = register(here, Ask())
    assert (found.version, found.new) == ("v1.0.0", True)
    assert all(it.ok for it in checks(here))


@pytest.mark.parametrize("defect", ["corrupted", "removed"])
def test_a_damaged_object_is_never_used(here: World, defect: str) -> None:
    register(here, Ask())
    kept = here.root.parent / "store" / place(lineage_of(here).artifact)
    if defect == "corrupted":
        content = bytearray(kept.read_bytes())
        content[100] ^= 1
        kept.write_bytes(content)
    else:
        kept.unlink()
    wrong = [it for it in checks(here) if not it.ok]
    assert [it.name for it in wrong] == ["model.skops"]
    said = "not what its name says" if kept.exists() else "has no"
    with pytest.raises(ArtifactError, match=said):
        bundle(here, *resolve(here.repo, reference(f"{MODEL}@v1.0.0")))
    folders = here.workshop / "bundles"
    assert [it for it in folders.iterdir() if "recipe" not in it.name] == []


def limited(here: World, **limits: int) -> World:
    forge = LocalForge(here.root.parent / "forge", clock=here.now, limits=Limits(**limits))
    return replace(here, open_forge=lambda: forge)


@pytest.mark.parametrize("limits", [{"largest": 1000}, {"most": 3}])
def test_what_no_release_takes_is_refused_before_anything_is_uploaded(
    here: World, limits: dict[str, int]
) -> None:
    use(here, "release")
    small = limited(here, **limits)
    with pytest.raises(ForgeError, match="and a release takes"):
        register(small, Ask())
    assert read_remote(here.repo, MODEL)[0].events == ()
    assert [*(here.root.parent / "forge").rglob("assets/*")] == []


def test_an_artifact_that_no_release_takes_goes_to_a_store(here: World) -> None:
    register(here, Ask())
    papers = here.forge.release(f"{MODEL}@v1.0.0")
    assert papers is not None
    size = lineage_of(here).size
    others = {it.name: it.size for it in papers.assets}
    Limits(largest=max(others.values()) + 1).check(others)
    with pytest.raises(ForgeError, match=rf"has {size:,} bytes.*registry: {{store: s3://"):
        Limits(largest=size).check({"model.skops": size})


def test_a_file_of_two_gibibytes_is_refused_before_a_byte_of_it_is_read(
    here: World, tmp_path: Path
) -> None:
    draft = here.forge.create_release("draft/x", "", "", here.repo.head())
    with (tmp_path / "model.skops").open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(ForgeError, match="2,147,483,648 bytes"):
        here.forge.upload_asset(draft.id, tmp_path / "model.skops")


def test_nothing_is_written_to_a_release_that_is_published(here: World) -> None:
    register(here, Ask())
    (folder,) = (here.root.parent / "forge" / "releases").glob("churn*")
    before = {it: (it.stat().st_mtime_ns, it.stat().st_ino) for it in folder.rglob("*")}
    register(here, Ask())
    promote(here, Assignment(model=MODEL))
    improve(here)
    register(here, Ask())
    assert all(it.ok for it in checks(here))
    assert {it: (it.stat().st_mtime_ns, it.stat().st_ino) for it in folder.rglob("*")} == before


def test_old_manifests_without_a_store_mean_the_release(here: World) -> None:
    use(here, "release")
    register(here, Ask())
    facts = msgspec.to_builtins(manifest(read_remote(here.repo, MODEL)[0], V1))
    assert facts.pop("store") == "release"
    assert msgspec.convert(facts, type(manifest(read_remote(here.repo, MODEL)[0], V1))).store == (
        "release"
    )


@pytest.mark.parametrize(
    "url",
    ["models", "s3:/bucket", "s3://ada:secret@host/x", "s3://b/x?key=1", "simplecache::s3://b/x"],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(here: World, url: str) -> None:
    text = (here.root / "pennon.yaml").read_text().partition("registry:")[0]
    write(here.root, "pennon.yaml", f"{text}registry: {{store: '{url}'}}\n")
    commit_all(here.root, "no store")
    with pytest.raises(ConfigError, match=r"registry\.store"):
        here.config()


LIGHT = """
import sys
from pathlib import Path
from pennon.cli.world import world
from pennon.flows.versions.bundle import bundle
from pennon.git import Repo
from pennon.registry import reference, resolve
import pennon.flows.deploy, pennon.flows.rollback
here = world(Repo.at(Path.cwd()))
bundle(here, *resolve(here.repo, reference("churn@v1.0.0")))
heavy = {"fsspec", "numpy", "pandas", "sklearn", "github"} & set(sys.modules)
sys.exit(", ".join(heavy) or None)
"""


def test_versions_of_releases_need_no_fsspec(here: World, monkeypatch: Patch) -> None:
    use(here, "release")
    register(here, Ask())
    monkeypatch.setenv("PENNON_FORGE", f"local:{here.root.parent / 'forge'}")
    subprocess.run([sys.executable, "-c", LIGHT], cwd=here.root, check=True)
