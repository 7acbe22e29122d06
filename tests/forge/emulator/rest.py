"""The endpoints that the emulator lacks: deployments, artifacts, the bytes of assets."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NULL_URLS = (
    "avatar_url",
    "url",
    "html_url",
    "followers_url",
    "following_url",
    "gists_url",
    "starred_url",
    "subscriptions_url",
    "organizations_url",
    "repos_url",
    "events_url",
    "received_events_url",
)

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Call:
    """A request as an endpoint sees it. `names` are the parts of the path."""

    names: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]
    base: str
    login: str

    @property
    def repo(self) -> str:
        return "/".join(self.names[:2])


@dataclass
class Deployments:
    """One list per repository. Each change is a second later than the one before."""

    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def create(self, call: Call) -> tuple[int, object]:
        it = call.body
        if it.get("auto_merge", True) or it.get("required_contexts") != []:
            # What GitHub says where the commit is behind the default branch, or unchecked.
            return 409, {"message": "Conflict: Commit status checks failed for " + it["ref"]}
        url = f"{call.base}/repos/{call.repo}"
        number = next(self.ids)
        made = {
            "id": number,
            "node_id": f"DE_{number}",
            "url": f"{url}/deployments/{number}",
            "sha": it["ref"],
            "ref": it["ref"],
            "task": it.get("task", "deploy"),
            "payload": it.get("payload", ""),
            "environment": it.get("environment", "production"),
            "original_environment": it.get("environment", "production"),
            "description": it.get("description", ""),
            "creator": _user(call),
            "created_at": _time(number),
            "updated_at": _time(number),
            "statuses_url": f"{url}/deployments/{number}/statuses",
            "repository_url": url,
        }
        self.kept.setdefault(call.repo, []).insert(0, made)
        self.statuses[number] = []
        return 201, made

    def list(self, call: Call) -> tuple[int, object]:
        wanted = call.query.get("environment")
        kept = self.kept.get(call.repo, [])
        return 200, [it for it in kept if wanted in {None, it["environment"]}]

    def create_status(self, call: Call) -> tuple[int, object]:
        number = int(call.names[2])
        deployment = next(it for it in self.kept[call.repo] if it["id"] == number)
        environment = deployment["environment"]
        made = self._status(call, deployment, call.body["state"])
        made["description"] = call.body.get("description", "")
        made["environment_url"] = call.body.get("environment_url", "")
        if made["state"] == "success" and call.body.get("auto_inactive", True):
            for other in self.kept[call.repo]:
                if other is not deployment and other["environment"] == environment:
                    self._status(call, other, "inactive")
        return 201, made

    def list_statuses(self, call: Call) -> tuple[int, object]:
        return 200, self.statuses[int(call.names[2])]

    def _status(self, call: Call, deployment: dict[str, Any], state: str) -> dict[str, Any]:
        number = next(self.ids)
        made = {
            "id": number,
            "node_id": f"DES_{number}",
            "url": f"{deployment['statuses_url']}/{number}",
            "state": state,
            "description": "",
            "environment": deployment["environment"],
            "environment_url": "",
            "target_url": "",
            "log_url": "",
            "creator": _user(call),
            "created_at": _time(number),
            "updated_at": _time(number),
            "deployment_url": deployment["url"],
            "repository_url": deployment["repository_url"],
        }
        self.statuses[deployment["id"]].insert(0, made)
        return made


@dataclass
class Rulesets:
    """One list per repository. As GitHub's it shows neither conditions nor rules."""

    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def create(self, call: Call) -> tuple[int, object]:
        kept = self.kept.setdefault(call.repo, [])
        made = {
            **call.body,
            "id": len(kept) + 1,
            "source": call.repo,
            "source_type": "Repository",
            "node_id": f"RRS_{len(kept) + 1}",
            "created_at": _time(len(kept)),
            "updated_at": _time(len(kept)),
        }
        kept.append(made)
        return 201, made

    def list(self, call: Call) -> tuple[int, object]:
        targets = call.query.get("targets", "branch,tag,push").split(",")
        hidden = {"conditions", "rules", "bypass_actors"}
        kept = [it for it in self.kept.get(call.repo, []) if it.get("target", "branch") in targets]
        return 200, [{k: v for k, v in it.items() if k not in hidden} for it in kept]

    def get(self, call: Call) -> tuple[int, object]:
        return 200, self.kept[call.repo][int(call.names[2]) - 1]


@dataclass
class Artifacts:
    """Of runs, by repository. Like GitHub it hands out an address elsewhere, never the bytes."""

    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)

    def keep(self, repo: str, run: int, name: str, content: bytes, *, expired: bool = False) -> int:
        number = 7_000 + len(self.contents)
        self.contents[number] = content
        made = {"id": number, "name": name, "run": run, "expired": expired}
        self.kept.setdefault(repo, []).insert(0, made)
        return number

    def list(self, call: Call) -> tuple[int, object]:
        run, name = int(call.names[2]), call.query.get("name")
        ours = [it for it in self.kept.get(call.repo, []) if it["run"] == run]
        found = [self._shown(call, it) for it in ours if name in {None, it["name"]}]
        return 200, {"total_count": len(found), "artifacts": found[: int(call.query["per_page"])]}

    def _shown(self, call: Call, it: dict[str, Any]) -> dict[str, Any]:
        number = it["id"]
        url = f"{call.base}/repos/{call.repo}/actions/artifacts/{number}"
        return {
            "id": number,
            "node_id": f"A_{number}",
            "name": it["name"],
            "size_in_bytes": 1,  # what it says of itself is not to be relied on
            "url": url,
            "archive_download_url": f"{url}/zip",
            "expired": it["expired"],
            "created_at": _time(0),
            "expires_at": _time(1),
            "updated_at": _time(0),
            "workflow_run": {"id": it["run"]},
        }


@dataclass
class Bytes:
    """What was uploaded, by the id of the asset; the emulator keeps sizes only."""

    kept: dict[int, bytes] = field(default_factory=dict)
    half: set[int] = field(default_factory=set)

    def keep(self, asset: int, content: bytes) -> None:
        self.kept[asset] = content

    def tell(self, answer: Any) -> None:  # noqa: ANN401  any JSON
        """GitHub adds the digest wherever it shows an asset."""
        match answer:
            case list():
                for it in answer:
                    self.tell(it)
            case {"browser_download_url": _, "id": asset}:
                content = self.kept.get(asset)
                if content is not None:
                    answer["state"] = "starter" if asset in self.half else "uploaded"
                    answer["digest"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
            case {"assets": assets}:
                self.tell(assets)
            case _:
                pass


def _user(call: Call) -> dict[str, Any]:
    urls = dict.fromkeys(NULL_URLS, f"{call.base}/users/{call.login}")
    kind = "Bot" if call.login.endswith("[bot]") else "User"
    facts = {"login": call.login, "id": 1, "node_id": "U_1", "gravatar_id": "", "type": kind}
    return {**facts, **urls, "site_admin": False}


def _time(number: int) -> str:
    return (START + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
