"""What a remote does to a push that a bare repository never does: GitHub's rules, and vanishing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from light import BEFORE, LIGHT, Light, back
from pennon.errors import ConflictError, GitError
from pennon.flows.rollback import rollback
from pennon.git.push import WorkflowRuleError
from pennon.registry import EventKind, Registration, read_remote
from pennon.registry.audit import chain
from worlds import commit_all, manifest, run_git

WORKFLOWS = """\
while read old new ref; do
  case "$ref" in refs/tags/*) ;; *) continue ;; esac
  ours=$(git rev-parse --quiet --verify "$new^{commit}:.github/workflows")
  same=no
  for tip in $(git for-each-ref --format='%(objectname)' refs/heads); do
    theirs=$(git rev-parse --quiet --verify "$tip:.github/workflows")
    [ "$ours" = "$theirs" ] && same=yes
  done
  [ $same = yes ] && continue
  echo 'refusing to allow a GitHub App to create or update workflow' \\
    '`.github/workflows/deploy.yml` without `workflows` permission' >&2
  exit 1
done
"""
RULESET = """\
cat >&2 <<END
error: GH013: Repository rule violations found for refs/tags/model0#champion#4.
Review all repository rules at https://github.com/o/r/rules?ref=refs%2Ftags%2Fmodel0

- Cannot create ref due to creations being restricted.
END
exit 1
"""


def new_workflow(light: Light) -> str:
    """From now on no older commit has the workflows of a branch; the branch's new head."""
    other = light.other().root
    (other / ".github" / "workflows").mkdir(parents=True)
    (other / ".github" / "workflows" / "deploy.yml").write_text("name: deploy\n")
    commit = commit_all(other, "deploy by another workflow")
    run_git(other, "push", "--quiet")
    return commit


def test_a_rollback_across_a_change_of_the_workflows_sits_on_the_newest_head(light: Light) -> None:
    head = new_workflow(light)
    light.hook("pre-receive", WORKFLOWS)
    rollback(light.world, back())
    state, _ = read_remote(light.world.repo, LIGHT)
    assert state.last is not None
    assert state.last.commit == head
    assert str(state.holder("champion")) == "v1.1.0"
    assert chain(state) == []
    assert any("without `workflows` permission" in words for words in light.said)


def test_a_version_is_not_put_on_a_commit_that_is_not_its_own(light: Light) -> None:
    """Its training took so long that the branch went on; a version is what one commit says."""
    commit = commit_all(light.world.root, "train for hours")
    new_workflow(light)
    light.hook("pre-receive", WORKFLOWS)
    payload = Registration(version="v1.3.0", manifest=manifest(commit, model=LIGHT))
    with pytest.raises(WorkflowRuleError, match="register again on the head of the default branch"):
        light.ledger._append(EventKind.REGISTER, "v1.3.0", commit, payload)


def test_a_push_never_has_more_tags_than_start_workflows(light: Light) -> None:
    log = light.folder / "pushed"
    light.hook("pre-receive", f'grep -c refs/tags/ >> "{log}"; exit 0')
    rollback(light.world, back())
    light.ledger.register("v1.3.0")
    light.ledger.assign("v1.3.0")
    pushes = [int(line) for line in log.read_text().split()]
    assert (max(pushes), sum(pushes)) == (1, 3)


def test_a_tag_that_a_ruleset_protects_is_refused_with_who_may_write_it(light: Light) -> None:
    light.hook("pre-receive", RULESET)
    with pytest.raises(GitError) as refused:
        rollback(light.world, back())
    words = str(refused.value)
    assert "a ruleset protects it (Cannot create ref due to creations being restricted.)" in words
    assert "bypass list" in words
    assert "https://github.com/o/r/rules" in words
    assert light.champions() == BEFORE


@pytest.fixture
def read_only(light: Light) -> Iterator[str]:
    """The remote's address on a server that lets everybody read and nobody write."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "git-receive-pack" in self.path:
                self.answer(403, b"Permission to o/r.git denied to github-actions[bot].\n")
            else:
                self.backend(b"")

        def do_POST(self) -> None:
            self.backend(self.rfile.read(int(self.headers["Content-Length"])))

        def backend(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            asked = {
                "GIT_PROJECT_ROOT": str(light.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                capture_output=True,
                env=dict(os.environ) | asked,
                check=True,
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            kind = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Type"))
            self.answer(200, content, kind.decode().partition(": ")[2])

        def answer(self, code: int, content: bytes, kind: str = "text/plain") -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/origin.git"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_token_that_may_only_read_is_told_which_permission_it_lacks(
    light: Light, read_only: str
) -> None:
    run_git(light.world.root, "remote", "set-url", "origin", read_only)
    with pytest.raises(GitError) as refused:
        rollback(light.world, back())
    words = str(refused.value)
    assert "may not write" in words
    assert "denied to github-actions[bot]" in words
    assert "`permissions: contents: write`" in words
    assert light.champions() == BEFORE


def test_a_remote_that_vanished_before_it_wrote_is_asked_and_has_nothing(light: Light) -> None:
    hook = light.hook("pre-receive", "kill -9 $PPID; sleep 0.2")
    with pytest.raises(
        GitError, match=r"(?s)vanished .* and does not have it.*run the same command"
    ):
        rollback(light.world, back())
    assert light.champions() == BEFORE
    hook.unlink()
    rollback(light.world, back())
    assert light.champions() == [*BEFORE, "v1.1.0"]


def test_a_remote_that_vanished_after_it_wrote_is_asked_and_has_it(light: Light) -> None:
    light.hook("reference-transaction", '[ "$1" = committed ] && kill -9 $PPID; exit 0')
    done = rollback(light.world, back())
    assert (done.version, done.tag) == ("v1.1.0", "model0#champion#4")
    assert light.champions() == [*BEFORE, "v1.1.0"]


@pytest.mark.parametrize(
    ("hook", "moment"), [("pre-receive", ""), ("reference-transaction", '[ "$1" = committed ] &&')]
)
def test_a_remote_that_is_gone_leaves_open_what_it_has_until_it_is_back(
    light: Light, hook: str, moment: str
) -> None:
    gone = light.folder / "gone.git"
    file = light.hook(hook, f'{moment} {{ mv "{light.origin}" "{gone}"; kill -9 $PPID; }}; exit 0')
    with pytest.raises(GitError, match="nobody knows whether it arrived"):
        rollback(light.world, back())
    gone.rename(light.origin)
    file.unlink()
    rollback(light.world, back())
    assert light.champions() == [*BEFORE, "v1.1.0"]


def test_a_ref_that_somebody_locks_is_waited_for(light: Light) -> None:
    lock = light.origin / "refs" / "pennon" / f"{LIGHT}@head.lock"
    lock.touch()
    rollback(replace(light.world, sleep=lambda _: lock.unlink()), back())
    assert light.champions() == [*BEFORE, "v1.1.0"]


def test_a_lock_that_stays_is_named_after_some_minutes(light: Light) -> None:
    (light.origin / "refs" / "pennon" / f"{LIGHT}@head.lock").touch()
    minutes = iter(range(10**6))
    start = light.world.now()
    slow = replace(light.world, now=lambda: start + timedelta(minutes=next(minutes)))
    with pytest.raises(ConflictError) as tired:
        rollback(slow, back())
    assert "cannot lock ref" in str(tired.value)
    assert "a lock file that a crash left on the remote" in str(tired.value)
    assert light.champions() == BEFORE


def test_a_remote_that_is_not_there_is_named(light: Light) -> None:
    shutil.rmtree(light.origin)
    with pytest.raises(GitError, match="git remote add origin"):
        rollback(light.world, back())
