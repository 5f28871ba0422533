#!/usr/bin/env bash
# mutants.sh [NAME…]: seeded bugs. Each tests/fault/mutants/NAME.patch says in its first lines what is wrong and which fast
# test must notice:
#     what: acknowledges before the commit
#     test: python3 tests/fault/sweep.py --target daemon --calls fdatasync --faults late
# The test runs in a patched copy of the tree with the programs built from it ($CHANNELD_BIN); it must pass without the
# patch and fail with it. A patch that no longer applies has to be made anew.
set -uo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(basename -s .patch tests/fault/mutants/*.patch)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/tree build=$work/build
export CHANNELD_SHARED="${CHANNELD_SHARED:-$root/../shared}"
export CHANNELD_BIN="$build/bin" CHANNELD_RELEASE_BIN="$build/bin" CHANNELD_HOSTILE="$build/bin/hostile"
launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
limit=240

field() { sed -n "s/^$1: //p;/^diff /q" "$root/tests/fault/mutants/$2.patch" | head -1; }
make() { ninja -C "$build" channeld channelctl channel-agent hostile replay >"$work/build.log" 2>&1; }
try() { (cd "$copy" && timeout "$limit" bash -c "$1") >"$work/test.log" 2>&1; }

mkdir "$copy"
git ls-files -z --cached --others --exclude-standard | xargs -0 -r ls -d 2>/dev/null | tar -cf - -T - | tar -xf - -C "$copy"
cmake -S "$copy" -B "$build" -G Ninja "${launcher[@]}" >"$work/build.log" 2>&1 && make ||
  { tail -20 "$work/build.log"; echo "mutants: the tree does not build"; exit 70; }

caught=0 bad=0
declare -A passes=()
for name in "${names[@]}"; do
  patch=$root/tests/fault/mutants/$name.patch
  test=$(field test "$name")
  [ -n "$test" ] || { echo "BAD    $name: names no test"; bad=$((bad + 1)); continue; }
  if [ -z "${passes[$test]:-}" ]; then
    if make && try "$test"; then passes[$test]=yes; else passes[$test]=no; tail -5 "$work/test.log" | sed 's/^/       /'; fi
  fi
  if [ "${passes[$test]}" = no ]; then
    echo "BAD    $name: its test fails without the bug: $test"
    bad=$((bad + 1))
    continue
  fi
  if ! (cd "$copy" && git apply -C1 "$patch") 2>"$work/patch.log"; then
    echo "BAD    $name: the patch no longer applies: $(head -1 "$work/patch.log")"
    bad=$((bad + 1))
    continue
  fi
  begin=$SECONDS
  if ! make; then
    echo "BAD    $name: does not build: $(grep -m1 'error:' "$work/build.log")"
    bad=$((bad + 1))
  elif try "$test"; then
    echo "MISSED $name: $(field what "$name"); not noticed by: $test"
    bad=$((bad + 1))
  else
    caught=$((caught + 1))
    echo "caught $name: $(field what "$name") ($((SECONDS - begin))s) — $(grep -m1 -E 'FAIL|lost|wanted|rror' "$work/test.log" | cut -c1-120)"
  fi
  (cd "$copy" && git apply -C1 -R "$patch")
done
echo "mutants: $caught caught, $bad not"
[ "$bad" -eq 0 ] && [ "$caught" -ge 1 ]
