"""Pull requests, comments, dispatches and deployments as files; releases have their own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec

from pennon.errors import ForgeError
from pennon.forge.files import (
    chunks_of,
    claim,
    first,
    numbered,
    read_record,
    records,
    write_record,
    write_whole,
)
from pennon.forge.history import Move, move, standing
from pennon.forge.limits import LIMITS, Limits
from pennon.forge.local.releases import Releases
from pennon.forge.local.talk import Talk
from pennon.forge.protocol import (
    Asset,
    Comment,
    Deployment,
    Issue,
    Merged,
    NewDeployment,
    Pull,
    Release,
    Review,
    Ruleset,
)
from pennon.forge.settings import Settings


class Dispatched(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow that somebody asked for, waiting until it is taken."""

    number: int
    workflow: str
    ref: str
    inputs: dict[str, str]


class LocalForge:
    """Any number of processes may write at once: ids are unique, files appear whole."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Callable[[], datetime],
        login: str = "pennon[bot]",
        limits: Limits = LIMITS,
    ) -> None:
        self._root = root
        self._clock = clock
        self._login = login
        self.limits = limits
        self._talk = Talk(root, login, self.where)
        self._releases = Releases(root / "releases", self.where, self._now, limits)

    def _now(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __repr__(self) -> str:
        return f"LocalForge({str(self._root)!r})"

    @property
    def settings(self) -> Settings | None:
        """Whoever may write to the directory may do everything."""
        return None

    @property
    def where(self) -> str:
        return f"the local forge {self._root}"

    def login(self) -> str:
        return self._login

    def open_pull(
        self,
        *,
        title: str,
        head: str,
        base: str,
        base_branch: str,
        labels: tuple[str, ...] = (),
        from_fork: bool = False,
    ) -> Pull:
        """A pull request with the next number; on GitHub a person opens it."""
        pull = Pull(
            number=self._talk.number(),
            title=title,
            head=head,
            base=base,
            base_branch=base_branch,
            labels=labels,
            from_fork=from_fork,
            at=self._now(),
        )
        write_record(self._pull(pull.number), pull)
        return pull

    def pull(self, number: int) -> Pull:
        pull = read_record(self._pull(number), Pull)
        if pull is None:
            known = ", ".join(path.stem for path in numbered(self._root / "pulls"))
            raise ForgeError(
                f"there is no pull request {number} in {self.where}",
                hint=f"open are: {known}" if known else "none was opened yet",
            )
        return pull

    def review_pull(self, number: int, state: str) -> Review:
        """What its login says of a pull request; on GitHub a person does."""
        self.pull(number)
        review = Review(by=self._login, state=state, at=self._now())
        folder = self._root / "reviews"
        write_record(folder / str(number) / f"{claim(folder)}.json", review)
        return review

    def label_pull(self, number: int, *labels: str) -> None:
        """On GitHub a person does."""
        write_record(self._pull(number), msgspec.structs.replace(self.pull(number), labels=labels))

    def merge_pull(self, number: int, commit: str, *, by: str) -> Merged:
        """Its login makes somebody's pull request a part of its branch, as this commit."""
        pull = self.pull(number)
        merged = Merged(
            number=number,
            title=pull.title,
            by=by,
            merged_by=self._login,
            at=self._now(),
            opened=pull.at,
        )
        write_record(self._merge(commit), merged)
        return merged

    def merged(self, commit: str) -> Merged | None:
        found = read_record(self._merge(commit), Merged)
        if found is None:
            return None
        reviews = records(self._root / "reviews" / str(found.number), Review)
        labels = self.pull(found.number).labels
        return msgspec.structs.replace(found, reviews=tuple(reviews), labels=labels)

    def pulls_at(self, head: str) -> list[Pull]:
        merges = (self._root / "merges").glob("*.json")
        merged = {it.number for path in merges if (it := read_record(path, Merged))}
        pulls = records(self._root / "pulls", Pull)
        return [it for it in pulls if it.head == head and it.number not in merged]

    def request_pull(self, branch: str, base: str, *, title: str, body: str) -> str:
        """A directory knows no commits: the ends of the pull request are its branches."""
        del body
        found = next((it for it in self.pulls_at(branch) if it.base_branch == base), None)
        found = found or self.open_pull(title=title, head=branch, base=base, base_branch=base)
        return f"#{found.number}"

    def keep_artifact(self, run: int, name: str, archive: bytes) -> None:
        """What a run leaves behind; on GitHub a step of it uploads the files."""
        write_whole(self._artifact(run, name), [archive])

    def artifact(self, run: int, name: str, to: Path, *, most: int) -> bool:
        there = self._artifact(run, name)
        if not there.is_file():
            return False
        write_whole(to, first(chunks_of(there), most))
        return True

    def rulesets(self) -> list[Ruleset] | None:
        """A directory has no rules of its own: the git server beside it may."""
        return None

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
        return self._releases.find(tag)

    def create_release(self, tag: str, title: str, body: str, commit: str) -> Release:
        return self._releases.create(tag, title, body, commit)

    def update_release(self, release: int, *, title: str, body: str) -> Release:
        return self._releases.update(release, title=title, body=body)

    def publish_release(self, release: int, tag: str) -> Release:
        return self._releases.publish(release, tag)

    def releases(self) -> Iterator[Release]:
        return self._releases.published()

    def drafts(self, prefix: str) -> list[Release]:
        return self._releases.drafts(prefix)

    def delete_draft(self, release: int) -> None:
        self._releases.delete_draft(release)

    def upload_asset(self, release: int, path: Path) -> Asset:
        return self._releases.upload(release, path)

    def download_asset(self, tag: str, name: str, to: Path) -> None:
        self._releases.download(tag, name, to)

    def dispatch(self, workflow: str, ref: str, inputs: dict[str, str]) -> None:
        number = claim(self._root / "dispatches")
        asked = Dispatched(number=number, workflow=workflow, ref=ref, inputs=inputs)
        write_record(self._root / "dispatches" / f"{number}.json", asked)

    def dispatches(self) -> list[Dispatched]:
        """What waits to be run, in the order in which it was asked for."""
        return records(self._root / "dispatches", Dispatched)

    def take_dispatch(self, number: int) -> Dispatched:
        """Take it out of the queue, into `dispatches/taken/`. Of two takers one gets it."""
        path = self._root / "dispatches" / f"{number}.json"
        taken = path.parent / "taken" / path.name
        taken.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.rename(taken)
        except FileNotFoundError:
            raise ForgeError(
                f"dispatch {number} is not waiting in {self.where}",
                hint="somebody took it; list the queue again",
            ) from None
        return msgspec.json.decode(taken.read_bytes(), type=Dispatched)

    def deployments(self, environment: str) -> list[Deployment]:
        found = reversed(records(self._environment(environment), Deployment))
        return standing((it.model, _given(it)) for it in found)

    def deployments_of(self, environment: str, model: str, version: str) -> list[Deployment]:
        found = reversed(records(self._environment(environment), Deployment))
        return [it for it in found if (it.model, it.version) == (model, version)]

    def tries(self, environment: str, model: str) -> Iterator[Deployment]:
        found = reversed(records(self._environment(environment), Deployment))
        return (it for it in found if it.model == model)

    def record_deployment(self, deployment: NewDeployment) -> Deployment:
        known = self.deployments(deployment.environment)
        newest = next((it for it in known if it.model == deployment.model), None)
        match move(newest, deployment), newest:
            case Move.KEEP, Deployment():
                return newest
            case Move.ADVANCE, Deployment():
                number = newest.id
            case _:
                number = claim(self._root / "deployments")
        at = self._now()
        record = Deployment(**msgspec.structs.asdict(deployment), id=number, at=at)
        write_record(self._environment(deployment.environment) / f"{number}.json", record)
        return record

    def _pull(self, number: int) -> Path:
        return self._root / "pulls" / f"{number}.json"

    def _artifact(self, run: int, name: str) -> Path:
        return self._root / "artifacts" / str(run) / f"{quote(name, safe='')}.zip"

    def _merge(self, commit: str) -> Path:
        return self._root / "merges" / f"{quote(commit, safe='')}.json"

    def _environment(self, name: str) -> Path:
        return self._root / "deployments" / quote(name, safe="")


def _given(it: Deployment) -> Callable[[], Deployment]:
    return lambda: it
