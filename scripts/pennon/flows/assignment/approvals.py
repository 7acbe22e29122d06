"""Who agreed to a version: people who approved the pull request that it was made from."""

from __future__ import annotations

from pennon.config import Approvals
from pennon.errors import RefusedError
from pennon.forge import Merged

_OPINIONS = {"approved", "changes_requested", "dismissed"}
"""States that replace what the same person said before; a comment does not."""


def approvals(merged: Merged | None, rule: Approvals, what: str) -> tuple[str, ...]:
    """The logins whose last word is yes; the author's own does not count.

    Raises RefusedError where they are fewer than the rule needs; `what` is the version, for people.
    """
    agreed = _agreed(merged, rule) if merged else ()
    if len(agreed) >= rule.needed:
        return agreed
    who = f"one of {', '.join(rule.by)}" if rule.by else "somebody else than its author"
    if merged is None:
        raise RefusedError(
            f"{what} needs {rule.needed} approvals, and its commit came without a pull request",
            hint="merge a pull request that is approved, and register the version that it makes",
        )
    raise RefusedError(
        f"{what} needs {rule.needed} approvals of its pull request #{merged.number}, "
        f"and has {len(agreed)}{': ' + ', '.join(agreed) if agreed else ''}",
        hint=f"{who} has to approve it (a merged one, too), then promote again",
    )


def _agreed(merged: Merged, rule: Approvals) -> tuple[str, ...]:
    last = {it.by.casefold(): it for it in merged.reviews if it.state in _OPINIONS}
    counted = {name.casefold() for name in rule.by} or set(last)
    names = (counted - {merged.by.casefold()}) & set(last)
    return tuple(it.by for name, it in last.items() if name in names and it.state == "approved")
