"""Refuse names that git, Python, YAML or the registry cannot hold, before anything is written."""

import keyword
import re
import sys
from pathlib import Path

Path(__file__).unlink()  # this copy, made for these answers: cookiecutter would leave it behind

HANDLE = (r"@[A-Za-z0-9-]+(?:/[A-Za-z0-9._-]+)?", "@user or @organisation/team")
RULES = {
    "repo_name": (r"[A-Za-z0-9._-]+", "letters, digits, dot, dash and underscore"),
    "package_name": (r"[a-z][a-z0-9_]*", "a Python name in lower case"),
    "model_name": (
        r"[a-zA-Z](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?",
        "letters, digits, dash and underscore, from a letter to a letter or digit",
    ),
    "owner": HANDLE,
    "validators": HANDLE,
}
# What the generated code imports, and pennon with it: a package of this name would hide it.
LIBRARIES = {"numpy", "pandas", "pennon", "pytest", "scipy", "skops", "sklearn", "tests", "yaml"}
TAKEN = {
    "package_name": {*keyword.kwlist, *sys.stdlib_module_names, *LIBRARIES},
    "model_name": {"null", "true", "false", "yes", "no", "on", "off"},  # no names in YAML
}
ANSWERS = {
    "repo_name": {{ cookiecutter.repo_name | tojson }},
    "package_name": {{ cookiecutter.package_name | tojson }},
    "model_name": {{ cookiecutter.model_name | tojson }},
    "owner": {{ cookiecutter.owner | tojson }},
    "validators": {{ cookiecutter.validators | tojson }},
}


def flaw(name, answer):
    pattern, words = RULES[name]
    if not re.fullmatch(pattern, answer):
        return f"{name}: {answer!r} is not possible; use {words}"
    if answer.lower() in TAKEN.get(name, ()):
        return f"{name}: {answer!r} means something else already; use another name"
    return None


wrong = [found for name, answer in ANSWERS.items() if (found := flaw(name, answer))]
if wrong:
    sys.exit("\n".join(wrong))
