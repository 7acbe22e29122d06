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


DEFAULTS: dict[str, dict[str, Any]] = {
    "update": {"update_allows_fetch_and_merge": False},
    "pull_request": {
        "allowed_merge_methods": ["merge", "squash", "rebase"],
        "required_reviewers": [],
    },
}
"""What GitHub adds to a rule that says nothing of it."""


@dataclass
class Rulesets:
    """One list per repository. As GitHub's it shows neither conditions nor rules."""

    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def create(self, call: Call) -> tuple[int, object]:
        kept = self.kept.setdefault(call.repo, [])
        if any(it["name"] == call.body["name"] for it in kept):
            return 422, {"message": "Validation Failed", "documentation_url": call.base}
        made = {
            "target": "branch",
            "bypass_actors": [],
            **self._ruled(call.body),
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
        if call.query.get("includes_parents") == "false":
            kept = [it for it in kept if it["source_type"] == "Repository"]
        return 200, [{k: v for k, v in it.items() if k not in hidden} for it in kept]

    def get(self, call: Call) -> tuple[int, object]:
        """Who may bypass it is told to whoever may change it."""
        found = self._one(call)
        hidden = set() if call.login == "acme" else {"bypass_actors"}
        return 200, {name: it for name, it in found.items() if name not in hidden}

    def put(self, call: Call) -> tuple[int, object]:
        """What is left out stays, but in a rule, which is whole."""
        found = self._one(call)
        found |= self._ruled(call.body)
        return 200, found

    def _one(self, call: Call) -> dict[str, Any]:
        return self.kept[call.repo][int(call.names[2]) - 1]

    def _ruled(self, body: dict[str, Any]) -> dict[str, Any]:
        rules = body.get("rules")
        return body if rules is None else {**body, "rules": [*map(self._whole, rules)]}

    def _whole(self, rule: dict[str, Any]) -> dict[str, Any]:
        parameters = {**DEFAULTS.get(rule["type"], {}), **rule.get("parameters", {})}
        return {**rule, "parameters": parameters} if parameters else rule


@dataclass
class Variables:
    """Of a repository. GitHub knows their names in capitals only."""

    kept: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def list(self, call: Call) -> tuple[int, object]:
        found = sorted(self._all(call).values(), key=lambda it: str(it["name"]))
        size, page = min(int(call.query["per_page"]), 30), int(call.query["page"])
        shown = found[(page - 1) * size : page * size]
        return 200, {"total_count": len(found), "variables": shown}

    def create(self, call: Call) -> tuple[int, object]:
        self._put(call, call.body["name"])
        return 201, {}

    def change(self, call: Call) -> tuple[int, object]:
        self._put(call, call.names[2])
        return 204, None

    def _put(self, call: Call, name: str) -> None:
        times = {"created_at": _time(0), "updated_at": _time(0)}
        made = {"name": name.upper(), "value": call.body["value"], **times}
        self._all(call)[name.upper()] = made

    def _all(self, call: Call) -> dict[str, dict[str, Any]]:
        return self.kept.setdefault(call.repo, {})


@dataclass
class Environments:
    """One list per repository, with patterns of branches and tags. Teams and plans are made up."""

    kept: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    patterns: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=lambda: {"validators": 71})
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def list(self, call: Call) -> tuple[int, object]:
        found = [*self.kept.get(call.repo, {}).values()]
        return 200, {"total_count": len(found), "environments": found}

    def put(self, call: Call) -> tuple[int, object]:
        """Whatever is left out is nought from then on, as on GitHub."""
        name, number = call.names[2], next(self.ids)
        url = f"{call.base}/repos/{call.repo}/environments/{name}"
        made = {
            "id": number,
            "node_id": f"EN_{number}",
            "name": name,
            "url": url,
            "html_url": url,
            "created_at": _time(number),
            "updated_at": _time(number),
            "protection_rules": [*self._rules(call, number)],
            "deployment_branch_policy": call.body.get("deployment_branch_policy"),
        }
        self.kept.setdefault(call.repo, {})[name] = made
        return 200, made

    def _rules(self, call: Call, number: int) -> Any:  # noqa: ANN401  a generator of JSON
        base = {"id": number, "node_id": f"GA_{number}"}
        if wait := call.body.get("wait_timer"):
            yield base | {"type": "wait_timer", "wait_timer": wait}
        if people := call.body.get("reviewers"):
            alone = call.body.get("prevent_self_review", False)
            shown = [{"type": it["type"], "reviewer": self._who(call, it)} for it in people]
            rule = {"type": "required_reviewers", "reviewers": shown}
            yield base | rule | {"prevent_self_review": alone}
        if call.body.get("deployment_branch_policy"):
            yield base | {"type": "branch_policy"}

    def _who(self, call: Call, it: dict[str, Any]) -> dict[str, Any]:
        if it["type"] == "User":
            return _user(call) | {"login": PEOPLE[it["id"]], "id": it["id"]}
        slug = next(name for name, number in self.teams.items() if number == it["id"])
        return self._team(call, slug)

    def team(self, call: Call) -> tuple[int, object]:
        slug = call.names[1]
        known = slug in self.teams
        return (200, self._team(call, slug)) if known else (404, {"message": "Not Found"})

    def _team(self, call: Call, slug: str) -> dict[str, Any]:
        url = f"{call.base}/orgs/acme/teams/{slug}"
        return {
            "id": self.teams[slug],
            "node_id": "T_1",
            "url": url,
            "html_url": f"https://github.com/orgs/acme/teams/{slug}",
            "name": slug,
            "slug": slug,
            "description": "",
            "privacy": "closed",
            "notification_setting": "notifications_enabled",
            "permission": "push",
            "members_url": url,
            "repositories_url": url,
            "parent": None,
            "type": "organization",
            "created_at": _time(0),
            "updated_at": _time(0),
            "members_count": 1,
            "repos_count": 1,
            "organization": ORGANIZATION,
        }

    def user(self, call: Call) -> tuple[int, object]:
        number = next((n for n, login in PEOPLE.items() if login == call.names[0].lower()), None)
        if number is None:
            return 404, {"message": "Not Found"}
        made = _user(call) | {"login": PEOPLE[number], "id": number}
        counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        texts = dict.fromkeys(("name", "company", "blog", "location", "email", "bio"), "")
        facts = {"hireable": None, "created_at": _time(0), "updated_at": _time(0)}
        return 200, made | counts | texts | facts

    def policies(self, call: Call) -> tuple[int, object]:
        found = self.patterns.get((call.repo, call.names[2]), [])
        return 200, {"total_count": len(found), "branch_policies": found}

    def add_policy(self, call: Call) -> tuple[int, object]:
        environment = self.kept[call.repo][call.names[2]]
        if not (environment["deployment_branch_policy"] or {}).get("custom_branch_policies"):
            return 404, {"message": "Not Found"}
        number = next(self.ids)
        kind = call.body.get("type", "branch")
        made = {"id": number, "node_id": f"BP_{number}", "name": call.body["name"], "type": kind}
        self.patterns.setdefault((call.repo, call.names[2]), []).append(made)
        return 200, made

    def drop_policy(self, call: Call) -> tuple[int, object]:
        found = self.patterns[call.repo, call.names[2]]
        found[:] = [it for it in found if str(it["id"]) != call.names[3]]
        return 204, None


ORGANIZATION: dict[str, Any] = {
    **dict.fromkeys(("login", "name", "avatar_url", "type"), "acme"),
    **dict.fromkeys(("url", "repos_url", "events_url", "html_url", "hooks_url"), "http://acme"),
    **dict.fromkeys(("issues_url", "members_url", "public_members_url"), "http://acme"),
    **dict.fromkeys(("public_repos", "public_gists", "followers", "following", "id"), 1),
    **dict.fromkeys(("has_organization_projects", "has_repository_projects"), True),
    "node_id": "O_1",
    "description": None,
    "archived_at": None,
    **dict.fromkeys(("created_at", "updated_at"), "2026-11-21T12:00:00Z"),
}
PEOPLE = {51: "ada", 52: "bob"}


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
