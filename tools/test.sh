#!/usr/bin/env bash
# Installs what is missing, builds with gcc and clang, runs every test, and says how long each part took.
# Long proofs are separate: tools/prove.sh.
set -uo pipefail
cd "$(dirname "$0")/.."
export CHANNELD_SHARED="${CHANNELD_SHARED:-$PWD/../shared}"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
jobs=$(nproc)
passed=0 failed=0 skipped=0
declare -a times=()
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

part() { # part NAME: start the clock of a part
  local now=$SECONDS
  [ -z "${current:-}" ] || times+=("$current $((now - started))s")
  current=$1 started=$now
  [ -z "$1" ] || echo "== $1"
}
check() { # check NAME COMMAND…: one test; its output is shown when it fails
  local name=$1 out="$log/${1//[^a-zA-Z0-9_.-]/_}"
  shift
  "$@" >"$out" 2>&1
  local status=$?
  case $status in
    0) passed=$((passed + 1)); grep -h '^skipped: ' "$out" | sed "s/^/   $name: /"; echo "ok   $name" ;;
    77) skipped=$((skipped + 1)); echo "skip $name: $(tail -1 "$out")" ;;
    *) failed=$((failed + 1)); echo "FAIL $name (exit $status)"; tail -60 "$out" | sed 's/^/     /' ;;
  esac
}
need() { # need NAME COMMAND…: like check, but nothing after it makes sense when it fails
  local before=$failed
  check "$@"
  [ "$failed" -eq "$before" ] || finish
}
finish() {
  part ""
  printf 'time: %s\n' "$(IFS=,; echo "${times[*]}" | sed 's/,/, /g')"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}
build() { # build FOLDER COMPILER OPTION…
  local dir=$1 cc=$2
  shift 2
  cmake -S . -B "$dir" -G Ninja -DCMAKE_C_COMPILER="$cc" "$@" && ninja -C "$dir" -j "$jobs"
}

part install
need "install" tools/deps.sh test
part build
need "build with gcc" build build gcc -DTESTS=OFF
need "build with clang, ASan and UBSan" build build/asan clang -DSANITIZE=ON
need "build the fuzz targets" build build/fuzz clang -DSANITIZE=ON -DFUZZ=ON
part lint
check "room lint" python3 tools/lint/rooms.py
check "clang-format" tools/lint/format.sh
part unit
for t in build/asan/bin/test_*; do check "$(basename "$t")" "$t"; done
part scenario
for t in tests/scenario/test_*.py tests/scenario/test_*.sh; do
  [ -e "$t" ] && check "$(basename "$t")" env CHANNELD_BIN="$PWD/build/asan/bin" timeout 600 "$t"
done
part fuzz
targets=(build/fuzz/bin/fuzz_*)
seconds=$((100 / (${#targets[@]} > 0 ? ${#targets[@]} : 1)))
for t in "${targets[@]}"; do
  name=$(basename "$t")
  corpus="$log/corpus-$name"
  mkdir -p "$corpus"
  seeds="tests/fuzz/corpus/${name#fuzz_}"
  check "$name ${seconds}s" "$t" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=5 -artifact_prefix="$log/" \
    "$corpus" $([ -d "$seeds" ] && echo "$seeds")
done
finish
