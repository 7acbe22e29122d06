"""The runner of a training: resolved by a job of the real workflow, which act runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pennon.assets import export
from pennon.flows.demo.act import Act
from shop import FILES, write
from worlds import commit_all, new_clone

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
CALLER = next((ROOT / "template").glob("{{*}}/.github/workflows/register.yml"))
INSTALL = '#!/usr/bin/env bash\necho "$FAKES" >>"$GITHUB_PATH"\n'
PENNON = """\
#!/usr/bin/env bash
case $1 in
  compute) exec "$PYTHON" -m pennon "$@" ;;
  *) echo "$1 $PENNON_REGISTER_MODELS" >>"$FAKES/told" ;;
esac
"""
TWO = FILES["pennon.yaml"].replace("environments:", "compute: {slow: {runner: gpu}}\nenvironments:")
CHURN = TWO.partition("  churn:\n")[2].partition("compute:")[0]


class Farm(Act):
    """This machine is a runner of both kinds."""

    def _options(self) -> list[str]:
        return [*super()._options(), "--platform", "gpu=-self-hosted"]


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_each_model_trains_on_the_runner_that_its_repository_names(tmp_path: Path) -> None:
    """Each job says which runner it has by its matrix."""
    clone, fakes = new_clone(tmp_path), tmp_path / "fakes"
    for name, text in FILES.items():
        write(clone, name, text)
    write(clone, "pennon.yaml", TWO.replace("compute:", f"  slow:\n{CHURN}compute:", 1))
    workflows = clone / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(CALLER, workflows)
    commit_all(clone, "two models")
    subprocess.run(["git", "push", "--quiet"], cwd=clone, check=True)
    kit = export(tmp_path / "kit")
    program(kit / "actions" / "setup" / "install.sh", INSTALL)
    program(fakes / "pennon", PENNON)
    variables = {
        "FAKES": str(fakes),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PENNON_ORIGIN": str(tmp_path / "origin.git"),
        "PYTHON": sys.executable,
    }
    payload = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    ran = Farm(kit, tmp_path / "cache", variables).run(clone, "register.yml", "push", payload)
    assert ran.ok, ran.log
    told = (fakes / "told").read_text().splitlines()
    assert sorted(told) == ["register churn", "register slow"]
    for matrix in ("models:churn runner:ubuntu-latest", "models:slow runner:gpu"):
        assert f"Matrix: map[{matrix}]" in ran.log
