#!/usr/bin/env bash
# The restore of an old backup under live agents, a bounded sweep of faults over the system calls, a full disk.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${CHANNELD_RELEASE_BIN:-$here/../../build/bin}
python3 "$here/../fault/restore.py" --rounds 2 --bin "$bin"
python3 "$here/../fault/sweep.py" --max-points "${CHANNELD_SWEEP_POINTS:-40}" --bin "$bin"
python3 "$here/../fault/disk_full.py" --bin "$bin" || [ $? -eq 77 ]
