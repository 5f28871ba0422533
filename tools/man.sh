#!/usr/bin/env bash
# Builds the man pages. A line of docs/man/*.scd that begins with % is what a program says of itself, so that page and
# program cannot disagree:
#   %include COMMAND    its output as it stands           %options COMMAND   its rows "  --name …  text"
#   %commands COMMAND   its rows "  name …  text"         %example COMMAND   its line "Example: …"
#   %keys COMMAND       a configuration that it prints    %agent PROGRAM     the help of each of its commands
# usage: tools/man.sh [BIN [OUT]]   BIN: the folder of the programs, OUT: takes NAME.SECTION (build/bin, build/man)
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/bin} out=${2:-build/man}
mkdir -p "$out"

say() { "$bin/$1" "${@:2}"; }

# What scdoc takes for a mark is said plainly.
escape='function plain(s) { gsub(/[\\*_]/, "\\\\&", s); sub(/^[-#.`[|]/, "\\\\&", s); return s }'

rows() { # rows START: "  --name  VALUE  text" becomes a definition; a row that is indented deeper goes on with the text
  awk -v start="$1" "$escape"'
    function put() { if (head != "") printf "*%s*\n\t%s\n\n", plain(head), plain(text); head = "" }
    /^  [^ ]/ && substr($0, 3) ~ start {
      put()
      n = split(substr($0, 3), part, /  +/)
      head = part[1]
      for (i = 2; i < n; i++) head = head " " part[i]
      text = n > 1 ? part[n] : "Say so, and do nothing else."
      next
    }
    /^     +[^ ]/ && head != "" { sub(/^ +/, ""); text = text " " $0; next }
    { put() }
    END { put() }'
}

example() {
  awk '/^[Ee]xample: / { sub(/^[Ee]xample: /, ""); printf "```\n%s\n```\n", $0 }'
}

keys() {
  awk "$escape"'
    /^# / { sub(/^# /, ""); text = text (text == "" ? "" : "++\n") plain($0); next }
    /^[a-z]/ { sub(/:.*/, ""); printf "*%s*\n\t%s\n\n", plain($0), text; text = "" }'
}

agent() { # each row of PROGRAM --help that names a command: its usage, sentence, options, example
  local name help
  for name in $(say "$1" --help | awk '/^  [a-z]/ { print $1 }'); do
    help=$(say "$1" "$name" --help)
    awk -v name="$name" "$escape"'NR == 1 { sub(/^.*\] /, ""); printf "## %s\n\n", plain($0) }
      NR == 3 { printf "%s.\n\n", toupper(substr($0, 1, 1)) plain(substr($0, 2)) }' <<<"$help"
    rows '^-' <<<"$help"
    example <<<"$help"
    echo
  done
}

page() {
  local line
  local -a words
  while IFS= read -r line; do
    [[ $line == %* ]] || { printf '%s\n' "$line"; continue; }
    read -ra words <<<"$line"
    case ${words[0]} in
      %include) say "${words[@]:1}" ;;
      %options) say "${words[@]:1}" | rows '^-' ;;
      %commands) say "${words[@]:1}" | rows '^[a-z]' ;;
      %example) say "${words[@]:1}" | example ;;
      %keys) say "${words[@]:1}" | keys ;;
      %agent) agent "${words[1]}" ;;
      *) echo "man: ${words[0]} is unknown" >&2; return 1 ;;
    esac
  done <"$1"
}

for source in docs/man/*.scd; do
  name=$(basename "$source" .scd)
  page "$source" >"$out/$name.scd"
  scdoc <"$out/$name.scd" >"$out/$name.part" || { echo "man: $source is not accepted" >&2; exit 1; }
  mv "$out/$name.part" "$out/$name"
  rm "$out/$name.scd"
done
