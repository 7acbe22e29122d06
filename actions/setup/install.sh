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
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "::error::pennon needs Python 3.11 or newer; $(python3 --version) is first on the path"
  exit 3
fi

mkdir -p "$tools"
if ! command -v uv >/dev/null; then
  python3 -m venv "$tools/uv"
  "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==0.11.*"
  export PATH="$tools/uv/bin:$PATH"
fi

# An environment is named by what goes into it: a runner that keeps PENNON_TOOLS makes it once.
name=$mode-$(cat "$lock" <(find "$kit/scripts/pennon" -name '*.py' | sort | xargs cat) | sha256sum | cut -c1-16)
environment=$tools/$name
if command -v flock >/dev/null; then  # two jobs of one machine make it in turn
  exec 9>"$tools/.$name.lock"
  flock 9
fi
if [ ! -f "$environment/ready" ]; then
  uv venv --quiet --clear "$environment"
  uv pip sync --quiet --python "$environment/bin/python" "$lock"
  uv pip install --quiet --no-deps --python "$environment/bin/python" "$kit"
  touch "$environment/ready"
fi
echo "$environment/bin" >>"$GITHUB_PATH"
echo "VIRTUAL_ENV=$environment" >>"$GITHUB_ENV"
