"""Does every event name the one before it? A tag's id hashes its content: the chain is a record."""

from __future__ import annotations

import re

from pennon.registry.state import Finding, ModelState

_PREVIOUS = re.compile(r"^previous: (?:'|\")?([0-9a-f]{40,64})(?:'|\")?$", re.MULTILINE)
_FIX = "compare with another clone: somebody moved, edited or removed a tag"


def chain(state: ModelState) -> list[Finding]:
    """Where the chain breaks. Events that GTO wrote carry no link, and break none."""
    findings = list(state.findings)
    before: str | None = None
    for event in state.events:
        said = _PREVIOUS.search(event.message)
        if said and said[1] != before:
            what = f"follows {said[1][:7]}, but the event before it is {(before or 'none')[:7]}"
            findings.append(Finding(event.tag, what, _FIX))
        before = event.oid
    return findings
