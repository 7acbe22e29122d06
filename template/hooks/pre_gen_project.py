"""Refuse names that git, Python or the registry cannot hold, before anything is written."""

import keyword
import re
import sys

RULES = {
    "repo_name": (r"[A-Za-z0-9._-]+", "letters, digits, dot, dash and underscore"),
    "package_name": (r"[a-z][a-z0-9_]*", "a Python name in lower case"),
    "model_name": (
        r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?",
        "letters, digits, dash and underscore, beginning and ending with a letter or digit",
    ),
    "owner": (r"@[A-Za-z0-9-]+(?:/[A-Za-z0-9._-]+)?", "@user or @organisation/team"),
    "validators": (r"@[A-Za-z0-9-]+(?:/[A-Za-z0-9._-]+)?", "@user or @organisation/team"),
}
ANSWERS = {
    "repo_name": {{ cookiecutter.repo_name | tojson }},
    "package_name": {{ cookiecutter.package_name | tojson }},
    "model_name": {{ cookiecutter.model_name | tojson }},
    "owner": {{ cookiecutter.owner | tojson }},
    "validators": {{ cookiecutter.validators | tojson }},
}

wrong = [
    f"{name}: {answer!r} is not possible; use {words}"
    for name, answer in ANSWERS.items()
    for pattern, words in [RULES[name]]
    if not re.fullmatch(pattern, answer) or keyword.iskeyword(answer)
]
if wrong:
    sys.exit("\n".join(wrong))
