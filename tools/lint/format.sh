#!/usr/bin/env bash
# clang-format check of every C file; names the files that differ.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=$(git ls-files -z '*.c' '*.h' | xargs -0 -P "$(nproc)" -n 100 clang-format --dry-run -Werror 2>&1 | sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error.*/\1/p' | sort -u)
[ -z "$bad" ] || { printf 'not formatted: %s (run: clang-format -i)\n' $bad; exit 1; }
