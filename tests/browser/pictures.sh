#!/usr/bin/env bash
# Makes the pictures of the README anew: docs/img/*.png. CHANNELD_BIN: the programs (build/bin).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$here/../../docs/img"
BROWSER_RUN=pictures exec "$here/run.sh" "$(cd "$here/../../docs/img" && pwd)"
