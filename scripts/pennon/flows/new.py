"""Bake a model repository from the template: whole or not at all."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pennon.assets import kit
from pennon.errors import ConfigError, MissingExtraError
from pennon.git import initialise


def questions() -> dict[str, str]:
    """Answer name -> what is asked, in order."""
    asked: dict[str, str] = _template()["__prompts__"]
    return asked


def choices(name: str) -> list[str]:
    """What may be answered, the usual answer first; empty where anything may."""
    found = _template()[name]
    return found if isinstance(found, list) else []


def usual(name: str) -> str:
    """The answer that the template would take."""
    found = _template()[name]
    return str(found[0] if isinstance(found, list) else found)


def bake(target: Path, answers: dict[str, str]) -> Path:
    """A model repository in `target`, with its first commit. Raises ConfigError for bad answers.

    `target` must not exist. Nothing is left there if anything fails.
    """
    _check(answers)
    if target.exists():
        raise ConfigError(f"{target} exists already", hint="name another folder, or remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        made = _cookiecutter(draft, answers | {"repo_name": target.name})
        initialise(made, "Make a model repository with pennon")
        made.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _cookiecutter(folder: Path, answers: dict[str, str]) -> Path:
    try:
        from cookiecutter.exceptions import (  # noqa: PLC0415  an extra
            CookiecutterException,
            FailedHookException,
        )
        from cookiecutter.main import cookiecutter  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(
            "baking needs cookiecutter", hint="pip install 'pennon[new]'"
        ) from None
    # It prints a traceback where the template's hook refuses an answer, after the hook's own words.
    logging.getLogger("cookiecutter").setLevel(logging.CRITICAL)
    try:
        made = cookiecutter(
            str(kit() / "template"),
            no_input=True,
            extra_context=answers,
            output_dir=str(folder),
            default_config=True,
        )
    except FailedHookException:
        raise ConfigError(
            "the template refuses these answers", hint="see above which, and what is possible"
        ) from None
    except CookiecutterException as error:
        raise ConfigError(f"the template refuses these answers: {error}") from None
    return Path(made)


def _check(answers: dict[str, str]) -> None:
    known = questions()
    for name, answer in answers.items():
        if name not in known:
            raise ConfigError(
                f"the template does not ask for {name!r}", hint=f"it asks for: {', '.join(known)}"
            )
        if choices(name) and answer not in choices(name):
            raise ConfigError(
                f"{name} cannot be {answer!r}", hint=f"it is one of: {', '.join(choices(name))}"
            )


def _template() -> dict[str, Any]:
    text = (kit() / "template" / "cookiecutter.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
