#!/usr/bin/env python3
"""A text as it stands in a terminal, drawn as SVG: the pictures of the README.
usage: tools/demo.sh --once | tools/picture.py 'tools/demo.sh --once' > docs/demo.svg
"""
import html
import sys
import unicodedata

CELL, LINE, PAD, BAR = 8.4, 19, 18, 34
FONT = "'DejaVu Sans Mono','Noto Sans Mono CJK SC',Menlo,Consolas,monospace"


def width(text):
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def spans(text):
    """Runs of narrow or wide characters with the column where each begins, so that columns stay under each other."""
    at, run, begin, wide = 0, "", 0, None
    for c in text:
        w = unicodedata.east_asian_width(c) in "WF"
        if w != wide and run:
            yield begin, run
            run, begin = "", at
        wide, run, at = w, run + c, at + (2 if w else 1)
    if run:
        yield begin, run


def colour(line):
    if line.startswith("=="):
        return "#7fd1b9"
    if line.lstrip().startswith(("{", '"')):
        return "#f2c879"
    return "#dfe6ee"


def wrapped(lines, columns):
    for line in lines:
        while width(line) > columns:
            cut = line.rfind(",", 0, columns) + 1 or columns
            yield line[:cut]
            line = " " + line[cut:]
        yield line


def draw(title, lines, columns=96):
    lines = list(wrapped(lines, columns))
    w, h = int(columns * CELL + 2 * PAD), BAR + len(lines) * LINE + PAD
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img">',
           f"<title>{html.escape(title)}</title>",
           f'<rect width="{w}" height="{h}" rx="8" fill="#18222d"/>',
           f'<text x="{PAD}" y="22" font-family="{FONT}" font-size="13" fill="#8ea3b8">$ {html.escape(title)}</text>',
           f'<g font-family="{FONT}" font-size="14" xml:space="preserve">']
    for i, line in enumerate(lines):
        y = BAR + (i + 1) * LINE - 4
        for column, run in spans(line.rstrip()):
            if run.strip():
                out.append(f'<text x="{PAD + column * CELL:.1f}" y="{y}" fill="{colour(line)}" '
                           f'textLength="{width(run) * CELL:.1f}">{html.escape(run)}</text>')
    return "\n".join([*out, "</g>", "</svg>", ""])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    sys.stdout.write(draw(sys.argv[1], sys.stdin.read().splitlines()))
