#!/usr/bin/env bash
# Installs what is missing, builds with gcc and clang, runs every test, and says how long each part took.
# Long proofs are separate: tools/prove.sh.
set -uo pipefail
cd "$(dirname "$0")/.."
export CHANNELD_SHARED="${CHANNELD_SHARED:-$PWD/../shared}"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
jobs=$(nproc) # of a build; tests wait much, so one more of them runs beside
declare -a times=()
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

part() { # part NAME: start the clock of a part
  local now=$SECONDS
  [ -z "${current:-}" ] || times+=("$current $((now - started))s")
  current=$1 started=$now
  [ -z "$1" ] || echo "== $1"
}
judge() { # judge NAME STATUS OUTPUT: says how a test went; what it printed is shown when it failed
  case $2 in
    0) grep -h '^skipped: ' "$3" | sed "s/^/   $1: /"; echo "ok   $1" ;;
    77) echo "skip $1: $(tail -1 "$3")" ;;
    *) echo "FAIL $1 (exit $2)"; tail -60 "$3" | sed 's/^/     /' ;;
  esac
}
check() { # check NAME COMMAND…: one test; its status is kept in a file
  local name=$1 out="$log/${1//[^a-zA-Z0-9_.-]/_}"
  shift
  "$@" >"$out" 2>&1
  echo $? >"$out.status"
  judge "$name" "$(cat "$out.status")" "$out" >"$out.said"
  cat "$out.said"
}
beside() { # beside NAME COMMAND…: like check, one more at once than there are cores; `wait` before the next part
  while [ "$(jobs -rp | wc -l)" -gt "$jobs" ]; do wait -n; done
  check "$@" &
}
count() { # count STATUS…: tests that ended so
  local n=0 s
  for s in "$log"/*.status; do [ -e "$s" ] && case " $* " in *" $(cat "$s") "*) n=$((n + 1)) ;; esac; done
  echo "$n"
}
need() { # need NAME COMMAND…: like check, but nothing after it makes sense when it fails
  check "$@"
  [ "$(cat "$log/${1//[^a-zA-Z0-9_.-]/_}.status")" -eq 0 ] || finish
}
finish() {
  part ""
  printf 'time: %s\n' "$(IFS=,; echo "${times[*]}" | sed 's/,/, /g')"
  local all passed skipped
  all=$(ls "$log"/*.status | wc -l) passed=$(count 0) skipped=$(count 77)
  echo "$passed passed, $((all - passed - skipped)) failed, $skipped skipped"
  [ "$all" -eq $((passed + skipped)) ]
  exit
}
build() { # build TARGET FOLDER COMPILER OPTION…
  local target=$1 dir=$2 cc=$3
  shift 3
  cmake -S . -B "$dir" -G Ninja -DCMAKE_C_COMPILER="$cc" "$@" && ninja -C "$dir" -j "$jobs" "$target"
}

part install
need "install" tools/deps.sh test
part build
need "build with gcc" build all build gcc -DTESTS=OFF
need "build with clang, ASan and UBSan" build all build/asan clang -DSANITIZE=ON
need "build the fuzz targets" build fuzzers build/fuzz clang -DSANITIZE=ON -DFUZZ=ON
part lint
check "room lint" python3 tools/lint/rooms.py
check "clang-format" tools/lint/format.sh
part unit
# in memory where there is room: these tests ask what is written, not whether it outlasts the machine
memory=$(df --output=avail /dev/shm 2>/dev/null | tail -1)
[ "${memory:-0}" -gt 2000000 ] && [ -w /dev/shm ] && export TMPDIR=/dev/shm
for t in build/asan/bin/test_*; do beside "$(basename "$t")" "$t"; done
wait
part scenario
export CHANNELD_BIN="$PWD/build/asan/bin"
for t in tests/scenario/test_*.py; do beside "$(basename "$t")" timeout 600 "$t"; done
wait
for t in kill_loop sweep; do beside "test_$t.sh" timeout 600 "tests/scenario/test_$t.sh"; done
wait
check test_hostile.sh timeout 600 tests/scenario/test_hostile.sh # it counts seconds: alone
part fuzz
targets=(build/fuzz/bin/fuzz_*)
seconds=$((60 / (${#targets[@]} > 0 ? ${#targets[@]} : 1)))
for t in "${targets[@]}"; do
  name=$(basename "$t")
  corpus="$log/corpus-$name"
  mkdir -p "$corpus"
  seeds="tests/fuzz/corpus/${name#fuzz_}"
  beside "$name ${seconds}s" "$t" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=5 -error_exitcode=1 -artifact_prefix="$log/" \
    "$corpus" $([ -d "$seeds" ] && echo "$seeds")
done
wait
finish
