"""The page of a version for auditors: what ledger and forge have of it, and what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from huggingface_hub import ModelCard

from pennon.cli import cli
from pennon.errors import RegistryError
from pennon.flows.assignment.assign import Ask
from pennon.flows.dossier import AtForge, Dossier, dossier, dossier_there
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.retire import retire
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.forge import DeploymentState, NewDeployment
from pennon.forge.local import LocalForge
from pennon.registry import reference
from pennon.report.principles import ways
from shop import MODEL, improve, shop, world, write
from worlds import run_git

PRINCIPLES = """\
principles:
  - {id: progress, title: No change without a reason, owner: "@shop/risk", gates: [better]}
  - id: oversight
    title: A person calls
    owner: "@shop/sales"
    statement: {text: Nobody is called by a machine., by: Ada, role: owner, on: 2026-11-01}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dossier")
    here = shop(folder)
    register(here, Registration())
    promote(here, Ask(model=MODEL))
    write(here.root, "principles.yaml", PRINCIPLES)
    improve(here)
    register(here, Registration())
    promote(here, Ask(model=MODEL, reason="better for FR"))
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> World:
    """v1.1.0 is champion after v1.0.0."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


def page(here: World, wanted: str = "churn@v1.1.0") -> Dossier:
    return dossier(here, reference(wanted))


def known(here: World, wanted: str = "churn@v1.1.0") -> AtForge:
    found = page(here, wanted).forge
    assert found is not None
    return found


def codes(here: World, wanted: str) -> list[str]:
    return [alarm.code for alarm in page(here, wanted).findings]


def on_the_remote(here: World, *lines: str) -> None:
    origin = here.root.parent / "origin.git"
    run_git(origin, "update-ref", "--stdin", stdin="".join(f"{line}\n" for line in lines))


def merged(here: World) -> None:
    """The pull request by Ada that brought v1.1.0; Bob approved it."""
    commit = page(here).registered.commit
    forge = here.forge
    assert isinstance(forge, LocalForge)
    pull = forge.open_pull(title="Look at spend", head=commit, base="b" * 40, base_branch="main")
    bob = LocalForge(here.root.parent / "forge", clock=here.now, login="bob")
    bob.review_pull(pull.number, "approved")
    bob.merge_pull(pull.number, commit, by="ada")


def deployed(here: World, version: str, environment: str = "staging") -> None:
    event = here.state(MODEL).stages["champion"]
    here.forge.record_deployment(
        NewDeployment(
            environment=environment,
            model=MODEL,
            version=version,
            commit=event.commit,
            assignment=event.oid,
            digest="sha256:00",
            state=DeploymentState.SUCCESS,
        )
    )


def test_ledger_and_forge_are_told_together(here: World) -> None:
    found = page(here)
    assert (found.version, found.stages, found.retired) == ("v1.1.0", ("champion",), False)
    assert [(it.event, it.stage, it.why) for it in found.events[1:]] == [
        ("assign", "champion", "better for FR")
    ]
    assert found.manifest is not None
    assert found.manifest.params == {"columns": ["age", "spend"]}
    assert (found.ledger, found.findings) == (4, ())
    assert found.forge is not None
    assert (found.forge.files, found.forge.pull) == (1 + len(found.manifest.files), None)


def test_the_verdict_of_an_assignment_is_told_in_its_words(here: World) -> None:
    """The stored evidence and the gates of the commit make the digest that the tag has."""
    found = page(here)
    assert found.forge is not None
    assert found.forge.verdict is not None
    assert (found.forge.verdict.outcome, found.forge.verdict.champion) == ("pass", "v1.0.0")
    assert found.events[-1].verdict == found.forge.verdict_digest


def test_the_principles_of_its_commit_are_told_with_what_kept_them(here: World) -> None:
    progress, oversight = known(here).principles
    assert ways(progress) == ("gate better: passes",)
    assert oversight.proof is not None
    assert (oversight.proof.commit, oversight.proof.flaw) == (page(here).registered.commit, "")
    assert known(here, "churn@v1.0.0").principles == ()


def test_the_model_card_of_the_release_has_people_s_words_and_principles(here: World) -> None:
    file = here.root.parent / "forge/releases/churn@v1.1.0/assets/model-card.md"
    card = ModelCard.load(file)
    assert str(card) == file.read_text(encoding="utf-8")
    assert "To call those who will probably leave." in card.text
    assert "| No change without a reason | `@shop/risk` | gate better: passes |" in card.text
    assert "names Ada as its author" in card.text


def test_the_pull_request_names_who_wrote_approved_and_merged(here: World) -> None:
    merged(here)
    found = page(here).forge
    assert found is not None
    assert found.pull is not None
    assert (found.pull.title, found.pull.by, found.pull.merged_by) == (
        "Look at spend",
        "ada",
        "bob",
    )
    assert [(it.by, it.state) for it in found.pull.reviews] == [("bob", "approved")]


def test_every_deployment_is_told_also_where_another_version_runs_now(here: World) -> None:
    deployed(here, "v1.0.0")
    deployed(here, "v1.1.0")
    deployed(here, "v1.1.0", "production")
    found = page(here, "churn@v1.0.0").forge
    assert found is not None
    assert [(it.environment, it.version) for it in found.deployments] == [("staging", "v1.0.0")]


def test_a_retired_version_has_its_page_with_who_retired_it(here: World) -> None:
    retire(here, reference("churn@v1.0.0"), "wrong rows")
    found = page(here, "churn@v1.0.0")
    assert (found.retired, found.events[-1].event, found.events[-1].why) == (
        True,
        "retire",
        "wrong rows",
    )
    assert found.findings == ()
    shutil.rmtree(here.root.parent / "forge" / "releases" / "churn@v1.0.0")
    assert codes(here, "churn@v1.0.0") == ["release"]


def test_a_stage_stands_for_its_holder(here: World) -> None:
    assert page(here, "churn#champion").version == "v1.1.0"


def test_what_is_wrong_with_another_version_is_left_out(here: World) -> None:
    shutil.rmtree(here.root.parent / "forge" / "releases" / "churn@v1.0.0")
    assert (codes(here, "churn@v1.0.0"), codes(here, "churn@v1.1.0")) == (["release"], [])


def test_a_broken_chain_concerns_every_version(here: World) -> None:
    on_the_remote(here, "delete refs/tags/churn#champion#1")
    for wanted in ("churn@v1.0.0", "churn@v1.1.0"):
        assert codes(here, wanted) == ["chain", "deleted"]


@pytest.mark.parametrize(
    ("tag", "concerned"), [("churn@v1.0.0#9", False), ("churn@v1.1.0#9", True), ("churn#x#9", True)]
)
def test_a_tag_that_is_no_event_concerns_the_version_that_it_may_be_about(
    here: World, tag: str, *, concerned: bool
) -> None:
    commit = page(here).registered.commit
    on_the_remote(here, f"create refs/tags/{tag} {commit}")
    assert codes(here, "churn@v1.1.0") == ["unusable"] * concerned


def test_evidence_that_was_replaced_has_no_verdict(here: World) -> None:
    releases = here.root.parent / "forge" / "releases"
    (releases / "churn@v1.1.0" / "assets" / "evaluation.json").write_text("{}")
    found = page(here)
    assert found.forge is not None
    assert found.forge.verdict is None
    assert codes(here, "churn@v1.1.0") == ["artifact"]


def test_the_ledger_alone_tells_the_same_of_itself_here_and_elsewhere(here: World) -> None:
    alone = dossier(here, reference("churn@v1.1.0"), forge=False)
    assert alone.forge is None
    assert alone.events == page(here).events
    there = dossier_there(str(here.root.parent / "origin.git"), reference("churn@v1.1.0"))
    assert there == alone


def test_the_server_s_own_repository_tells_the_same(here: World) -> None:
    bare = world(here.root.parent / "origin.git")
    there = dossier(bare, reference("churn@v1.1.0"), forge=False)
    assert there == dossier(here, reference("churn@v1.1.0"), forge=False)


@pytest.mark.parametrize("wanted", ["churn@v9.0.0", "churn#canary", "chrun@v1.0.0"])
def test_what_is_not_there_has_no_page(here: World, wanted: str) -> None:
    with pytest.raises(RegistryError):
        page(here, wanted)


def audit(here: World, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(here.root)
    monkeypatch.setenv("PENNON_FORGE", f"local:{here.root.parent / 'forge'}")
    return CliRunner().invoke(cli, ["audit", *arguments])


def test_the_page_answers_an_auditor_s_questions(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged(here)
    deployed(here, "v1.1.0")
    done = audit(here, monkeypatch, "churn@v1.1.0")
    assert done.exit_code == 0
    facts = dict(line.split(maxsplit=1) for line in done.output.splitlines() if "  " in line)
    assert facts["status"] == "registered, is champion"
    assert facts["merged"].endswith("by bob")
    assert facts["reviews"].startswith("bob approved")
    assert facts["data"].startswith("customers: 1,000 rows, content sha256:")
    assert facts["holdout"].startswith("281 sealed rows, sha256:")
    assert facts["verdict"].startswith("pass: ROC AUC")
    assert facts["better"].split()[-1] == "pass"
    assert facts["progress"].split() == ["@shop/risk", "gate", "better:", "passes"]
    assert "that above" in done.output
    assert "staging      success" in done.output
    assert done.output.endswith(": sound\n")


def test_the_page_of_a_tampered_version_ends_in_its_findings_and_fails(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(here.root.parent / "forge" / "releases" / "churn@v1.1.0")
    done = audit(here, monkeypatch, "churn@v1.1.0")
    assert isinstance(done.exception, RegistryError)
    assert str(done.exception).startswith("1 finding about churn@v1.1.0")
    assert "release  churn@v1.1.0  has no published release" in done.output


def test_the_page_as_json_has_every_fact(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rollback(here, Ask(model=MODEL, reason="wrong for FR"))
    told = json.loads(audit(here, monkeypatch, "churn@v1.0.0", "--json").output)
    assert [it["event"] for it in told["events"]] == ["register", "assign", "roll back"]
    assert told["manifest"]["metrics"]["roc_auc"].keys() == {"value", "low", "high"}
    assert told["forge"]["verdict"]["outcome"] == "first"


def test_a_sheet_has_a_row_for_each_event_and_finding(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    retire(here, reference("churn@v1.0.0"), "=1+1, they said")
    on_the_remote(here, f"create refs/tags/churn#x#9 {page(here).registered.commit}")
    done = audit(here, monkeypatch, "--format", "csv")
    assert isinstance(done.exception, RegistryError)
    header, *rows = done.output.splitlines()
    assert header == "model,event,version,stage,actor,when,reason,verdict,tag,findings"
    assert [row.split(",")[1] for row in rows] == [
        "register",
        "assign",
        "register",
        "assign",
        "retire",
        "finding",
    ]
    assert '''"'=1+1, they said"''' in rows[-2]
    assert rows[-1].startswith('churn,finding,,x,,,,,churn#x#9,"unusable: is a lightweight tag')


@pytest.mark.parametrize("more", [["--json"], ["churn@v1.0.0"]])
def test_a_sheet_has_no_other_form(
    here: World, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    assert audit(here, monkeypatch, "--format", "csv", *more).exit_code == 2
