#!/usr/bin/env bash
# A small channel at work: installs what is missing, builds, starts a daemon on an empty folder, enrols agents whose
# files come in different dialects, prints what arrived, and keeps running until Ctrl-C.
# usage: tools/demo.sh [--once] [--json FILE] [--partners N] [--days D] [--dir DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
once= json= partners=6 days=30 dir=
while [ $# -gt 0 ]; do
  case $1 in
    --once) once=1; shift ;;
    --json) json=${2:?--json needs a file}; shift 2 ;;
    --partners) partners=${2:?}; shift 2 ;;
    --days) days=${2:?}; shift 2 ;;
    --dir) dir=${2:?}; shift 2 ;;
    -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
    *) echo "demo: unknown option '$1' (see --help)" >&2; exit 64 ;;
  esac
done

echo "== install what is missing, build"
tools/deps.sh build
cmake -S . -B build -G Ninja -DTESTS=OFF >build.log 2>&1 || { tail -20 build.log; exit 70; }
ninja -C build >build.log 2>&1 || { tail -30 build.log; exit 70; }
rm -f build.log
bin=$PWD/build/bin

begin=$(date +%s.%N)
[ -n "$dir" ] || dir=$(mktemp -d "${TMPDIR:-/tmp}/channeld-demo.XXXXXX")
data=$dir/data world=$dir/world
mkdir -p "$world"
daemon=
stop() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  [ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
  [ -z "$once" ] || rm -rf "$dir"
}
trap stop EXIT
trap 'exit 0' INT TERM
ctl() { "$bin/channelctl" --data "$data" "$@"; }

echo "== a world with known truth ($partners partners, $days days)"
"$bin/channel-sim" files --seed 7 --partners "$partners" --products 40 --from 2026-05-01 --days "$days" \
  --dialect canonical,gb18030,slsrpt --duplicates 5 --corrections 5 -o "$world"

echo "== a daemon on an empty folder"
"$bin/channeld" --data "$data" --set listen.agents=tcp://127.0.0.1:0 --set listen.http=127.0.0.1:0 --simulated-clock=2026-06-30T09:00:00+08:00 \
  2>"$dir/channeld.log" &
daemon=$!
for _ in $(seq 100); do ctl ping >/dev/null 2>&1 && break; sleep 0.1; done
ctl ping
server=$(sed -n 's/.*"agents" *: *"\([^"]*\)".*/\1/p' "$data/ports.json")

echo "== the catalogue"
for file in partners products stages areas territories prices aliases; do
  table=${file%s}
  case $file in territories) table=territory ;; aliases) table=alias ;; esac
  [ ! -f "$world/$file.csv" ] || ctl "$table" import "$world/$file.csv" -o csv | awk -F, 'NR > 1 { printf "   %-10s %5d rows\n", $1, $2 }'
done

echo "== agents enrol and upload"
total() { awk -v k="\"$1\"" 'BEGIN { RS = "[,{}]" } index($0, k ":") || index($0, k " :") { sub(/.*:[ ]*/, ""); n += $0 } END { print n + 0 }' "$dir"/push-*.json; }
agents=0
for folder in "$world"/partners/*/; do
  partner=$(basename "$folder")
  token=$(ctl agent enroll "$partner" --create-unknown -o json | sed -n 's/.*"token" *: *"\([^"]*\)".*/\1/p')
  home=$dir/agents/$partner
  "$bin/channel-agent" --home "$home" enroll --server "$server" --token "$token" >/dev/null
  status=0
  "$bin/channel-agent" --home "$home" push "$folder"* -o json >"$dir/push-$partner.json" 2>>"$dir/agents.log" || status=$?
  [ "$status" -le 1 ] || { tail -5 "$dir/agents.log" >&2; echo "demo: $partner could not push (exit $status)" >&2; exit 70; }
  agents=$((agents + 1))
  first=$(ls "$folder" | head -1)
  read_as=$("$bin/channelctl" import try "$folder$first" -o json | sed -n 's/.*"charset" *: *"\([^"]*\)" *, *"dialect" *: *"\([^"]*\)".*/\2, \1/p')
  printf '   %-6s %3s files   read as %s\n' "$partner" "$(ls "$folder" | wc -l)" "$read_as"
done

echo "== what arrived, by partner"
ctl flow list --by partner --rollup --final
echo "== and by province"
ctl region list level=province -o csv >"$dir/provinces.csv"
ctl flow list --by region --level province --final -o csv 2>/dev/null |
  tr -d '\r' | awk -F, 'NR == FNR { name[$1] = $2; next } FNR > 1 { printf "%s %-9s %12s %s  %s\n", $1, $2, $4, $5, name[$1] }' "$dir/provinces.csv" -
echo "== the journal verifies"
verified=false
ctl journal verify >"$dir/verify.txt" && verified=true
sed -n '1,4s/^/   /p' "$dir/verify.txt"
amount=$(ctl flow list --by kind --final --kind sell_out -o csv 2>/dev/null | awk -F, 'NR > 1 { s += $3 } END { printf "%.2f", s }')
wall=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
count=$(ctl partner list -o csv | tail -n +2 | wc -l)
summary=$(printf '{"partners":%d,"agents":%d,"documents":%d,"lines":%d,"lines_committed":%d,"duplicates":%d,"superseded":%d,"quarantined":%d,"sell_out_amount":"%s","chain_verified":%s,"wall_s":%s}' \
  "$count" "$agents" "$(total documents)" "$(total lines)" "$(total committed)" "$(total duplicate)" "$(total superseded)" \
  "$(total quarantined)" "$amount" "$verified" "$wall")
echo "== summary"
echo "$summary"
[ -z "$json" ] || echo "$summary" >"$json"
[ "$verified" = true ] || exit 1
http=$(sed -n 's/.*"http" *: *"\([^"]*\)".*/\1/p' "$data/ports.json")
echo "== the dashboard: $http"
[ -z "$once" ] || exit 0
ctl user add demo --role admin >/dev/null
link=$(ctl user link demo --hours 24 -o json | sed -n 's/.*"link" *: *"\([^"]*\)".*/\1/p')
cat <<END
== running; Ctrl-C ends it
   look at it:   $link   (signs in once)
   ask it:       build/bin/channelctl --data $data flow list --by product
   its health:   build/bin/channelctl --data $data status
   its log:      $dir/channeld.log; what the agents found doubtful: $dir/agents.log
END
wait "$daemon"
