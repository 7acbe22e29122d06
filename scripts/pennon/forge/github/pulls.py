"""Pull requests on GitHub, and which of them brought a commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pennon.forge.github.records import as_merged, as_pull
from pennon.forge.protocol import Merged, Pull

if TYPE_CHECKING:
    from pennon.forge.github.session import Session


@dataclass(frozen=True)
class Pulls:
    """Of one repository."""

    session: Session

    def one(self, number: int) -> Pull:
        def read() -> Pull:
            pull = self.session.repo.get_pull(number)
            # GitHub's own base.sha is the tip at the last push to the pull request.
            tip = self.session.repo.get_git_ref(f"heads/{pull.base.ref}")
            return as_pull(pull, tip.object.sha)

        return self.session.ask(f"read pull request {number}", read)

    def merged(self, commit: str) -> Merged | None:
        def read() -> Merged | None:
            listed = self.session.repo.get_commit(commit).get_pulls()
            pulls = [(it.merged_at, it) for it in listed if it.merged_at]
            if not pulls:
                return None
            at, it = min(pulls, key=lambda pair: pair[0])
            return as_merged(it, at, it.get_reviews())

        doing = f"read which pull request brought {commit[:7]}"
        return self.session.ask(doing, lambda: self.session.seek(read))

    def at(self, head: str) -> list[Pull]:
        def read() -> list[Pull]:
            repo = self.session.repo
            listed = repo.get_pulls(state="open", sort="created", direction="asc")
            found = [it for it in listed if it.head.sha == head]
            return [
                as_pull(it, repo.get_git_ref(f"heads/{it.base.ref}").object.sha) for it in found
            ]

        return self.session.ask(f"find the pull request of {head[:7]}", read)

    def request(self, branch: str, base: str, *, title: str, body: str) -> str:
        """The address of the open one of this branch; a new one where there is none."""
        owner = self.session.repository.partition("/")[0]

        def find() -> str | None:
            listed = self.session.repo.get_pulls(state="open", head=f"{owner}:{branch}", base=base)
            return next((it.html_url for it in listed if it.head.ref == branch), None)

        def send() -> str:
            made = self.session.repo.create_pull(base=base, head=branch, title=title, body=body)
            return made.html_url

        doing = f"open a pull request for {branch}"
        return self.session.ask(doing, find) or self.session.create(doing, send, find)
