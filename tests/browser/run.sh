#!/usr/bin/env bash
# The screens in a real browser against a real daemon and agents.
# usage: run.sh [--full]     --full: every page × role × language × theme × size; else pairs of these
# CHANNELD_BIN: the programs (build/bin). Exit 77: no browser, no node, or channeld is built without its screens.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export CHANNELD_BIN="${CHANNELD_BIN:-$here/../../build/bin}"
export CHROMIUM="${CHROMIUM:-$(command -v chromium || true)}"
[ -n "$CHROMIUM" ] || { echo "skipped: chromium is not installed (tools/deps.sh browser)"; exit 77; }
command -v npm >/dev/null || { echo "skipped: node and npm are not installed (tools/deps.sh build)"; exit 77; }
work=$(dirname "$CHANNELD_BIN")/browser
mkdir -p "$work"
cp "$here"/*.mjs "$here"/package*.json "$work"
if ! cmp -s "$here/package-lock.json" "$work/node_modules/.lock"; then
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    { echo "skipped: the npm registry cannot be reached"; exit 77; }
  cp "$here/package-lock.json" "$work/node_modules/.lock"
fi
CHANNELD_WORLD="$here/world.py" exec node "$work/${BROWSER_RUN:-run}.mjs" "$@"
