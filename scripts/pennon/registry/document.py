"""YAML as the payloads have it, by the C library where it was built."""

from __future__ import annotations

from typing import Any

import yaml


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # chosen at run time
    """The safe dumper, in C where it was built."""


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def dump(facts: Any) -> str:  # noqa: ANN401  any plain value
    """In the order of the fields, wrapped at 100 characters."""
    text: str = yaml.dump(facts, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


def load(text: str) -> Any:  # noqa: ANN401  whatever somebody wrote
    """Raises ValueError for what is no YAML."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  the safe loader in C
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from None
