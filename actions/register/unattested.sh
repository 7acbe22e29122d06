#!/usr/bin/env bash
# Say that no build provenance was recorded, and why that may be. The version stands all the same.
set -euo pipefail
why="No build provenance was recorded for what was registered; the log of the step above has the reason."
needs="It needs a public repository or GitHub Enterprise Cloud, and the permissions id-token: write and attestations: write."
echo "::warning title=no provenance::$why $needs"
printf '> [!NOTE]\n> %s %s\n' "$why" "$needs" >>"$GITHUB_STEP_SUMMARY"
