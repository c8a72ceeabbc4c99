// Writes the third-party files that pages load into build/static/vendor/, which is not committed.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = (name) => here(`../build/static/vendor/${name}`);
const fromPackage = (path) => here(`./node_modules/${path}`);

// Copied as they are. Maps go along: the manifest of static files follows the references to them.
const COPIES = [
  "bootstrap/dist/css/bootstrap.min.css",
  "bootstrap/dist/css/bootstrap.min.css.map",
  "bootstrap/dist/js/bootstrap.bundle.min.js",
  "bootstrap/dist/js/bootstrap.bundle.min.js.map",
  "axe-core/axe.min.js",
];

async function sprite(names) {
  const symbols = await Promise.all(names.map(symbol));
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

async function symbol(name) {
  const source = await readFile(fromPackage(`bootstrap-icons/icons/${name}.svg`), "utf8");
  const [, box, drawing] = source.match(/viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/);
  return `<symbol id="${name}" viewBox="${box}" fill="currentColor">${drawing.trim()}</symbol>`;
}

await rm(target(""), { recursive: true, force: true });
await mkdir(target(""), { recursive: true });
for (const path of COPIES) {
  await copyFile(fromPackage(path), target(path.split("/").at(-1)));
}
const icons = JSON.parse(await readFile(here("./icons.json"), "utf8"));
await writeFile(target("bootstrap-icons.svg"), await sprite(icons));
const common = { bundle: true, minify: true, target: "es2022", legalComments: "eof", logLevel: "warning" };
await build({
  ...common,
  entryPoints: [here("./event-calendar.js")],
  format: "esm",
  outfile: target("event-calendar.js"),
});
await build({
  ...common,
  entryPoints: [fromPackage("@event-calendar/core/dist/index.css")],
  outfile: target("event-calendar.css"),
});
