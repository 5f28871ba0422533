#!/usr/bin/env bash
# Installs what building and testing need on Debian 12, quietly and only what is missing.
# usage: tools/deps.sh build|test|bench|browser
set -euo pipefail
build=(gcc clang cmake ninja-build pkg-config ca-certificates nodejs npm
  libzmq3-dev liblmdb-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libsodium-dev libjansson-dev
  libyaml-dev libsmartcols-dev libxlsxwriter-dev libzip-dev libexpat1-dev libcurl4-openssl-dev libmicrohttpd-dev
  libgnutls28-dev)
test=(scdoc clang-format lld libclang-rt-14-dev libcmocka-dev python3-minimal python3 python3-openpyxl python3-xlrd python3-jsonschema openssl strace git procps)
also=(xlsx2csv gnumeric) # what some tests ask, where Debian has it; without it those parts are skipped
bench=(postgresql postgresql-client python3-numpy)
browser=(chromium fonts-noto-cjk)

want=("${build[@]}")
[ "${1:-build}" = build ] || want+=("${test[@]}")
case ${1:-build} in
  bench) want+=("${bench[@]}") ;;
  browser) want+=("${browser[@]}") ;;
esac

have() { # a tool that was installed another way (nodejs) counts too
  case $1 in
    nodejs) command -v node ;;
    npm) command -v npm ;;
    *) dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed' ;;
  esac >/dev/null 2>&1
}

missing=()
for p in "${want[@]}"; do have "$p" || missing+=("$p"); done
wished=()
[ "${1:-build}" = build ] || for p in "${also[@]}"; do have "$p" || wished+=("$p"); done
[ ${#missing[@]} -eq 0 ] && [ ${#wished[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  [ ${#missing[@]} -gt 0 ] || exit 0
  command -v sudo >/dev/null || { echo "deps: missing: ${missing[*]} — install them as root" >&2; exit 69; }
  as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}
echo "deps: installing ${missing[*]} ${wished[*]}" >&2
{ "${as_root[@]}" apt-get update -qq && { [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"; }; } >"$log" 2>&1 ||
  { [ ${#missing[@]} -eq 0 ] && exit 0; tail -20 "$log" >&2; echo "deps: apt-get failed" >&2; exit 69; }
for p in "${wished[@]}"; do install "$p" >"$log" 2>&1 || echo "deps: $p cannot be had; tests go on without it" >&2; done
