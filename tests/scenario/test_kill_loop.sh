#!/usr/bin/env bash
# 100 rounds of kill -9 on the programs that ship (CHANNELD_BIN may name slower, sanitised ones).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${CHANNELD_RELEASE_BIN:-$here/../../build/bin}
"$here/../fault/kill_loop.sh" --rounds "${CHANNELD_KILL_ROUNDS:-100}" --seed "${CHANNELD_SEED:-1}" --bin "$bin"
