#!/usr/bin/env bash
# clang-format check of every C file; names the files that differ.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=0
while IFS= read -r f; do
  clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || { echo "not formatted: $f (run: clang-format -i $f)"; bad=1; }
done < <(git ls-files '*.c' '*.h')
exit $bad
