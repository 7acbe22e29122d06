"""GitHub as a forge: each method is one question or one change; the rules are in session.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pennon.errors import ForgeError
from pennon.forge.github.deployments import Deployments
from pennon.forge.github.pulls import Pulls
from pennon.forge.github.records import (
    UPLOADED,
    as_asset,
    as_release,
    as_ruleset,
)
from pennon.forge.github.settings import RepositorySettings
from pennon.forge.github.talk import Talk
from pennon.forge.limits import LIMITS, Limits
from pennon.forge.protocol import (
    Asset,
    Comment,
    Deployment,
    Issue,
    Merged,
    NewDeployment,
    Pull,
    Release,
    Ruleset,
    published,
)
from pennon.forge.settings import Settings

if TYPE_CHECKING:
    from github.GitRelease import GitRelease
    from github.GitReleaseAsset import GitReleaseAsset

    from pennon.forge.github.session import Session


@dataclass(frozen=True, eq=False)
class GitHubForge:
    """In seconds: `now` since the epoch, `pace` between two writes, `timeout` without a byte."""

    repository: str
    token: str = field(repr=False)
    _: KW_ONLY
    api_url: str
    sleep: Callable[[float], None]
    now: Callable[[], float]
    pace: float = 1.0
    timeout: int = 30
    limits: Limits = LIMITS
    _published: dict[str, GitRelease] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        owner, _, name = self.repository.partition("/")
        if not owner or not name or "/" in name:
            raise ForgeError(
                f"{self.repository!r} names no repository", hint="set GITHUB_REPOSITORY=owner/name"
            )
        if not self.token:
            raise ForgeError(
                f"no token for {self.repository}",
                hint="set GITHUB_TOKEN (in a workflow: ${{ github.token }})",
            )

    @cached_property
    def _session(self) -> Session:
        from pennon.forge.github.session import Session  # noqa: PLC0415  PyGithub, half a second

        return Session(
            repository=self.repository,
            token=self.token,
            api_url=self.api_url,
            sleep=self.sleep,
            now=self.now,
            pace=self.pace,
            timeout=self.timeout,
            where=self.where,
        )

    @cached_property
    def _deployments(self) -> Deployments:
        return Deployments(self._session)

    @cached_property
    def _pulls(self) -> Pulls:
        return Pulls(self._session)

    @cached_property
    def _talk(self) -> Talk:
        return Talk(self._session)

    @cached_property
    def settings(self) -> Settings:
        return RepositorySettings(self._session)

    @property
    def where(self) -> str:
        host = urlsplit(self.api_url).hostname or self.api_url
        return f"{self.repository} on {host.removeprefix('api.')}"

    def login(self) -> str:
        return self._session.login

    def pull(self, number: int) -> Pull:
        return self._pulls.one(number)

    def merged(self, commit: str) -> Merged | None:
        return self._pulls.merged(commit)

    def pulls_at(self, head: str) -> list[Pull]:
        return self._pulls.at(head)

    def request_pull(self, branch: str, base: str, *, title: str, body: str) -> str:
        return self._pulls.request(branch, base, title=title, body=body)

    def artifact(self, run: int, name: str, to: Path, *, most: int) -> bool:
        doing = f"download the artifact {name} of run {run}"
        found = self._session.ask(doing, partial(self._session.artifacts, run, name))
        if not found:
            return False
        url = max(found, key=lambda it: it["id"])["archive_download_url"]
        self._session.ask(doing, lambda: self._session.transfer.archive(url, to, most))
        return True

    def rulesets(self) -> list[Ruleset] | None:
        tags = partial(self._session.rulesets, {"targets": "tag"})
        found = self._session.ask("list the rulesets", tags)
        return [as_ruleset(it) for it in found if it["enforcement"] == "active"]

    def comments(self, number: int) -> list[Comment]:
        return self._talk.comments(number)

    def create_comment(self, number: int, body: str) -> Comment:
        return self._talk.comment(number, body)

    def update_comment(self, comment: int, body: str) -> Comment:
        return self._talk.change_comment(comment, body)

    def delete_comment(self, comment: int) -> None:
        self._talk.drop_comment(comment)

    def issues(self) -> list[Issue]:
        return self._talk.issues()

    def create_issue(self, title: str, body: str, labels: tuple[str, ...] = ()) -> Issue:
        return self._talk.open_issue(title, body, labels)

    def update_issue(self, issue: int, *, title: str, body: str) -> None:
        self._talk.change_issue(issue, title=title, body=body)

    def close_issue(self, issue: int) -> None:
        self._talk.close_issue(issue)

    def release(self, tag: str) -> Release | None:
        found = self._session.ask(f"read the release {tag}", partial(self._find_release, tag))
        return as_release(found) if found else None

    def create_release(self, tag: str, title: str, body: str, commit: str) -> Release:
        if there := self.release(tag):
            return there

        def send() -> GitRelease:
            return self._session.repo.create_git_release(
                tag, title, body, draft=True, target_commitish=commit
            )

        find = partial(self._find_release, tag)
        return as_release(self._session.create(f"draft the release {tag}", send, find))

    def update_release(self, release: int, *, title: str, body: str) -> Release:
        change = {"name": title, "body": body}
        return as_release(
            self._session.ask(
                f"update the release with the id {release}",
                lambda: self._session.patch_release(release, change),
            )
        )

    def publish_release(self, release: int, tag: str) -> Release:
        return as_release(
            self._session.ask(
                f"publish the release {tag}",
                lambda: self._session.patch_release(release, {"tag_name": tag, "draft": False}),
            )
        )

    def releases(self) -> Iterator[Release]:
        def read() -> list[GitRelease]:
            return [it for it in self._session.repo.get_releases() if not it.draft]

        return map(as_release, self._session.ask("list the releases", read))

    def drafts(self, prefix: str) -> list[Release]:
        def read() -> list[GitRelease]:
            listed = self._session.repo.get_releases()
            return [it for it in listed if it.draft and it.tag_name.startswith(prefix)]

        found = self._session.ask("list the drafts", read)
        return [as_release(it) for it in sorted(found, key=lambda it: it.id)]

    def delete_draft(self, release: int) -> None:
        doing = f"delete the draft with the id {release}"
        found = self._session.ask(
            doing, lambda: self._session.seek(lambda: self._read_release(release))
        )
        if found and not found.draft:
            raise published(found.tag_name)
        if found:
            self._session.ask(doing, lambda: self._session.seek(found.delete_release))

    def upload_asset(self, release: int, path: Path) -> Asset:
        doing = f"upload {path.name}"
        draft = self._session.ask(doing, lambda: self._read_release(release))
        if not draft.draft:
            raise published(draft.tag_name)
        self.limits.check({path.name: (size := path.stat().st_size)})
        self._session.ask(doing, lambda: self._clear(release, path.name, keep=None))
        send = partial(self._session.upload, draft, path)
        find = partial(self._clear, release, path.name, keep=size)
        return as_asset(self._session.create(doing, send, find))

    def download_asset(self, tag: str, name: str, to: Path) -> None:
        doing = f"download {name} of {tag}"
        release = self._session.ask(doing, partial(self._filed, tag))
        there = [it for it in release.assets if it.state == UPLOADED] if release else []
        asset = next((it for it in there if it.name == name), None)
        if asset is None:
            held = ", ".join(it.name for it in there)
            raise ForgeError(
                f"the release {tag} on {self.where} has no file {name}",
                hint=f"it has: {held}" if held else "register the version again",
            )
        self._session.ask(doing, lambda: self._session.transfer.download(asset.url, to))

    def dispatch(self, workflow: str, ref: str, inputs: dict[str, str]) -> None:
        def send() -> bool:
            it = self._session.repo.get_workflow(workflow)
            return it.create_dispatch(ref, inputs, throw=True)

        # Nothing to look for: a run does not show its inputs. What pennon starts can run twice.
        self._session.create(f"start {workflow} on {ref}", send, lambda: None)

    def deployments(self, environment: str) -> list[Deployment]:
        return self._deployments.standing(environment)

    def deployments_of(self, environment: str, model: str, version: str) -> list[Deployment]:
        return self._deployments.of(environment, model, version)

    def tries(self, environment: str, model: str) -> Iterator[Deployment]:
        return self._deployments.tries(environment, model)

    def record_deployment(self, deployment: NewDeployment) -> Deployment:
        return self._deployments.record(deployment)

    def _find_release(self, tag: str) -> GitRelease | None:
        """GitHub knows a draft by its id only, so drafts are found by listing all releases."""
        repo = self._session.repo
        if published := self._session.seek(lambda: repo.get_release(tag)):
            return published
        drafts = (it for it in repo.get_releases() if it.tag_name == tag)
        return min(drafts, key=lambda it: it.id, default=None)

    def _filed(self, tag: str) -> GitRelease | None:
        """The same for whoever wants its files: once it is published they never change."""
        found = self._published.get(tag) or self._find_release(tag)
        if found and not found.draft:
            self._published[tag] = found
        return found

    def _read_release(self, release: int) -> GitRelease:
        return self._session.repo.get_release(release).complete()

    def _clear(self, release: int, name: str, *, keep: int | None) -> GitReleaseAsset | None:
        """The asset of this name if it is whole (`keep` bytes); anything else there is deleted."""
        for it in self._read_release(release).assets:
            if it.name != name:
                continue
            if it.state == UPLOADED and it.size == keep:
                return it
            self._session.seek(it.delete_asset)
        return None
