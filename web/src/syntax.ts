// The small syntax of a command's arguments (daemon/command/command.h), read as fields of a form:
// "<sku> [--partner ID] [--all] [--near|--missing] -f FILE.yaml".
export interface Field {
  name: string;
  option: boolean; // --name, else a positional
  value: string; // what the value is called: "ID", "D", "FILE.csv"; "" for a flag
  required: boolean;
  many: boolean;
  file: boolean;
  group: string; // alternatives of one another share it; "" none
}

const PIECE = /\[?(--[a-z-]+(?:\|--[a-z-]+)+)\]?|\[?(--?[a-z][a-z-]*)(?: ([^\s\]<[-][^\s\]]*))?\]?|[<[]([^>\]]+)[>\]]/g;

export function fieldsOf(args: string): Field[] {
  const out: Field[] = [];
  for (const m of args.matchAll(PIECE)) {
    const optional = m[0].startsWith("[");
    if (m[1]) {
      for (const one of m[1].split("|"))
        out.push({ name: one.replace(/^-+/, ""), option: true, value: "", required: false, many: false, file: false, group: m[1] });
    } else if (m[2]) {
      const value = m[3] ?? "";
      out.push({ name: m[2].replace(/^-+/, ""), option: true, value, required: !optional, many: false,
                 file: value.startsWith("FILE"), group: "" });
    } else if (m[4]) {
      const many = m[4].endsWith("…");
      const name = many ? m[4].slice(0, -1) : m[4];
      out.push({ name, option: false, value: name, required: !optional, many, file: name.startsWith("FILE"), group: "" });
    }
  }
  return out;
}
