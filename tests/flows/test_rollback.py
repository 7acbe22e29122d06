"""The way back: the last version that was healthy there, whatever else is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from light import LIGHT, Light, back
from memory import ENVIRONMENTS, Memory, configure, live, release, states
from pennon.errors import ConfigError, ForgeError, RegistryError, TargetError
from pennon.flows.assignment.assign import Then
from pennon.flows.deploy import deploy
from pennon.flows.deployment.rolledback import RolledBack
from pennon.flows.rollback import rollback
from pennon.forge import DeploymentState, Forge, NewDeployment
from pennon.forge.local import LocalForge
from worlds import commit_all, run_git

OLD, MIDDLE, NEW = "v1.0.0", "v1.1.0", "v1.2.0"


@pytest.fixture
def shop(light: Light, memory: Memory) -> Light:
    """Three versions with their files, in staging and production; each was champion in its turn.

    All three were healthy there, the newest serves.
    """
    assert not memory.runs
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    for version in (OLD, MIDDLE, NEW):
        live(light, version)
    light.said.clear()
    return light


def record(light: Light, version: str, state: DeploymentState, why: str = "") -> None:
    """A deployment to production as somebody else's run recorded it."""
    light.world.forge.record_deployment(
        NewDeployment(
            environment="production",
            model=LIGHT,
            version=version,
            commit="c" * 40,
            assignment="d" * 40,
            digest="",
            state=state,
            why=why,
        )
    )


def go(light: Light, then: Then = Then.DEPLOY, **ask: str) -> RolledBack:
    reason = ask.get("reason", "wrong for FR")
    return rollback(light.world, back(reason, version=ask.get("version"), then=then))


def test_the_environments_run_the_version_before_at_once(shop: Light, memory: Memory) -> None:
    done = go(shop)
    assert (done.version, done.skipped) == (MIDDLE, ())
    assert done.basis == "the deployments to production and staging"
    assert memory.serves() == {"staging": MIDDLE, "production": MIDDLE}
    assert [(it.environment, it.version) for it in done.runs] == [
        ("production", MIDDLE),
        ("staging", MIDDLE),
    ]


def test_a_version_whose_deployment_failed_is_skipped_with_its_reason(shop: Light) -> None:
    record(shop, MIDDLE, DeploymentState.FAILURE, "out of memory")
    done = go(shop)
    assert done.version == OLD
    (skipped,) = done.skipped
    assert skipped.version == MIDDLE
    assert skipped.why == "it did not become healthy in production: out of memory"
    assert f"skipped {LIGHT}@{MIDDLE}: {skipped.why}" in shop.said


def test_a_version_that_never_reached_production_is_skipped(light: Light, memory: Memory) -> None:
    """It ran in staging, and held the stage for a while."""
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    live(light, OLD)
    light.ledger.assign(MIDDLE)
    deploy(light.world, "staging", LIGHT)
    live(light, NEW)
    assert memory.asked.count(f"production {MIDDLE}") == 0
    done = go(light)
    assert done.version == OLD
    assert [it.why for it in done.skipped] == ["no deployment of it to production is on record"]


def test_a_retired_version_is_skipped(shop: Light) -> None:
    shop.ledger.retire(MIDDLE)
    done = go(shop)
    assert (done.version, [it.why for it in done.skipped]) == (OLD, ["it is retired"])


def test_a_version_whose_release_is_gone_is_skipped(shop: Light) -> None:
    folder = shop.folder / "forge" / "releases" / f"{LIGHT}@{MIDDLE}"
    folder.rename(folder.with_name(".gone"))
    done = go(shop)
    assert (done.version, [it.why for it in done.skipped]) == (OLD, ["its release is gone"])


def test_a_version_whose_artifact_was_taken_from_its_release_is_skipped(shop: Light) -> None:
    release_ = shop.folder / "forge" / "releases" / f"{LIGHT}@{MIDDLE}"
    (release_ / "assets" / "model.skops").unlink()
    done = go(shop)
    assert [it.why for it in done.skipped] == ["its release has no model.skops"]


def test_the_release_of_the_bad_version_is_not_needed(shop: Light, memory: Memory) -> None:
    bad = shop.folder / "forge" / "releases" / f"{LIGHT}@{NEW}"
    bad.rename(bad.with_name(".gone"))
    assert go(shop).version == MIDDLE
    assert memory.serves()["production"] == MIDDLE


def test_where_no_version_was_healthy_each_is_named_with_its_reason(shop: Light) -> None:
    shop.ledger.retire(OLD)
    record(shop, MIDDLE, DeploymentState.FAILURE, "out of memory")
    with pytest.raises(RegistryError) as refused:
        go(shop)
    assert f"{MIDDLE}: it did not become healthy in production" in str(refused.value)
    assert f"{OLD}: it is retired" in str(refused.value)
    assert "--to" in refused.value.hint
    assert shop.champions()[-1] == NEW


def test_a_version_that_somebody_names_need_not_have_been_healthy(shop: Light) -> None:
    record(shop, MIDDLE, DeploymentState.FAILURE, "out of memory")
    assert go(shop, version=MIDDLE).version == MIDDLE


def test_a_version_that_somebody_names_has_to_be_there(shop: Light) -> None:
    folder = shop.folder / "forge" / "releases" / f"{LIGHT}@{OLD}"
    folder.rename(folder.with_name(".gone"))
    with pytest.raises(RegistryError, match=r"cannot be deployed: its release is gone"):
        go(shop, version=OLD)


def test_without_records_the_ledger_decides_and_says_so(light: Light, memory: Memory) -> None:
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    assert memory.asked == []
    done = go(light, then=Then.NOTHING)
    assert (done.version, done.basis) == (
        MIDDLE,
        f"the ledger alone: no deployment of {LIGHT} is on record",
    )


def closed() -> Forge:
    raise ForgeError("no token for acme/shop", hint="set GITHUB_TOKEN")


def test_a_forge_that_cannot_be_asked_does_not_keep_anybody_from_going_back(shop: Light) -> None:
    here = replace(shop.world, open_forge=closed)
    done = rollback(here, back())
    assert done.version == MIDDLE
    assert done.basis.endswith("cannot be read: no token for acme/shop")
    assert any("its incident issue was not written" in it for it in shop.said)


BROKEN = {
    "no YAML": ("pennon.yaml", "kit: 1\nmodels: {\n"),
    "no model": ("pennon.yaml", "kit: 1\nmodels: {}\n"),
    "bad gates": ("gates.yaml", "gates: [{id: x}]\n"),
    "bad data": ("data/customers.yaml", "what: is this\n"),
}


@pytest.mark.parametrize("defect", BROKEN)
def test_a_newest_commit_that_is_broken_keeps_nobody_from_going_back(
    shop: Light, memory: Memory, defect: str
) -> None:
    root, (name, text) = shop.world.root, BROKEN[defect]
    good = commit_all(root, "environments")
    (root / name).write_text(text)
    commit_all(root, "break it")
    with pytest.raises(ConfigError):
        shop.world.config()
    assert go(shop).version == MIDDLE
    assert memory.serves() == {"staging": MIDDLE, "production": MIDDLE}
    assert any(f"going on with the configuration of {good[:7]}" in it for it in shop.said)


def test_a_configuration_that_was_never_good_is_an_error(light: Light) -> None:
    root = light.world.root
    run_git(root, "checkout", "--quiet", "--orphan", "other")
    for version in (OLD, MIDDLE, NEW):
        light.ledger.retire(version)
    (root / "pennon.yaml").write_text("kit: 2\n")
    commit_all(root, "nothing but this")
    with pytest.raises(ConfigError, match="kit"):
        go(light, then=Then.NOTHING)


def test_an_environment_that_is_down_does_not_keep_the_others_from_going_back(
    shop: Light, memory: Memory
) -> None:
    memory.down.add("staging")
    with pytest.raises(TargetError, match=rf"{MIDDLE} is champion \(.*\), and not deployed"):
        go(shop)
    assert memory.serves()["production"] == MIDDLE
    assert states(shop, "production")[0] == (MIDDLE, DeploymentState.SUCCESS)
    assert shop.champions()[-1] == MIDDLE


def test_production_does_not_wait_for_staging_in_a_rollback(shop: Light, memory: Memory) -> None:
    go(shop, then=Then.NOTHING)
    (found,) = deploy(shop.world, "production", LIGHT)
    assert (found.version, memory.serves()["staging"]) == (MIDDLE, NEW)


def test_nothing_is_downloaded_or_asked_twice_where_the_first_one_will_do(
    shop: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What costs time on a forge: the records of each environment, and one release."""
    asked: list[str] = []
    for name in ("tries", "release", "deployments", "releases", "download_asset"):
        original = getattr(LocalForge, name)

        def noting(self: LocalForge, *it: object, _n: str = name, _f: object = original) -> object:
            asked.append(_n)
            return _f(self, *it)  # type: ignore[operator]  # the method itself

        monkeypatch.setattr(LocalForge, name, noting)
    go(shop, then=Then.NOTHING)
    assert asked == ["tries", "tries", "release"]


def test_a_rollback_imports_nothing_heavy(shop: Light) -> None:
    """Told by the modules of a process that goes back, and writes its incident."""
    (shop.world.root / "pennon.yaml").write_text(
        (shop.world.root / "pennon.yaml").read_text().replace("target: memory", "target: local")
    )
    code = (
        "import sys\n"
        "from pennon.cli import main\n"
        f"sys.argv = ['pennon', 'rollback', {LIGHT!r}, '--reason', 'x', '--then', 'nothing']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'scipy', 'skops', 'starlette', 'github'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=shop.world.root,
        env=dict(os.environ) | {"PENNON_FORGE": f"local:{shop.folder / 'forge'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stdout + done.stderr
    assert f"{MIDDLE} is champion" in done.stdout
