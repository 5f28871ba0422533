#!/usr/bin/env bash
# The short siege, on the programs that ship: memory under sanitisers says nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/../fault/hostile.py" --seconds "${CHANNELD_SIEGE_SECONDS:-3}" \
  --bin "${CHANNELD_RELEASE_BIN:-$here/../../build/bin}"
