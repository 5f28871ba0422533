// A chart with its own legend and the table of its figures below: the picture is for the eye, the table for all others.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Picture } from "../chart";
import { Table } from "./Table";
import { t } from "../lang";
import { theme } from "../theme";
import type { Row } from "../api";

export function Chart({ picture, columns, headings }: { picture: Picture; columns: [x: string, ...lines: string[]]; headings?: Record<string, string> }) {
  const box = useRef<HTMLDivElement>(null);
  const [off, setOff] = useState<string[]>([]);
  const lines = picture.lines.filter((l) => !off.includes(l.name));
  const look = theme();
  useEffect(() => {
    const at = box.current;
    if (!at) return undefined;
    let gone = false;
    let end = () => undefined as void;
    void import("../chart").then(({ draw }) => {
      if (gone) return;
      const chart = draw(at, { ...picture, lines });
      const size = () => chart.resize();
      addEventListener("resize", size);
      addEventListener("beforeprint", size);
      end = () => {
        removeEventListener("resize", size);
        removeEventListener("beforeprint", size);
        chart.dispose();
      };
      at.dataset["drawn"] = "1";
    });
    return () => {
      gone = true;
      end();
    };
  }, [picture, off.join(), look]);
  const [x, ...names] = columns;
  const rows: Row[] = picture.x.map((v, i) => {
    const row: Row = { [x]: v };
    picture.lines.forEach((l, k) => { row[names[k] ?? l.name] = l.values[i] == null ? null : l.values[i]!.toFixed(picture.money ? 2 : 0); });
    return row;
  });
  return (
    <figure class="chart">
      <div class="legend">
        {picture.lines.map((l) => (
          <button class={`plain key ${l.kind}`} aria-pressed={!off.includes(l.name)}
            onClick={() => setOff(off.includes(l.name) ? off.filter((n) => n !== l.name) : [...off, l.name])}>{l.name}</button>
        ))}
      </div>
      <div ref={box} class="canvas" role="img" aria-label={picture.label} />
      <details>
        <summary>{t("table")}</summary>
        <Table label={picture.label} rows={rows} columns={columns} {...(headings ? { headings } : {})} />
      </details>
    </figure>
  );
}
