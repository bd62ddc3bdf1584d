// Bundles the page and everything it loads into one folder of gzip files, names made of content hashes.
// Usage: node bundle.mjs [OUTPUT_FOLDER]   (the server's build.rs calls this; it needs `npm ci --omit=dev` before)
import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const output = resolve(process.argv[2] ?? join(here, "node_modules/.bundle"));
const assetPath = "/graphiql/assets/";

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  write: false,
  outdir: output,
  target: "es2022",
  logLevel: "warning",
  legalComments: "none", // every package's whole licence is in licences.txt
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  define: { "process.env.NODE_ENV": '"production"' },
};

/** The editor's background threads: each one file, so that a page on `worker-src 'self'` can start it. */
async function bundleWorkers() {
  const entryPoints = {
    "editor-worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "graphql-worker": "monaco-graphql/esm/graphql.worker.js",
    "json-worker": "monaco-editor/esm/vs/language/json/json.worker.js",
  };
  return build({ ...shared, entryPoints, format: "iife" });
}

async function bundlePage(workerUrls) {
  return build({
    ...shared,
    entryPoints: { page: "src/main.tsx" },
    format: "esm",
    splitting: true,
    jsx: "automatic",
    loader: { ".graphql": "text", ".ttf": "file", ".woff": "file", ".woff2": "file" },
    publicPath: assetPath,
    define: { ...shared.define, WORKER_URLS: JSON.stringify(workerUrls) },
  });
}

const fileName = (path) => path.slice(path.lastIndexOf("/") + 1);

function entryFile(result, prefix, suffix) {
  const found = result.outputFiles.map((file) => fileName(file.path)).filter((name) => name.startsWith(prefix) && name.endsWith(suffix));
  if (found.length !== 1) throw new Error(`expected one ${prefix}*${suffix} in the bundle, found ${found.length}`);
  return found[0];
}

/** The licences of all packages that the bundle holds code of, as those licences ask for. */
function licences(results) {
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set(folders)].sort().map(packageLicence).join("\n\n" + "-".repeat(80) + "\n\n");
}

function packageLicence(folder) {
  const about = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
  const texts = readdirSync(join(here, folder))
    .filter((name) => /^(licen[cs]e|notice|thirdpartynotices)/i.test(name))
    .sort()
    .map((name) => readFileSync(join(here, folder, name), "utf8").trim());
  return [`${about.name} ${about.version} (${about.license})`, ...texts].join("\n\n");
}

function writeGzip(name, contents) {
  writeFileSync(join(output, `${name}.gz`), gzipSync(contents, { level: 9 }));
}

const workers = await bundleWorkers();
const page = await bundlePage({
  editor: assetPath + entryFile(workers, "editor-worker", ".js"),
  graphql: assetPath + entryFile(workers, "graphql-worker", ".js"),
  json: assetPath + entryFile(workers, "json-worker", ".js"),
});

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const style = entryFile(page, "page", ".css");
for (const file of [...workers.outputFiles, ...page.outputFiles]) {
  // Style sheets of chunks are never loaded: graphiql's own holds the editor's whole style.
  const name = fileName(file.path);
  if (name === style || !name.endsWith(".css")) writeGzip(name, file.contents);
}
const html = readFileSync(join(here, "src/index.html"), "utf8")
  .replace("{{style}}", assetPath + style)
  .replace("{{script}}", assetPath + entryFile(page, "page", ".js"));
writeGzip("index.html", html);
writeGzip("licences.txt", licences([workers, page]));
