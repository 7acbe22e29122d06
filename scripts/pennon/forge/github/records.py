"""PyGithub's objects into our records: nothing of GitHub's shapes leaves this folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.forge.protocol import (
    Asset,
    Comment,
    Deployment,
    DeploymentState,
    Issue,
    Merged,
    NewDeployment,
    Pull,
    Release,
    Review,
    Ruleset,
)

if TYPE_CHECKING:
    from github.Deployment import Deployment as TheirDeployment
    from github.DeploymentStatus import DeploymentStatus
    from github.GitRelease import GitRelease
    from github.GitReleaseAsset import GitReleaseAsset
    from github.Issue import Issue as TheirIssue
    from github.IssueComment import IssueComment
    from github.NamedUser import NamedUser
    from github.Organization import Organization
    from github.PullRequest import PullRequest
    from github.PullRequestReview import PullRequestReview

UPLOADED = "uploaded"
"""The state of an asset that arrived; a broken upload leaves one in the state `starter`."""

ACTIONS_LOGIN = "github-actions[bot]"
INSIDERS = {"OWNER", "MEMBER", "COLLABORATOR"}
"""Authors who belong to the repository, in GitHub's words."""

RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"

WHY_LIMIT = 140
"""Characters of a deployment status's description."""

STATES = {
    "queued": DeploymentState.IN_PROGRESS,
    "pending": DeploymentState.IN_PROGRESS,
    "in_progress": DeploymentState.IN_PROGRESS,
    "success": DeploymentState.SUCCESS,
    "failure": DeploymentState.FAILURE,
    "error": DeploymentState.FAILURE,
}
"""GitHub's `inactive` is no state of ours: it says that something newer runs."""


class Payload(msgspec.Struct, frozen=True, kw_only=True, tag_field="pennon", tag="deployment/v1"):
    """What a deployment of ours carries; one without it was made by somebody else."""

    model: str
    version: str
    commit: str
    assignment: str
    digest: str
    image: str = ""


def as_ruleset(it: dict[str, Any]) -> Ruleset:
    """PyGithub has no class for it. A ruleset that is not about refs has no `ref_name`."""
    refs = (it.get("conditions") or {}).get("ref_name") or {}
    return Ruleset(
        name=it["name"],
        include=tuple(refs.get("include", ())),
        exclude=tuple(refs.get("exclude", ())),
        rules=tuple(rule["type"] for rule in it.get("rules", ())),
    )


def as_pull(it: PullRequest, base: str) -> Pull:
    head = it.head.repo  # None once the fork is deleted
    return Pull(
        number=it.number,
        title=it.title,
        head=it.head.sha,
        base=base,
        base_branch=it.base.ref,
        labels=tuple(label.name for label in it.labels),
        from_fork=head is None or head.full_name != it.base.repo.full_name,
        at=it.created_at.strftime(RFC_3339),
    )


def as_merged(it: PullRequest, at: datetime, reviews: Iterable[PullRequestReview]) -> Merged:
    return Merged(
        number=it.number,
        title=it.title,
        by=_login(it.user),
        merged_by=_login(it.merged_by),
        at=at.strftime(RFC_3339),
        opened=it.created_at.strftime(RFC_3339),
        # One that is pending was never handed in: its author alone sees it.
        reviews=tuple(as_review(review) for review in reviews if review.state != "PENDING"),
        labels=tuple(label.name for label in it.labels),
    )


def as_review(it: PullRequestReview) -> Review:
    return Review(by=_login(it.user), state=it.state.lower(), at=it.submitted_at.strftime(RFC_3339))


def as_comment(it: IssueComment) -> Comment:
    return Comment(
        id=it.id,
        body=it.body or "",
        author=_login(it.user),
        is_bot=getattr(it.user, "type", "") == "Bot",
        url=it.html_url,
    )


def as_issue(it: TheirIssue) -> Issue:
    is_bot = getattr(it.user, "type", "") == "Bot"
    association = it.raw_data.get("author_association")
    return Issue(
        number=it.number,
        title=it.title,
        body=it.body or "",
        author=_login(it.user),
        is_insider=association in INSIDERS or (is_bot and _login(it.user) == ACTIONS_LOGIN),
        url=it.html_url,
    )


def _login(it: NamedUser | Organization | None) -> str:
    """There is no author once the account is deleted; GitHub shows a ghost."""
    return getattr(it, "login", "ghost")


def as_asset(it: GitReleaseAsset) -> Asset:
    return Asset(id=it.id, name=it.name, size=it.size, digest=it.digest)


def as_release(it: GitRelease) -> Release:
    return Release(
        id=it.id,
        tag=it.tag_name,
        title=it.name or "",
        body=it.body or "",
        draft=it.draft,
        at=it.created_at.strftime(RFC_3339),
        assets=tuple(as_asset(asset) for asset in it.assets if asset.state == UPLOADED),
    )


def payload_of(new: NewDeployment) -> Payload:
    return Payload(**{name: getattr(new, name) for name in Payload.__struct_fields__})


def cut(why: str) -> str:
    return why if len(why) <= WHY_LIMIT else f"{why[: WHY_LIMIT - 1]}…"


def is_state(it: DeploymentStatus) -> bool:
    return it.state in STATES


def as_payload(found: Any) -> Payload | None:  # noqa: ANN401  foreign data comes in here
    """Ours, or None. GitHub hands a payload out as an object or as text."""
    try:
        if isinstance(found, str):
            return msgspec.json.decode(found, type=Payload)
        return msgspec.convert(found, Payload)
    except msgspec.MsgspecError:
        return None


def as_deployment(
    it: TheirDeployment, payload: Payload, status: DeploymentStatus | None
) -> Deployment:
    """With no status yet it was interrupted right after it was made: still in progress."""
    when = status.created_at if status else it.created_at
    return Deployment(
        **msgspec.structs.asdict(payload),
        id=it.id,
        environment=it.environment,
        state=STATES[status.state] if status else DeploymentState.IN_PROGRESS,
        url=(status.environment_url or "") if status else "",
        why=(status.description or "") if status else "",
        at=when.strftime(RFC_3339),
    )
