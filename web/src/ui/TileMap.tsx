// 34 squares, darker for more; on top arrows from where goods should be to where they were. The table beside it says the same.
import { TILES, provinceOf, type Tile } from "../regions";
import { language } from "../lang";

const SIZE = 44, GAP = 4, STEP = SIZE + GAP;

export interface Arrow {
  from: string;
  to: string;
  label: string;
}

interface Props {
  label: string;
  values?: Map<string, { share: number; text: string }>; // by province code; share of the greatest, 0–1
  arrows?: Arrow[];
  onPick?: (code: string) => void;
}

const middle = (t: Tile) => ({ x: t.x * STEP + SIZE / 2, y: t.y * STEP + SIZE / 2 });

export function TileMap({ label, values, arrows = [], onPick }: Props) {
  const ends = new Set(arrows.flatMap((a) => [provinceOf(a.from)?.code, provinceOf(a.to)?.code]));
  return (
    <svg class="tiles" viewBox={`0 0 ${9 * STEP} ${9 * STEP}`} role="img" aria-label={label}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
          <path d="M0 0 8 4 0 8z" class="tip" />
        </marker>
      </defs>
      {TILES.map((p) => {
        const v = values?.get(p.code);
        const level = v ? Math.max(1, Math.ceil(v.share * 5)) : 0;
        return (
          <g class={`tile level-${level}${ends.has(p.code) ? " end" : ""}${onPick && v ? " pick" : ""}`} onClick={v && onPick ? () => onPick(p.code) : undefined}>
            <title>{`${language() === "zh" ? p.zh : p.en}${v ? ` ${v.text}` : ""}`}</title>
            <rect x={p.x * STEP} y={p.y * STEP} width={SIZE} height={SIZE} rx={6} />
            <text x={p.x * STEP + SIZE / 2} y={p.y * STEP + SIZE / 2 + 6}>{p.zh}</text>
          </g>
        );
      })}
      {arrows.map((a) => {
        const from = provinceOf(a.from), to = provinceOf(a.to);
        if (!from || !to) return null;
        const p = middle(from), q = middle(to);
        if (from.code === to.code)
          return <circle class="arrow" cx={p.x} cy={p.y} r={SIZE / 2 + 2}><title>{a.label}</title></circle>;
        const bend = { x: (p.x + q.x) / 2 + (q.y - p.y) * 0.35, y: (p.y + q.y) / 2 - (q.x - p.x) * 0.35 };
        return <path class="arrow" d={`M${p.x} ${p.y}Q${bend.x} ${bend.y} ${q.x} ${q.y}`} marker-end="url(#tip)"><title>{a.label}</title></path>;
      })}
    </svg>
  );
}
