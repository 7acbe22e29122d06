"""The prediction log: whole lines, bounded files, and a disk that is full."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.flows.train import Trained
from pennon.serving.log import Line, Log
from served import Server

GOOD = {"age": 40.5, "spend": 80.0, "country": "DE"}


def line(i: int) -> Line:
    return Line(
        at="2026-11-21T12:00:00.000Z",
        id=str(i),
        model="churn",
        version="v1.0.0",
        role="live",
        inputs=[{"age": i}],
        predictions=[0.5],
        status=200,
        ms=1.5,
    )


def never(lines: int, why: str) -> None:
    pytest.fail(f"{lines} lines were lost: {why}")


def written(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.iterdir())
    return [json.loads(text) for file in files for text in file.read_text().splitlines()]


def test_what_was_put_is_written_in_its_order(tmp_path: Path) -> None:
    log = Log(tmp_path, never)
    for i in range(2500):
        log.put(line(i))
    log.close()
    assert [it["id"] for it in written(tmp_path)] == [str(i) for i in range(2500)]


def test_a_full_file_is_followed_by_another_and_the_oldest_goes(tmp_path: Path) -> None:
    for i in range(6):  # a log each: one write of it, then the file is full
        log = Log(tmp_path, never, most=100, keep=3)
        log.put(line(i))
        log.close()
    assert [it["id"] for it in written(tmp_path)] == ["3", "4", "5"]
    assert [file.name for file in sorted(tmp_path.iterdir())][-1] == "predictions-00000006.jsonl"


def test_a_full_disk_costs_lines_that_are_counted(tmp_path: Path) -> None:
    (tmp_path / "predictions-00000001.jsonl").symlink_to("/dev/full")
    lost: list[tuple[int, str]] = []
    log = Log(tmp_path, lambda lines, why: lost.append((lines, why)))
    log.put(line(1))
    log.close()
    assert lost == [(1, "[Errno 28] No space left on device")]


def test_a_full_disk_costs_no_answer(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "predictions-00000001.jsonl").symlink_to("/dev/full")
    with Server(trained.candidate.folder, log=tmp_path / "log") as server:
        assert [server.post(GOOD).status for _ in range(3)] == [200, 200, 200]
        lost = 'pennon_log_lost_total{model="churn"} 3.0'
        server.until(lambda: lost in server.get("/metrics").body.decode())
        said = server.output.read_text()
    assert said.count("the prediction log loses lines: [Errno 28] No space left on device") == 1


def test_a_line_says_who_answered_what(trained: Trained, tmp_path: Path) -> None:
    with Server(trained.candidate.folder, log=tmp_path / "log") as server:
        good = server.post(GOOD, X_Pennon_Key="customer-7").json
        server.post(GOOD | {"age": "old"})  # what is no request is counted, not logged
    (found,) = written(tmp_path / "log")
    assert (found["id"], found["key"], found["role"]) == (good["id"], "customer-7", "live")
    assert (found["inputs"], found["predictions"]) == ([GOOD], [good["prediction"]])
    assert found["status"] == 200
