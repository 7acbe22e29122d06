#!/usr/bin/env bash
# Make the environment of a job and put it on the path: `install.sh light` or `install.sh training`.
# light: pennon's own locked core. training: the model repository's lock, with pennon added to it.
set -euo pipefail

mode=$1
kit=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=${PENNON_TOOLS:-${RUNNER_TEMP:?}/pennon}
uv=0.13.8

case $mode in
  light) lock=$kit/scripts/locks/core.txt ;;
  training) lock=$PWD/requirements.lock ;;
  *) echo "::error::install.sh takes light or training, not '$mode'"; exit 2 ;;
esac
if [ ! -f "$lock" ]; then
  echo "::error::$lock is missing; make it with: uv pip compile requirements.in -o requirements.lock"
  exit 3
fi
if ! python=$(python3 -c 'import sys; print(sys.executable); sys.exit(sys.version_info < (3, 11))'); then
  echo "::error::pennon needs Python 3.11 or newer; $(python3 --version) is first on the path"
  exit 3
fi

# A folder is made aside and renamed when it is whole: of two jobs of one machine that make the same
# at once, one wins and none waits. (A lock would need flock, which macOS does not have.)
mkdir -p "$tools"
draft=$(mktemp -d "$tools/.new-XXXXXX")
trap 'rm -rf "$draft"' EXIT
settle() {  # settle DRAFT FOLDER
  "$python" -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$1" "$2" 2>/dev/null || [ -d "$2" ]
}

if ! command -v uv >/dev/null; then  # the steps that follow need it too: the target local runs it
  programs=$tools/uv-$uv
  if [ ! -d "$programs" ]; then
    "$python" -m venv "$draft/uv"
    "$draft/uv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv"
    settle "$draft/uv" "$programs"
  fi
  PATH=$programs/bin:$PATH
  echo "$programs/bin" >>"$GITHUB_PATH"
fi

# An environment is named by what goes into it: a runner that keeps PENNON_TOOLS makes it once.
contents() {
  cat "$lock" "$kit/scripts/locks/build.txt"
  "$python" -VV
  (cd "$kit" && find pyproject.toml scripts/pennon -type f ! -name '*.pyc' -print -exec git hash-object {} +)
}
name=$mode-$(contents | sort | git hash-object --stdin | cut -c1-16)
environment=$tools/$name
if [ ! -d "$environment" ]; then
  made=$draft/environment
  uv venv --quiet --relocatable --python "$python" "$made"
  uv pip sync --quiet --python "$made/bin/python" "$lock"
  uv build --quiet --wheel --python "$python" --out-dir "$draft/wheel" \
    --require-hashes --build-constraints "$kit/scripts/locks/build.txt" "$kit"
  uv pip install --quiet --no-deps --python "$made/bin/python" "$draft"/wheel/*.whl
  settle "$made" "$environment"
fi
echo "$environment/bin" >>"$GITHUB_PATH"
echo "VIRTUAL_ENV=$environment" >>"$GITHUB_ENV"

# Tags and commits need a name, and a runner has none: that of whoever started the run, unless the
# job has said another one.
if [ -z "${GIT_COMMITTER_NAME:-}" ] && ! git config user.name >/dev/null; then
  who=${GITHUB_TRIGGERING_ACTOR:-${GITHUB_ACTOR:-}}
  mail=$who
  if [ "$who" = "${GITHUB_ACTOR:-}" ]; then mail=${GITHUB_ACTOR_ID:+$GITHUB_ACTOR_ID+}$who; fi
  for one in ${who:+AUTHOR COMMITTER}; do
    printf 'GIT_%s_NAME=%s\nGIT_%s_EMAIL=%s@users.noreply.github.com\n' "$one" "$who" "$one" "$mail"
  done >>"$GITHUB_ENV"
fi
