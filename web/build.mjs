// node build.mjs OUT: typecheck, bundle, gzip; fails when what a browser loads is above LIMIT. Writes OUT/<name>.gz of each
// file and OUT/web_files.S and .c, which embed them (daemon/service/web_files.h).
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 300_000;
const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? "dist");
const types = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8",
                svg: "image/svg+xml", webmanifest: "application/manifest+json" };

execFileSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", here], { stdio: "inherit" });

const made = await build({
  entryPoints: { app: join(here, "src/main.tsx"), style: join(here, "src/style/style.css") },
  bundle: true, splitting: true, format: "esm", target: "es2019", minify: true, legalComments: "none", charset: "utf8",
  entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", outdir: "/", write: false, metafile: true,
  jsx: "automatic", jsxImportSource: "preact", absWorkingDir: here, logLevel: "warning",
});
const files = made.outputFiles.map((f) => ({ name: f.path.split("/").pop(), bytes: f.contents, forever: true }));
const entry = (begin, end) => files.find((f) => f.name.startsWith(begin) && f.name.endsWith(end)).name;
const page = readFileSync(join(here, "src/index.html"), "utf8")
  .replace("style.css", entry("style-", ".css")).replace("main.js", entry("app-", ".js"));
files.push({ name: "index.html", bytes: Buffer.from(page), forever: false });
for (const name of readdirSync(join(here, "static")))
  files.push({ name, bytes: readFileSync(join(here, "static", name)), forever: false });

mkdirSync(out, { recursive: true });
for (const old of readdirSync(out)) if (old.endsWith(".gz")) rmSync(join(out, old));
files.sort((a, b) => (a.name < b.name ? -1 : 1));
let total = 0;
for (const f of files) {
  f.gz = gzipSync(f.bytes, { level: 9 });
  f.tag = createHash("sha256").update(f.bytes).digest("hex").slice(0, 16);
  total += f.gz.length;
  writeFileSync(join(out, `${f.name}.gz`), f.gz);
  console.log(`${String(f.gz.length).padStart(8)}  ${f.name}`);
}
writeFileSync(join(out, "web_files.S"), ".section .rodata\n" + files.map((f, i) =>
  `.balign 16\n.global web_file_${i}\nweb_file_${i}:\n.incbin "${join(out, f.name)}.gz"\n`).join("") +
  '.section .note.GNU-stack,"",%progbits\n');
writeFileSync(join(out, "web_files.c"), '#include "daemon/service/web_files.h"\n\n' +
  files.map((f, i) => `extern const unsigned char web_file_${i}[];\n`).join("") + "\nconst web_file web_files[] = {\n" +
  files.map((f, i) => `    {"/${f.name}", "${types[f.name.split(".").pop()]}", "\\"${f.tag}\\"", web_file_${i}, ${f.gz.length}, ${f.forever}},\n`).join("") +
  `};\nconst size_t web_file_count = ${files.length};\n`);
console.log(`${String(total).padStart(8)}  in all, gzipped; at most ${LIMIT}`);
if (total > LIMIT) {
  console.error(`web: ${total} bytes gzipped, at most ${LIMIT}`);
  process.exit(1);
}
