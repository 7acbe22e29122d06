"""Which files a run may say that it built."""

from __future__ import annotations

import shutil
from pathlib import Path

from pennon.flows.register import Ask, register
from pennon.flows.versions.provenance import name_subjects
from pennon.flows.versions.release import manifest
from pennon.registry import Version, read_local
from shop import MODEL, shop, world

RUN = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "17",
}


def named(work: Path, run: str) -> str:
    """What the run puts out after its registration."""
    output = work.parent / f"output-{run}"
    output.touch()
    here = world(work, **RUN | {"GITHUB_RUN_ID": run, "GITHUB_OUTPUT": str(output)})
    register(here, Ask())
    return output.read_text()


def test_a_run_names_every_file_of_what_it_registered(tmp_path: Path) -> None:
    here = shop(tmp_path / "it")
    told = named(here.root, "17")
    file = here.workshop / "subjects.sha256"
    assert str(file) in told
    lineage = manifest(read_local(here.repo, MODEL), Version("v1.0.0"))
    lines = dict(line.split("  ")[::-1] for line in file.read_text().splitlines())
    assert lines[f"{MODEL}@v1.0.0/model.skops"] == lineage.artifact[7:]
    assert {name.partition("/")[2] for name in lines} == {"model.skops", *lineage.files}
    assert "subjects" in named(here.root, "17")  # the same run, started again
    assert named(here.root, "18") == ""


def test_what_a_person_registered_no_run_says_it_built(tmp_path: Path) -> None:
    here = shop(tmp_path / "it")
    register(here, Ask())
    assert named(here.root, "17") == ""
    name_subjects(here, [(MODEL, "v1.0.0")])
    assert not (here.workshop / "subjects.sha256").exists()
    shutil.rmtree(here.root)
