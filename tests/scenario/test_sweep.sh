#!/usr/bin/env bash
# A bounded sweep of faults over the system calls of daemon and agent, and the restore of an old backup under live agents.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${CHANNELD_RELEASE_BIN:-$here/../../build/bin}
python3 "$here/../fault/restore.py" --rounds 2 --bin "$bin"
python3 "$here/../fault/sweep.py" --max-points "${CHANNELD_SWEEP_POINTS:-40}" --bin "$bin"
