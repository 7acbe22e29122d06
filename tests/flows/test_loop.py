"""The verbs one after the other, on a small repository with a real remote and the local forge."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from pennon.errors import (
    ArtifactError,
    ConfigError,
    GitError,
    RefusedError,
    RegistryError,
)
from pennon.flows import show as reading
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.rollback import rollback
from pennon.flows.versions.verify import verify
from pennon.flows.world import World
from pennon.registry import Version, read_model, reference
from shop import MODEL, improve, push, shop, world, write
from worlds import run_git

ALL = Registration(dispatch=True)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The repository after its first and after its second registration, to be copied."""
    folder = tmp_path_factory.mktemp("stages")
    here = shop(folder / "second")
    register(here, ALL)
    promote(here, Ask(model=MODEL))
    shutil.copytree(folder / "second", folder / "first")
    improve(here)
    register(here, ALL)
    return {name: folder / name for name in ("first", "second")}


@pytest.fixture
def first(stages: dict[str, Path], tmp_path: Path) -> World:
    """v1.0.0 is registered and champion."""
    shutil.copytree(stages["first"], tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


@pytest.fixture
def second(stages: dict[str, Path], tmp_path: Path) -> World:
    """v1.1.0 is registered, and clearly better; v1.0.0 is champion."""
    shutil.copytree(stages["second"], tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


def champion(here: World) -> str:
    return str(read_model(here.repo, MODEL).holder("champion"))


def test_the_first_version_is_registered_with_its_files(first: World) -> None:
    release = first.forge.release("churn@v1.0.0")
    assert release is not None
    assert not release.draft
    names = {asset.name for asset in release.assets}
    assert names >= {"model.skops", "manifest.json", "evaluation.json", "verdict.json"}
    assert names >= {"model-card.md", "report.html", "sbom.cdx.json", "SHA256SUMS"}


def test_its_checksums_are_those_of_its_files(first: World) -> None:
    folder = first.root.parent / "forge" / "releases" / "churn@v1.0.0" / "assets"
    listed = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    found = {it.name: hashlib.sha256(it.read_bytes()).hexdigest() for it in folder.iterdir()}
    assert found.pop("SHA256SUMS")
    assert {name: digest for digest, name in listed} == found


def test_a_registration_asks_for_its_promotion(first: World) -> None:
    (asked,) = first.forge.dispatches()  # type: ignore[attr-defined]  # the local forge has it
    assert (asked.workflow, asked.inputs["version"]) == ("promote.yml", "v1.0.0")


def test_the_same_recipe_is_not_registered_twice(first: World) -> None:
    write(first.root, "NOTES.md", "nothing that a training reads\n")
    push(first, "notes")
    (result,) = register(first, ALL)
    assert (result.version, result.new) == ("v1.0.0", False)
    assert len(read_model(first.repo, MODEL).versions) == 1


def test_a_better_version_is_promoted_over_the_champion(second: World) -> None:
    result = promote(second, Ask(model=MODEL))
    assert (result.previous, result.version, champion(second)) == ("v1.0.0", "v1.1.0", "v1.1.0")


def test_a_version_that_is_no_better_is_refused_with_the_gate(second: World) -> None:
    promote(second, Ask(model=MODEL))
    write(second.root, "src/shop/extra.py", "ANSWER = 42\n")
    push(second, "code that changes nothing")
    register(second, ALL)
    with pytest.raises(RefusedError, match=r"v1\.2\.0 is not promoted.*\n  better:"):
        promote(second, Ask(model=MODEL))
    assert champion(second) == "v1.1.0"


def test_the_gates_of_today_decide_and_not_those_of_the_registration(second: World) -> None:
    text = (second.root / "gates.yaml").read_text()
    write(second.root, "gates.yaml", text + "  - {id: strict, metric: roc_auc, min: 0.99}\n")
    push(second, "stricter")
    with pytest.raises(RefusedError, match="strict"):
        promote(second, Ask(model=MODEL))


def test_evidence_about_a_former_champion_is_measured_again(second: World) -> None:
    promote(second, Ask(model=MODEL))
    rollback(second, Ask(model=MODEL, reason="trouble"))
    register(second, ALL)
    write(second.root, "src/shop/extra.py", "ANSWER = 42\n")
    push(second, "registered against v1.0.0")
    register(second, ALL)
    promote(second, Ask(model=MODEL, version="v1.1.0"))
    with pytest.raises(RefusedError, match="better"):
        promote(second, Ask(model=MODEL, version="v1.2.0"))


def test_promoting_the_champion_again_changes_nothing(first: World) -> None:
    before = read_model(first.repo, MODEL)
    result = promote(first, Ask(model=MODEL))
    assert result.steps == ()
    assert read_model(first.repo, MODEL) == before


def test_a_dry_run_says_the_steps_and_writes_nothing(second: World) -> None:
    before = run_git(second.root, "ls-remote", "origin")
    ask = Ask(model=MODEL, then=Then.DISPATCH)
    result = promote(second, ask, dry_run=True)
    assert [step.split(" ")[0] for step in result.steps] == ["push", "start"]
    assert run_git(second.root, "ls-remote", "origin") == before


def test_a_dry_registration_trains_and_writes_nothing(first: World) -> None:
    improve(first)
    before = run_git(first.root, "ls-remote", "origin")
    (result,) = register(first, ALL, dry_run=True)
    assert result.version == "v1.1.0"
    assert run_git(first.root, "ls-remote", "origin") == before
    assert first.forge.release("churn@v1.1.0") is None


def test_a_rollback_gives_the_stage_back_and_says_why(second: World) -> None:
    promote(second, Ask(model=MODEL))
    rollback(second, Ask(model=MODEL, reason="wrong for FR"))
    event = reading.history(second.repo, MODEL)[-1]
    assert (event.event, event.version, event.why) == ("roll back", "v1.0.0", "wrong for FR")
    assert champion(second) == "v1.0.0"


def test_a_rollback_without_a_version_before_is_refused(first: World) -> None:
    with pytest.raises(RegistryError, match="first champion of churn"):
        rollback(first, Ask(model=MODEL, reason="trouble"))


def test_a_rollback_to_the_champion_itself_is_refused(first: World) -> None:
    with pytest.raises(RegistryError, match="holds the stage champion already"):
        rollback(first, Ask(model=MODEL, version="v1.0.0", reason="trouble"))


def test_an_unregistered_version_is_refused_with_the_registered_ones(first: World) -> None:
    with pytest.raises(RegistryError, match=r"v9\.0\.0 is not registered; its versions are"):
        promote(first, Ask(model=MODEL, version="v9.0.0"))


def test_an_unknown_model_and_an_unknown_stage_are_refused(first: World) -> None:
    with pytest.raises(ConfigError, match="no model named 'chrun'"):
        promote(first, Ask(model="chrun"))
    with pytest.raises(RegistryError, match="no stage 'prod'; its stages are"):
        promote(first, Ask(model=MODEL, stage="prod"))


def test_an_experiment_never_gets_the_stage(first: World) -> None:
    from pennon.registry import RunInfo, RunKind  # noqa: PLC0415
    from worlds import Ledger  # noqa: PLC0415

    run = RunInfo(kind=RunKind.EXPERIMENT, actor="ada", at="2026-11-21T12:00:00Z")
    Ledger(first.root, MODEL).register("v5.0.0", run=run)
    with pytest.raises(RefusedError, match="made by an experiment"):
        promote(first, Ask(model=MODEL, version="v5.0.0"))


def test_a_dirty_tree_is_not_registered(first: World) -> None:
    write(first.root, "params.yaml", "churn: {columns: [spend]}\n")
    with pytest.raises(GitError, match=r"1 files are not as the commit has them: params\.yaml"):
        register(first, ALL)


def test_without_a_remote_nothing_is_registered(first: World) -> None:
    run_git(first.root, "remote", "remove", "origin")
    with pytest.raises(GitError, match="git remote add origin"):
        register(first, ALL)


def test_a_detached_head_registers_like_any_commit(first: World) -> None:
    improve(first)
    run_git(first.root, "checkout", "--quiet", "--detach")
    (result,) = register(first, ALL)
    assert (result.version, result.new) == ("v1.1.0", True)


def test_a_sound_version_verifies(first: World) -> None:
    assert all(check.ok for check in verify(first, reference("churn@v1.0.0")))


def test_a_replaced_artifact_is_found_and_never_served(first: World) -> None:
    file = next((first.root.parent / "forge" / "releases").glob("*/assets/model.skops"))
    file.write_bytes(file.read_bytes() + b"x")
    checks = {check.name: check for check in verify(first, reference("churn"))}
    assert not checks["model.skops"].ok
    from pennon.flows.versions.bundle import bundle  # noqa: PLC0415

    state = read_model(first.repo, MODEL)
    fresh = world(first.root)
    with pytest.raises(ArtifactError, match="is not the file that was recorded"):
        bundle(fresh, state, Version("v1.0.0"))


def test_show_names_models_versions_and_holders(second: World) -> None:
    (row,) = reading.show(second.repo)
    assert (row.model, row.latest, row.stages) == ("churn", "v1.1.0", {"champion": "v1.0.0"})
    newest, oldest = reading.show_model(second.repo, MODEL)
    assert (newest.version, oldest.stages) == ("v1.1.0", ("champion",))
    assert newest.metrics["roc_auc"] > oldest.metrics["roc_auc"]
