"""Files are scored by the registered version, in processes that end when they have to."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it has none
import msgspec
import pytest

from pennon.errors import ConfigError, DataError, RegistryError
from pennon.flows.score import CHUNK, Ask, score
from pennon.flows.world import World
from pennon.serving.batch.plan import BatchError
from pennon.serving.batch.record import Record
from shop import FILES, MODEL, customers, push, world, write

PENNON = [sys.executable, "-m", "pennon"]
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "score.json"


@pytest.fixture
def here(championed: Path, tmp_path: Path) -> World:
    """v1.0.0 is champion; rows.csv has 20,000 customers."""
    shutil.copytree(championed, tmp_path, dirs_exist_ok=True)
    customers(20_000).to_csv(tmp_path / "rows.csv", index=False)
    return world(tmp_path / "work")


def asked(here: World, **more: object) -> Ask:
    folder = here.root.parent
    facts = {"model": MODEL, "input": folder / "rows.csv", "output": folder / "out.csv"} | more
    return Ask(**facts)  # type: ignore[arg-type]  # any field may be replaced


def started(
    here: World, *more: str, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """`pennon score` with chunks of 100 rows in a process group of its own, as at a terminal."""

    def settle() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it
        if before:
            before()

    folder = here.root.parent
    places = ["--input", str(folder / "rows.csv"), "--output", str(folder / "out.csv")]
    return subprocess.Popen(
        [*PENNON, "score", MODEL, *places, "--chunk", "100", *more],
        cwd=here.root,
        env=os.environ | {"PENNON_FORGE": f"local:{folder}/forge"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=settle,  # noqa: PLW1509  no thread of this process matters to it
    )


def has_begun(here: World, process: subprocess.Popen[str]) -> None:
    """Until a few chunks are done."""
    half = here.root.parent / ".out.csv.half"
    while not (half.exists() and half.stat().st_size > 10_000):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def holds(here: World) -> Path:
    """Let the version's code wait, once a few chunks are done, for this file."""
    folder = here.root.parent
    score(here, asked(here, output=folder / "first.csv", workers=1))
    (code,) = here.root.glob(".pennon/bundles/*/src/shop/features.py")
    half, goes_on = folder / ".out.csv.half", folder / "goes-on"
    code.write_text(f"""\
import time
from pathlib import Path

HALF, GOES_ON = Path({str(half)!r}), Path({str(goes_on)!r})


def build(customers):
    while HALF.exists() and HALF.stat().st_size > 10_000 and not GOES_ON.exists():
        time.sleep(0.01)
    return customers[["age", "spend"]]
""")
    return goes_on


def left(group: int) -> list[int]:
    """The processes of a group that do not end within seconds."""
    for _ in range(100):
        if not running(group):
            break
        time.sleep(0.1)
    return running(group)


def running(group: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append(int(folder.name))
        except ProcessLookupError:
            continue
    return found


def test_a_whole_folder_is_scored_by_the_champion(here: World) -> None:
    folder = here.root.parent
    (folder / "in" / "2026").mkdir(parents=True)
    for i, name in enumerate(("one.csv", "2026/two.csv")):
        customers(30 + i).to_csv(folder / "in" / name, index=False)
    found = score(here, asked(here, input=folder / "in", output=folder / "out", workers=1))
    assert [(it.output, it.scored, it.job.version) for it in found] == [
        ("two.csv", 31, "v1.0.0"),
        ("one.csv", 30, "v1.0.0"),
    ]
    assert len((folder / "out" / "2026" / "two.csv").read_text().splitlines()) == 32
    schema = json.loads(SCHEMA.read_text())
    jsonschema.validate(json.loads(msgspec.json.encode(found)), schema)


def test_the_number_of_processes_does_not_show_in_the_output(here: World) -> None:
    one = score(here, asked(here, chunk=700, workers=1))[0]
    two = score(here, asked(here, chunk=700, workers=2, overwrite=True))[0]
    assert (one.digest, one.rows) == (two.digest, 20_000)


def test_a_value_that_the_contract_does_not_know_is_refused(here: World) -> None:
    rows = customers(300).assign(country=lambda it: it["country"].where(it.index != 250, "XX"))
    rows.to_csv(here.root.parent / "rows.csv", index=False)
    with pytest.raises(DataError, match=r"rows\.csv: row 251, column country: 'XX'"):
        score(here, asked(here, chunk=100, workers=1))


def test_the_only_model_need_not_be_named(here: World) -> None:
    assert score(here, asked(here, model="", workers=1))[0].job.model == MODEL


def test_of_several_models_one_has_to_be_named(here: World) -> None:
    project = FILES["pennon.yaml"]
    second = project[project.index("  churn:") : project.index("environments:")]
    write(
        here.root,
        "pennon.yaml",
        project.replace("environments:", "").replace(
            "  staging", second.replace("churn", "stay") + "environments:\n  staging"
        ),
    )
    push(here, "two models")
    with pytest.raises(ConfigError, match="has several models: churn, stay; pennon score churn"):
        score(here, asked(here, model=""))


def test_an_unknown_version_is_refused_before_anything_is_made(here: World) -> None:
    with pytest.raises(RegistryError, match="its versions are"):
        score(here, asked(here, model=f"{MODEL}@v9.0.0"))
    assert not (here.root.parent / "out.csv").exists()


def test_help_and_page_name_the_usual_chunk() -> None:
    page = (SCHEMA.parents[1] / "score.md").read_text()
    assert f"[default: {CHUNK:,}]" in page
    assert f"chunks of {CHUNK:,} rows" in page


def test_the_step_summary_says_what_was_scored(here: World, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    there = world(here.root, GITHUB_STEP_SUMMARY=str(summary))
    score(there, asked(there, workers=1))
    assert "| `out.csv` | churn@v1.0.0 | 20,000 | 0 |" in summary.read_text()


@pytest.mark.slow
def test_killed_in_the_middle_it_leaves_no_process_and_goes_on(here: World) -> None:
    goes_on = holds(here)
    process = started(here)
    has_begun(here, process)
    process.kill()
    process.communicate()
    assert left(process.pid) == []
    goes_on.touch()
    assert not (here.root.parent / "out.csv").exists()
    found = score(here, asked(here, chunk=100, workers=2))[0]
    assert 0 < found.resumed < found.rows == 20_000
    assert score(here, asked(here, chunk=100, workers=1, overwrite=True))[0].digest == found.digest


@pytest.mark.slow
def test_ctrl_c_ends_it_at_once_and_tells_how_to_go_on(here: World) -> None:
    goes_on = holds(here)
    process = started(here)
    has_begun(here, process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "stopped; the same command goes on where it was" in said
    assert "Traceback" not in said
    assert left(process.pid) == []
    goes_on.touch()
    assert score(here, asked(here, chunk=100, workers=1))[0].resumed > 0


@pytest.mark.slow
def test_on_a_full_disk_it_says_so_and_goes_on_when_there_is_room(here: World) -> None:
    most = 400_000

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    process = started(here, before=small)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 16
    assert "out.csv cannot be written: File too large" in said
    assert "the same command goes on where it was" in said
    assert "Traceback" not in said
    assert not (here.root.parent / "out.csv").exists()
    assert score(here, asked(here, chunk=100, workers=1))[0].resumed > 5000


@pytest.mark.slow
def test_what_the_version_s_code_prints_is_not_in_the_result(here: World) -> None:
    score(here, asked(here, output=here.root.parent / "first.csv", workers=1))
    (code,) = here.root.glob(".pennon/bundles/*/src/shop/features.py")
    code.write_text(
        FILES["src/shop/features.py"].replace("    return", "    print('noise')\n    return")
    )
    said, aside = started(here, "--json").communicate(timeout=60)
    (found,) = msgspec.json.decode(said, type=list[Record])
    assert found.rows == 20_000
    assert "noise" in aside
    assert "rows.csv: 20,000 rows, 100%" in aside


@pytest.mark.slow
def test_a_process_that_dies_is_told_and_what_it_did_not_do_is_done_later(here: World) -> None:
    score(here, asked(here, output=here.root.parent / "first.csv", workers=1))
    (code,) = here.root.glob(".pennon/bundles/*/src/shop/features.py")
    sound = code.read_text()
    deadly = "    import os\n    os._exit(9) if 5000 in customers.index else 0\n    return"
    code.write_text(sound.replace("    return", deadly))
    with pytest.raises(BatchError, match="was killed; it may have run out of memory"):
        score(here, asked(here, chunk=6000, workers=1))
    code.write_text(sound)
    assert score(here, asked(here, chunk=6000, workers=1))[0].scored == 20_000
