"""Do the forge's rules keep the events of a registry from being moved and deleted?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pennon.forge import Ruleset

NEEDED = {"update": "moved or edited", "deletion": "deleted"}
"""The rule of a ruleset -> what it keeps people from."""

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\[[^]]+\]|[^*?[]+|\[")
_MEANING = {"**/": "(?:[^/]+/)*", "**": "[^/]*", "*": "[^/]*", "?": "[^/]"}
"""fnmatch as GitHub uses it for rulesets, with FNM_PATHNAME: a star ends at a slash."""


def unprotected(models: Iterable[str], rulesets: list[Ruleset]) -> Iterator[tuple[str, str]]:
    """(model, what can happen to its events), for each model whose events are not safe."""
    for model in models:
        name = model.replace(":", "=")
        refs = (f"refs/tags/{name}@v1.0.0", f"refs/tags/{name}#champion#1")
        open_to = [
            what
            for rule, what in NEEDED.items()
            if not all(any(_covers(it, rule, ref) for it in rulesets) for ref in refs)
        ]
        if open_to:
            yield model, " or ".join(open_to)


def _covers(ruleset: Ruleset, rule: str, ref: str) -> bool:
    included = any(_fits(pattern, ref) for pattern in ruleset.include)
    excluded = any(_fits(pattern, ref) for pattern in ruleset.exclude)
    return rule in ruleset.rules and included and not excluded


def _fits(pattern: str, ref: str) -> bool:
    if pattern == "~ALL":
        return True
    return bool(re.fullmatch("".join(map(_meaning, _PARTS.findall(pattern))), ref))


def _meaning(part: str) -> str:
    is_set = part.startswith("[") and part.endswith("]")
    return _MEANING.get(part) or (part if is_set else re.escape(part))
