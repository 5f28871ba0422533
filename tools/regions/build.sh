#!/bin/sh
# build.sh OUT — fetch the packages of package-lock.json (checked by their hashes) and make OUT/regions.csv,
# OUT/region_aliases.csv, OUT/centres.inc and OUT/places.inc. Without a registry the files made before are kept; without
# those either the build stops.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$1
work=$out/regions.npm
rm -rf "$work"
mkdir -p "$work"
cp "$here/package.json" "$here/package-lock.json" "$work/"
if (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1; then
    node "$here/../regions.mjs" "$work/node_modules" "$here/corrections.csv" "$out" || exit 1
    rm -rf "$work"
elif [ -s "$out/regions.csv" ] && [ -s "$out/region_aliases.csv" ] && [ -s "$out/centres.inc" ] &&
    [ -s "$out/places.inc" ]; then
    echo "regions: the npm registry cannot be reached; keeping the tree made before" >&2
    touch "$out/regions.csv" "$out/region_aliases.csv" "$out/centres.inc" "$out/places.inc"
else
    tail -n 3 "$work/npm.log" >&2
    echo "regions: the npm registry cannot be reached and no tree was made before: connect once, or put regions.csv," \
        "region_aliases.csv, centres.inc and places.inc of another build into $out" >&2
    exit 1
fi
