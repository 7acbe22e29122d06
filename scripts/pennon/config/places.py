"""Where something stands in a file: the line of a gate in gates.yaml."""

from __future__ import annotations

import yaml


def line_of_gate(text: str, gate: str) -> int:
    """The line, from 1, of the gate's id; 0 where the file has no such gate."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return 0
    for listed in _values(root, "gates"):
        for entry in listed.value if isinstance(listed, yaml.SequenceNode) else ():
            for name in _values(entry, "id"):
                if name.value == gate:
                    return int(name.start_mark.line) + 1
    return 0


def _values(node: yaml.Node | None, key: str) -> list[yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return [value for name, value in pairs if name.value == key]
