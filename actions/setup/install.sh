#!/usr/bin/env bash
# Make the environment of a job and put it on the path: `install.sh light` or `install.sh training`.
# light: pennon's own locked core. training: the model repository's lock, with pennon added to it.
set -euo pipefail

mode=$1
kit=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=${PENNON_TOOLS:-${RUNNER_TEMP:?}/pennon}

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

# An environment is named by what goes into it: a runner that keeps PENNON_TOOLS makes it once.
contents() {
  cat "$lock"
  "$python" -VV
  (cd "$kit" && find pyproject.toml scripts/pennon -type f ! -name '*.pyc' -print -exec git hash-object {} +)
}
name=$mode-$(contents | sort | git hash-object --stdin | cut -c1-16)
environment=$tools/$name
mkdir -p "$tools"
if command -v flock >/dev/null; then  # two jobs of one machine make it in turn
  exec 9>"$tools/.lock"
  flock 9
fi
if [ ! -f "$environment/ready" ]; then
  if ! command -v uv >/dev/null; then
    "$python" -m venv "$tools/uv"
    "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==0.13.8"
    PATH=$tools/uv/bin:$PATH
  fi
  uv venv --quiet --clear --python "$python" "$environment"
  uv pip sync --quiet --python "$environment/bin/python" "$lock"
  uv pip install --quiet --no-deps --python "$environment/bin/python" "$kit"
  touch "$environment/ready"
fi
echo "$environment/bin" >>"$GITHUB_PATH"
echo "VIRTUAL_ENV=$environment" >>"$GITHUB_ENV"
