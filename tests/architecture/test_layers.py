"""The house: imports point down, the door is light, the budgets hold."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scripts" / "pennon"
MODULES = sorted(PACKAGE.rglob("*.py"))

HEAVY = ("pandas", "numpy", "sklearn", "scipy", "skops", "fsspec", "github", "jinja2", "starlette")
LIGHT_COMMANDS = ("--help", "--version", "show", "which churn", "history churn")

MAX_MODULE, MAX_FUNCTION, MEDIAN_FUNCTION, NINETIETH = 300, 50, 12, 30


def functions() -> Iterator[tuple[str, int]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", size


def test_no_module_is_longer_than_the_budget() -> None:
    long = [str(path) for path in MODULES if path.read_text().count("\n") > MAX_MODULE]
    assert long == []


def test_no_function_is_longer_than_the_budget() -> None:
    assert [name for name, size in functions() if size > MAX_FUNCTION] == []


def test_the_usual_function_is_short() -> None:
    sizes = [size for _, size in functions()]
    assert statistics.median(sizes) <= MEDIAN_FUNCTION
    assert statistics.quantiles(sizes, n=10)[-1] <= NINETIETH


def test_every_module_says_what_it_owns() -> None:
    silent = [str(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


@pytest.mark.parametrize("command", LIGHT_COMMANDS)
def test_a_light_command_imports_nothing_heavy(command: str, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pennon.cli import main\n"
        f"sys.argv = ['pennon', *{command.split()}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', sorted(set({HEAVY}) & set(sys.modules)))\n"
    )
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stdout + done.stderr


def test_every_error_has_its_own_exit_code() -> None:
    from pennon import errors  # noqa: PLC0415

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = [kind.exit_code for kind in kinds if issubclass(kind, errors.PennonError)]
    assert len(codes) == len(set(codes)) > 10
