"""Names that a cluster takes, made of names that the registry takes. Pure."""

from __future__ import annotations

import re
from hashlib import sha256

MOST = 40
"""Characters: what controllers append to a name has to fit into 63, too."""
_LABEL = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_MARKED = re.compile(r"-[0-9a-f]{8}$")


def dns(*parts: str, most: int = MOST) -> str:
    """A DNS label (RFC 1035) for one name, or for names together: never the same for others.

    A name that is a label already stays as it is; any other one gets eight digits of its hash.
    """
    joined = "-".join(parts)
    plain = _LABEL.fullmatch(joined) and not _MARKED.search(joined)
    if plain and len(joined) <= most and not any("-" in part for part in parts[:-1]):
        return joined
    mark = sha256("\0".join(parts).encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", joined.lower()).strip("-")
    slug = slug if slug[:1].isalpha() else f"m-{slug}"
    return f"{slug[: most - 9].strip('-')}-{mark}"
