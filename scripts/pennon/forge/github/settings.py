"""What GitHub keeps of a repository: its environments (who may deploy there, from where), its plan.

Rulesets, labels and variables are in rules.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pennon.forge.github.rules import ADMINISTRATOR, Rules
from pennon.forge.settings import Hosting, Protection

if TYPE_CHECKING:
    from pennon.forge.github.session import Session

_PAGE = {"per_page": 100}
_OURS = "api.github.com"
Json = dict[str, Any]


@dataclass(frozen=True)
class Environments:
    """Of one repository. Changing them needs an administrator's token: no workflow's will do."""

    session: Session

    def hosting(self) -> Hosting:
        def read() -> Hosting:
            repo = self._get("")
            private, owner = bool(repo["private"]), repo["owner"]
            if urlsplit(self.session.api_url).hostname not in (_OURS, "localhost"):
                return Hosting(private=private, plan="enterprise")  # a server of one's own
            if owner["type"] != "Organization":
                return Hosting(private=private, plan="")
            found = self._beyond(f"/orgs/{owner['login']}")
            return Hosting(private=private, plan=str((found.get("plan") or {}).get("name", "")))

        return self.session.ask("read what kind of repository this is", read)

    def environments(self) -> dict[str, Protection]:
        def read() -> dict[str, Protection]:
            return {it["name"]: self._protection(it) for it in self._listed()}

        return self.session.ask("list the environments", read)

    def protect(self, wanted: Protection) -> None:
        def write() -> None:
            path = _path(wanted.name)
            there = next((it for it in self._listed() if it["name"] == wanted.name), {})
            self.session.json("PUT", path, self._rules(there, wanted))
            self._patterns(path, wanted)

        doing = f"set up the environment {wanted.name}"
        self.session.ask(doing, write, needs=ADMINISTRATOR)

    def _protection(self, it: Json) -> Protection:
        patterns = self._policies(_path(it["name"])) if _is_custom(it) else []
        return Protection(
            name=it["name"],
            reviewers=tuple(sorted(_handle(one) for one in _reviewers(it))),
            branches=_of_kind("branch", patterns),
            tags=_of_kind("tag", patterns),
        )

    def _rules(self, there: Json, wanted: Protection) -> Json:
        """What nobody asks to change goes back as it was: GitHub forgets what is left out."""
        rules = {it["type"]: it for it in there.get("protection_rules", ())}
        if wanted.reviewers is None:
            reviewers = [
                {"type": it["type"], "id": it["reviewer"]["id"]} for it in _reviewers(there)
            ]
        else:
            reviewers = [self._reviewer(handle) for handle in wanted.reviewers]
        policy = there.get("deployment_branch_policy")
        if wanted.branches is not None or wanted.tags is not None:
            policy = {"protected_branches": False, "custom_branch_policies": True}
        return {
            "wait_timer": rules.get("wait_timer", {}).get("wait_timer", 0),
            "prevent_self_review": rules.get("required_reviewers", {}).get(
                "prevent_self_review", False
            ),
            "reviewers": reviewers,
            "deployment_branch_policy": policy,
        }

    def _patterns(self, path: str, wanted: Protection) -> None:
        """Each pattern that is wanted, and of the kinds that are wanted no other."""
        kinds = {"branch": wanted.branches, "tag": wanted.tags}
        if all(names is None for names in kinds.values()):
            return
        there = self._policies(path)
        for kind, names in kinds.items():
            if names is None:
                continue
            known = {it["name"]: it["id"] for it in there if it.get("type", "branch") == kind}
            for name in names:
                if name not in known:
                    body = {"name": name, "type": kind}
                    self.session.json("POST", f"{path}/deployment-branch-policies", body)
            for name, number in known.items():
                if name not in names:
                    self.session.json("DELETE", f"{path}/deployment-branch-policies/{number}")

    def _policies(self, path: str) -> list[Json]:
        found = self._get(f"{path}/deployment-branch-policies", _PAGE)
        return list(found["branch_policies"])

    def _listed(self) -> list[Json]:
        return list(self._get("/environments", _PAGE)["environments"])

    def _reviewer(self, handle: str) -> Json:
        """GitHub knows them by their numbers."""
        owner, _, team = handle.removeprefix("@").partition("/")
        if team:
            return {"type": "Team", "id": self._beyond(f"/orgs/{owner}/teams/{team}")["id"]}
        return {"type": "User", "id": self._beyond(f"/users/{owner}")["id"]}

    def _get(self, path: str, asked: Json | None = None) -> Json:
        return dict(self.session.json("GET", path, asked=asked))

    def _beyond(self, path: str) -> Json:
        """What is not the repository's own."""
        repo = self.session.repo
        root = repo.url.partition("/repos/")[0]
        return dict(repo.requester.requestJsonAndCheck("GET", f"{root}{path}")[1])


@dataclass(frozen=True)
class RepositorySettings(Environments, Rules):
    """All of them."""


def _path(name: str) -> str:
    return f"/environments/{quote(name, safe='')}"


def _is_custom(it: Json) -> bool:
    return bool((it.get("deployment_branch_policy") or {}).get("custom_branch_policies"))


def _of_kind(kind: str, patterns: list[Json]) -> tuple[str, ...]:
    return tuple(sorted(it["name"] for it in patterns if it.get("type", "branch") == kind))


def _reviewers(it: Json) -> list[Json]:
    rules = it.get("protection_rules") or ()
    return [
        one
        for rule in rules
        if rule["type"] == "required_reviewers"
        for one in rule.get("reviewers", ())
    ]


def _handle(it: Json) -> str:
    """`@ada`, or `@acme/validators`: a team's page names its organisation."""
    reviewer = it["reviewer"]
    if it["type"] != "Team":
        return f"@{reviewer['login']}"
    owner = str(reviewer.get("html_url", "")).partition("/orgs/")[2].partition("/")[0]
    return f"@{owner}/{reviewer['slug']}"
