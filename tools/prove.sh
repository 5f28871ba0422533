#!/usr/bin/env bash
# The long proofs, each in bounded time.
# usage: tools/prove.sh [kill|sweep|shuffle|orders|mutants|fuzz|hostile|rebates|browser|bench]… [--minutes N]
#   kill     10,000 rounds of kill -9 (or as many as fit into N minutes), and the restore of an old backup
#   sweep    a fault at every system call of daemon and agent
#   shuffle  the same files in 40 orders of arrival: the same books
#   orders   10,000 interleavings of orders: never oversold, never over the credit limit
#   mutants  seeded bugs, each of which the tests must catch
#   fuzz     every fuzz target, N minutes each (default 5)
#   hostile  peers that mean harm, waves of N/5 minutes each (default N: 2)
#   rebates  10,000 random policies and flows against a second engine in exact fractions; their books in 2,000 orders
#   browser  every page × role × language × theme × size, and the stories, in chromium
#   bench    the measured claims
# Without a name: all of them. See docs/proofs.md.
set -uo pipefail
cd "$(dirname "$0")/.."
usage() { sed -n "2,14s/^# \{0,1\}//p" tools/prove.sh; exit "$1"; }
minutes="" failed=0
declare -a wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    kill | sweep | shuffle | orders | mutants | fuzz | hostile | rebates | browser | bench) wanted+=("$1") ;;
    --minutes) minutes=${2:-}; [[ $minutes =~ ^[1-9][0-9]*$ ]] || usage 64; shift ;;
    -h | --help) usage 0 ;;
    *) usage 64 ;;
  esac
  shift
done
[ ${#wanted[@]} -gt 0 ] || wanted=(kill sweep shuffle orders mutants fuzz hostile rebates browser bench)

build() { # build TARGET FOLDER COMPILER OPTION…
  local target=$1 dir=$2 cc=$3 log
  log=$(mktemp)
  shift 3
  { cmake -S . -B "$dir" -G Ninja -DCMAKE_C_COMPILER="$cc" "$@" && ninja -C "$dir" -j "$(nproc)" "$target"; } >"$log" 2>&1 ||
    { tail -30 "$log" >&2; rm -f "$log"; echo "prove: $dir does not build" >&2; exit 70; }
  rm -f "$log"
}
release() { [ -n "${released:-}" ] || build all build gcc -DTESTS=ON; released=1; }

prove_kill() {
  release
  tests/fault/kill_loop.sh --rounds 10000 --seed "${CHANNELD_SEED:-$RANDOM}" ${minutes:+--minutes "$minutes"} &&
    tests/fault/restore.py --rounds 10
}
prove_sweep() { release; tests/fault/sweep.py --max-points 0 ${minutes:+--minutes "$minutes"}; }
prove_shuffle() { release; CHANNELD_BIN=$PWD/build/bin CHANNELD_SHUFFLES=40 tests/scenario/test_shuffle.py; }
prove_orders() { release; CHANNELD_ROUNDS=10000 "$(find build -name test_orders -type f -perm -u+x | head -1)"; }
prove_mutants() { tests/fault/mutants.sh; }
prove_hostile() {
  release
  cmake -S . -B build/peers -G Ninja -DTESTS=ON >/dev/null && ninja -C build/peers hostile >/dev/null || return 1
  CHANNELD_HOSTILE=$PWD/build/peers/bin/hostile tests/fault/hostile.py --seconds $((${minutes:-2} * 12))
}
prove_rebates() {
  release
  tests/scenario/test_policy_random.py 10000 "${CHANNELD_SEED:-1}" && SEEDS=2000 build/bin/test_rebate_shuffle
}
prove_fuzz() {
  build fuzzers build/fuzz clang -DSANITIZE=ON -DFUZZ=ON
  local target name corpus status=0
  for target in build/fuzz/bin/fuzz_*; do
    name=$(basename "$target") corpus="build/fuzz/corpus/$(basename "$target")"
    mkdir -p "$corpus"
    echo "-- $name, ${minutes:-5} min"
    "$target" -max_total_time=$((${minutes:-5} * 60)) -rss_limit_mb=1024 -timeout=5 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/$name-" "$corpus" \
      $([ -d "tests/fuzz/corpus/${name#fuzz_}" ] && echo "tests/fuzz/corpus/${name#fuzz_}") >"$corpus.log" 2>&1 ||
      { status=1; tail -40 "$corpus.log"; }
    grep -h 'stat::number_of_executed_units' "$corpus.log"
  done
  return $status
}
prove_browser() { tools/deps.sh browser && release && tests/browser/run.sh --full; }
prove_bench() {
  tools/deps.sh bench && release || return 1
  [ -x build/bin/channel-bench ] || { echo "skipped: build/bin/channel-bench is not there"; return 0; }
  CHANNELD_BIN=$PWD/build/bin CHANNELD_WORKBOOK_ROWS=300000 tests/scenario/test_workbooks.py three_hundred_thousand_rows &&
    build/bin/channel-bench ingest && build/bin/channel-bench rebate &&
    CHANNELD_BIN=$PWD/build/bin tests/fault/rebate_pages.py
}

tools/deps.sh test || exit 69
for name in "${wanted[@]}"; do
  echo "== $name"
  begin=$SECONDS
  if "prove_$name"; then echo "ok   $name ($((SECONDS - begin))s)"
  else failed=$((failed + 1)); echo "FAIL $name ($((SECONDS - begin))s)"; fi
done
[ "$failed" -eq 0 ]
