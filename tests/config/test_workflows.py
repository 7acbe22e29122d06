"""What a workflow file says of rights and of others' code, whichever way it is written."""

from __future__ import annotations

import pytest

from pennon.config import ProblemsError
from pennon.config.workflows import Grant, Use, uses, workflow

SHA = "3d3c42e5aac5ba805825da76410c181273ba90b1"
TEXT = f"""\
name: ship
on:
  push:
    branches: [main]
  schedule: [{{cron: "1 2 * * *"}}]
permissions: {{}}
jobs:
  ship:
    permissions:
      contents: write # the tag
      id-token: write
    runs-on: ${{{{ vars.RUNNER }}}}
    steps:
      - uses: actions/checkout@{SHA} # v7.0.1
      - run: ship
        env: {{KEY: "${{{{ secrets.SHIP_KEY }}}}"}}
  call:
    uses: acme/kit/.github/workflows/ship.yml@v1
    secrets: inherit
"""


def test_a_job_has_its_rights_with_their_reasons() -> None:
    ship, call = workflow(TEXT, "ship.yml").jobs
    assert ship.starts == ("push", "schedule")
    assert ship.grants == (Grant("contents", "write", "the tag"), Grant("id-token", "write"))
    assert (call.grants, call.calls) == ((), "acme/kit/.github/workflows/ship.yml@v1")


def test_code_of_others_has_its_pin_and_its_version() -> None:
    moving, pinned = sorted(workflow(TEXT, "ship.yml").uses)
    assert moving == Use("acme/kit/.github/workflows/ship.yml", "v1")
    assert pinned == Use("actions/checkout", SHA, "v7.0.1")
    assert (moving.is_pinned, pinned.is_pinned) == (False, True)


def test_secrets_and_variables_are_found_and_so_is_handing_on_all() -> None:
    found = workflow(TEXT, "ship.yml")
    assert found.secrets == ("(all)", "SHIP_KEY")
    assert found.variables == ("RUNNER",)


@pytest.mark.parametrize(
    ("permissions", "grants"),
    [
        ("permissions: write-all\n", (Grant("everything", "write"),)),
        ("permissions: {}\n", ()),
        ("permissions:\n  contents: read # code\n", (Grant("contents", "read", "code"),)),
        ("", None),
    ],
)
def test_a_job_without_rights_of_its_own_has_those_of_its_file(
    permissions: str, grants: tuple[Grant, ...] | None
) -> None:
    text = f"on: push\n{permissions}jobs:\n  a: {{runs-on: x}}\n"
    (job,) = workflow(text, "a.yml").jobs
    assert (job.starts, job.grants) == (("push",), grants)


@pytest.mark.parametrize("text", ["on: [", "on: push\n", "- a\n", ""])
def test_what_is_no_workflow_is_named(text: str) -> None:
    with pytest.raises(ProblemsError, match=r"odd\.yml"):
        workflow(text, "odd.yml")


def test_a_local_action_and_a_comment_are_nobody_elses_code() -> None:
    assert uses("  - uses: ./here\n# uses: a/b@c\n") == ()
