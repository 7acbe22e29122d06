"""What pennon asks of a forge: records, one Protocol, and what every forge refuses alike."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from pennon.errors import ForgeError
from pennon.forge.limits import Limits
from pennon.forge.settings import Settings


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request as far as pennon cares."""

    number: int
    title: str
    head: str  # commit id of its newest commit
    base: str  # commit id of the tip of the branch it wants to change
    base_branch: str
    labels: tuple[str, ...] = ()
    from_fork: bool = False
    at: str = ""  # when it was opened; RFC 3339, UTC


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said of a pull request: approved, changes_requested, commented, dismissed."""

    by: str
    state: str
    at: str  # RFC 3339, UTC


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request that is part of a branch, and who answers for that."""

    number: int
    title: str
    by: str  # who opened it
    merged_by: str
    at: str  # when it was merged; RFC 3339, UTC
    opened: str = ""  # when it was opened, where that is known
    reviews: tuple[Review, ...] = ()
    labels: tuple[str, ...] = ()  # as they are now


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    body: str
    author: str
    is_bot: bool
    url: str = ""  # where people read it, if it has an address


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An open issue. `is_insider`: its author may write to the repository, or is its workflow.

    What anybody else writes into an issue is no record of ours.
    """

    number: int
    title: str
    body: str
    author: str
    is_insider: bool
    url: str = ""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a release. `digest` is `sha256:<hex>` where the forge tells."""

    id: int
    name: str
    size: int
    digest: str | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """`tag` is only a name while it is a draft: no git tag belongs to it yet."""

    id: int
    tag: str
    title: str
    body: str
    draft: bool
    at: str = ""  # when it was made; RFC 3339, UTC
    assets: tuple[Asset, ...] = ()

    def asset(self, name: str) -> Asset | None:
        return next((asset for asset in self.assets if asset.name == name), None)


def published(tag: str) -> ForgeError:
    """What to say to whoever wants to change the files of a published release."""
    return ForgeError(
        f"the release {tag} is published, its files never change again",
        hint="register a new version",
    )


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """An active rule for tags. `include` and `exclude` are patterns of whole refs, or `~ALL`."""

    name: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: tuple[str, ...]  # such as deletion, update


class DeploymentState(StrEnum):
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"


class NewDeployment(msgspec.Struct, frozen=True, kw_only=True):
    environment: str
    model: str
    version: str
    commit: str
    assignment: str  # object id of the assignment tag that asked for it
    digest: str  # of the artifact that runs
    state: DeploymentState
    url: str = ""
    why: str = ""
    image: str = ""  # with its digest, where it runs as one


class Deployment(NewDeployment, frozen=True, kw_only=True):
    id: int
    at: str  # RFC 3339, UTC


class Forge(Protocol):
    """Primitives only: what to write and when is decided above. Every method may raise ForgeError.

    Methods that create something look first where a repeated call could make a duplicate.
    """

    @property
    def where(self) -> str:
        """For people: `owner/repo on github.com`, or the directory."""

    @property
    def limits(self) -> Limits:
        """What a release holds at most; `upload_asset` refuses what is too large."""

    @property
    def settings(self) -> Settings | None:
        """None where the forge keeps no settings."""

    def login(self) -> str:
        """Who writes: the author name that our own comments carry."""

    def pull(self, number: int) -> Pull: ...

    def merged(self, commit: str) -> Merged | None:
        """The pull request that brought a commit to its branch; None where it came without one."""

    def pulls_at(self, head: str) -> list[Pull]:
        """The open pull requests whose newest commit is `head`, oldest first."""

    def request_pull(self, branch: str, base: str, *, title: str, body: str) -> str:
        """Where the open pull request of a branch is; it is opened where there is none."""

    def artifact(self, run: int, name: str, to: Path, *, most: int) -> bool:
        """Write the zip of a run's newest artifact of this name to `to`; False where there is none.

        No more than `most` bytes are written: of a zip that is longer only the beginning.
        """

    def rulesets(self) -> list[Ruleset] | None:
        """The active rules for tags, those of its owner too; None where no forge keeps rules."""

    def comments(self, number: int) -> list[Comment]:
        """All comments of a pull request or issue, oldest first, every page."""

    def create_comment(self, number: int, body: str) -> Comment: ...

    def update_comment(self, comment: int, body: str) -> Comment: ...

    def delete_comment(self, comment: int) -> None:
        """Nothing happens where it is gone already."""

    def issues(self) -> list[Issue]:
        """The open issues without the pull requests, oldest first, every page."""

    def create_issue(self, title: str, body: str, labels: tuple[str, ...] = ()) -> Issue: ...

    def update_issue(self, issue: int, *, title: str, body: str) -> None: ...

    def close_issue(self, issue: int) -> None:
        """As one that nothing is planned for."""

    def release(self, tag: str) -> Release | None:
        """The release of this tag, drafts included; None where there is none."""

    def create_release(self, tag: str, title: str, body: str, commit: str) -> Release:
        """A draft that will belong to `tag` on `commit`; the existing one if there is one."""

    def update_release(self, release: int, *, title: str, body: str) -> Release: ...

    def upload_asset(self, release: int, path: Path) -> Asset:
        """Upload under the file's own name, replacing an asset of that name in a draft."""

    def download_asset(self, tag: str, name: str, to: Path) -> None:
        """Write the asset's bytes to the file `to`, whole or not at all."""

    def publish_release(self, release: int, tag: str) -> Release:
        """Make it the release of `tag`, which exists: from now on its files never change."""

    def releases(self) -> Iterator[Release]:
        """Every release that is published, newest first."""

    def drafts(self, prefix: str) -> list[Release]:
        """The drafts whose tag begins so, oldest first."""

    def delete_draft(self, release: int) -> None:
        """Nothing happens where it is gone already; a published release is refused."""

    def dispatch(self, workflow: str, ref: str, inputs: dict[str, str]) -> None:
        """Start the workflow file `workflow` (a name such as `deploy.yml`) on branch `ref`."""

    def deployments(self, environment: str) -> list[Deployment]:
        """Newest first, each with its latest state; of each model back to its newest success."""

    def deployments_of(self, environment: str, model: str, version: str) -> list[Deployment]:
        """Every deployment of a version there that the forge still lists, newest first."""

    def tries(self, environment: str, model: str) -> Iterator[Deployment]:
        """Every deployment of a model there that the forge lists, newest first, read as taken."""

    def record_deployment(self, deployment: NewDeployment) -> Deployment:
        """A state of the newest deployment, or a new deployment: `history.move` says which."""
