#!/bin/sh
# build.sh OUT — fetch the packages of package-lock.json (checked by their hashes) and make the screens into OUT (build.mjs).
# Without a registry what was made before is kept; without that, or without node, an empty table is made and said so.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
keep() {
    if [ -s "$out/web_files.c" ]; then
        echo "web: $1; keeping the screens made before" >&2
        touch "$out/web_files.c" "$out/web_files.S"
    else
        echo "web: $1: channeld is built without its screens" >&2
        printf '#include "daemon/service/web_files.h"\n\nconst web_file web_files[] = {{0}};\nconst size_t web_file_count = 0;\n' \
            >"$out/web_files.c"
        printf '.section .note.GNU-stack,"",%%progbits\n' >"$out/web_files.S"
    fi
    exit 0
}
command -v npm >/dev/null || keep "node and npm are not installed"
work=$out.npm
rm -rf "$work/src" "$work/static"
mkdir -p "$work"
cp -r "$here/package.json" "$here/package-lock.json" "$here/tsconfig.json" "$here/build.mjs" "$here/src" "$here/static" "$work/"
if ! cmp -s "$here/package-lock.json" "$work/node_modules/.lock"; then
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1 ||
        { tail -n 3 "$work/npm.log" >&2; keep "the npm registry cannot be reached"; }
    cp "$here/package-lock.json" "$work/node_modules/.lock"
fi
exec node "$work/build.mjs" "$out"
