"""The moves of the story: propose a change, have it reviewed, merge it, follow what it starts."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass

from pennon.config import PROJECT, Project, read
from pennon.flows.demo.changes import apply_change
from pennon.flows.demo.theatre import DemoError, Theatre, Workflows
from pennon.flows.new import bake
from pennon.forge import Pull
from pennon.targets import LocalTarget

MODEL = "delay"
Payload = dict[str, object]
USUAL_PORTS = (8801, 8802)
REPOSITORY = {"full_name": "acme/flights", "default_branch": "main"}


@dataclass(frozen=True)
class Play:
    """A theatre, and something that runs workflows in it."""

    theatre: Theatre
    workflows: Workflows

    def bake(self) -> None:
        """A model repository with a bare origin, on ports that nobody uses."""
        stage = self.theatre
        bake(stage.work, {"model_name": MODEL, "promotion": "automatic"})
        file = stage.work / "pennon.yaml"
        text = file.read_text(encoding="utf-8")
        for usual, free in zip(USUAL_PORTS, free_ports(len(USUAL_PORTS)), strict=True):
            text = text.replace(f"port: {usual}", f"port: {free}")
        file.write_text(text, encoding="utf-8")
        stage.git("commit", "--quiet", "--all", "--amend", "--no-edit")
        stage.git("init", "--quiet", "--bare", str(stage.origin))
        stage.git("remote", "add", "origin", str(stage.origin))

    def own_tests(self) -> str:
        """The repository's own workflow of tests; the line that counts them."""
        stage = self.theatre
        payload: Payload = {"ref": "refs/heads/main", "repository": REPOSITORY}
        log = self._run("ci.yml", "push", payload)
        counted = [line for line in log.splitlines() if " passed" in line]
        stage.expect(counted, "its own tests pass")
        return counted[-1].rpartition("|")[2].strip()

    def push(self) -> None:
        """Main goes to the origin, and starts what a push starts; then what that starts."""
        stage = self.theatre
        before = stage.git("rev-parse", "HEAD~1") if self._commits() > 1 else "0" * 40
        stage.git("push", "--quiet", "origin", "main")
        payload: Payload = {"ref": "refs/heads/main", "before": before, "repository": REPOSITORY}
        self._run("register.yml", "push", payload)

    def follow(self, *, refused: str = "") -> None:
        """Run what was dispatched, in order, until nothing waits; `refused` may fail, and must."""
        forge = self.theatre.forge
        while waiting := forge.dispatches():
            asked = forge.take_dispatch(waiting[0].number)
            payload: Payload = {"inputs": asked.inputs, "repository": REPOSITORY}
            self._run(asked.workflow, "workflow_dispatch", payload, fails=asked.workflow == refused)

    def propose(self, change: str, title: str) -> Pull:
        """A branch with the change, pushed, and a pull request for it."""
        stage = self.theatre
        stage.git("switch", "--quiet", "--create", change, "main")
        apply_change(change, stage.work)
        stage.git("commit", "--quiet", "--all", "--message", title)
        stage.git("push", "--quiet", "origin", change)
        return stage.forge.open_pull(
            title=title,
            head=stage.git("rev-parse", change),
            base=stage.git("rev-parse", "main"),
            base_branch="main",
        )

    def review(self, pull: Pull, *, passes: bool) -> str:
        """Run the review workflow; the comment that it leaves."""
        repo = {"full_name": REPOSITORY["full_name"]}
        payload: Payload = {
            "action": "opened",
            "number": pull.number,
            "repository": REPOSITORY,
            "pull_request": {
                "number": pull.number,
                "head": {"sha": pull.head, "ref": "change", "repo": repo},
                "base": {"sha": pull.base, "ref": "main", "repo": repo},
                "labels": [],
            },
        }
        self._run("review.yml", "pull_request", payload, fails=not passes)
        comments = self.theatre.forge.comments(pull.number)
        self.theatre.expect(len(comments) == 1, "there is one comment on the pull request")
        return comments[0].body

    def merge(self, pull: Pull, branch: str) -> None:
        stage = self.theatre
        stage.git("switch", "--quiet", "main")
        stage.git("merge", "--quiet", "--no-ff", "--message", f"Merge {branch}", branch)
        author = stage.git("log", "-1", "--format=%an", branch)
        stage.forge.merge_pull(pull.number, stage.git("rev-parse", "HEAD"), by=author)
        self.push()

    def leave(self) -> None:
        """Back to main; the branch stays where it was pushed."""
        self.theatre.git("switch", "--quiet", "main")

    def undo(self) -> None:
        """Take the last merge back, as its author would."""
        stage = self.theatre
        stage.git("revert", "--no-edit", "--mainline", "1", "HEAD")
        self.push()

    def rollback(self, reason: str) -> None:
        payload: Payload = {
            "inputs": {"model": MODEL, "stage": "champion", "reason": reason},
            "repository": REPOSITORY,
        }
        self._run("rollback.yml", "workflow_dispatch", payload)
        self.follow()

    def champion(self) -> str:
        self.theatre.git("fetch", "--quiet", "--tags", "--force", "origin")
        return self.theatre.pennon("which", MODEL)

    def served(self, environment: str) -> object:
        """The version that answers there."""
        return self.theatre.ask(self.port(environment), "/version")["version"]

    def predict(self, environment: str) -> dict[str, object]:
        """The answer to the champion's own example row."""
        tag = self.champion()
        row = self.theatre.folder / "example.json"
        self.theatre.forge.download_asset(f"{MODEL}@{tag}", "example.json", row)
        return self.theatre.ask(self.port(environment), "/predict", row.read_bytes())

    def port(self, environment: str) -> int:
        said = (self.theatre.work / PROJECT).read_text(encoding="utf-8")
        return read(said, Project, PROJECT).environments[environment].port

    def stop_servers(self) -> None:
        target = LocalTarget(self.theatre.folder / "targets", lambda folder: folder)
        for environment in ("staging", "production"):
            target.stop(environment, MODEL)

    def _commits(self) -> int:
        return int(self.theatre.git("rev-list", "--count", "HEAD"))

    def _run(self, workflow: str, event: str, payload: Payload, *, fails: bool = False) -> str:
        """Run a workflow that has to end as expected; its log, which is kept."""
        stage = self.theatre
        stage.say(f"  ▸ {workflow}")
        ran = self.workflows.run(stage.work, workflow, event, payload)
        logs = stage.folder / "logs"
        logs.mkdir(exist_ok=True)
        log = logs / f"{len(list(logs.iterdir())) + 1:02}-{workflow}.log"
        log.write_text(ran.log, encoding="utf-8")
        if ran.ok is fails:
            how = "succeeded, and should have failed" if fails else "failed"
            tail = "\n".join(ran.log.splitlines()[-25:])
            raise DemoError(f"{workflow} {how}; {log} has all of it, it ends:\n{tail}")
        return ran.log


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
