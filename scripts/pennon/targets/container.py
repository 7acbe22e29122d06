"""The Dockerfile of a version: its locked environment, this pennon, its bundle. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from pennon.targets.rendered import LOGS, PORT, USER

UV = "0.13.8"
"""What installs the lock; its own version is part of the build."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What an image is made of. `epoch` is the version's time, in seconds since 1970."""

    base: str
    labels: Mapping[str, str]
    epoch: int


def dockerfile(recipe: Recipe) -> str:
    """For a build context with `bundle/` and `pennon/`.

    The environment is made in a stage of its own: the image has neither uv nor its cache.
    """
    labels = " \\\n      ".join(f"{key}={_quoted(it)}" for key, it in recipe.labels.items())
    ask = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/health', timeout=5)"
    health = json.dumps(["python", "-c", ask])
    command = ["python", "-m", "pennon.serving", "/bundle", "--host", "0.0.0.0"]  # noqa: S104
    command += ["--port", str(PORT), "--log", LOGS]
    return f"""\
FROM {recipe.base} AS environment
ARG SOURCE_DATE_EPOCH={recipe.epoch}
RUN python -m pip install --no-cache-dir uv=={UV}
COPY bundle/requirements.lock /requirements.lock
RUN uv venv --relocatable /venv \\
 && uv pip sync --python /venv/bin/python --no-cache --require-hashes --compile-bytecode \\
    /requirements.lock

FROM {recipe.base}
ARG SOURCE_DATE_EPOCH={recipe.epoch}
LABEL {labels}
RUN install --directory --owner={USER} --group={USER} {LOGS}
COPY --from=environment /venv /venv
COPY pennon /app/pennon
COPY bundle /bundle
ENV PATH=/venv/bin:$PATH \\
    PYTHONPATH=/app \\
    PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1 \\
    HOME=/tmp
WORKDIR /app
USER {USER}:{USER}
EXPOSE {PORT}
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD {health}
CMD {json.dumps(command)}
"""


def command(folder: str, image: str, epoch: int) -> str:
    """What builds and pushes it; the same context gives the same image."""
    output = f"type=image,name={image},push=true,rewrite-timestamp=true"
    return f"SOURCE_DATE_EPOCH={epoch} docker buildx build --output {output} {folder}"


def _quoted(value: str) -> str:
    """As a Dockerfile takes it: in double quotes, no variable in it."""
    return json.dumps(value, ensure_ascii=False).replace("$", "\\$")
