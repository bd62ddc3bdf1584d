// Checks every example document against the server's schema, so that none of them stops working unnoticed.
// Usage: node check-examples.mjs [SCHEMA]   (default: schema.graphql at the top of the project)
import { buildSchema, parse, validate } from "graphql";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const here = import.meta.dirname; // Node 20.11
const schemaFile = resolve(process.argv[2] ?? join(here, "../../schema.graphql"));
if (!existsSync(schemaFile)) {
  console.error(`${schemaFile} is not there: write it with \`lightbox schema\`, or name another as the argument`);
  process.exit(1);
}
const schema = buildSchema(readFileSync(schemaFile, "utf8"));
const folder = join(here, "src/examples");
let wrong = 0;
for (const name of readdirSync(folder).sort()) {
  for (const error of validate(schema, parse(readFileSync(join(folder, name), "utf8")))) {
    console.error(`${name}: ${error.message}`);
    wrong += 1;
  }
}
if (wrong > 0) process.exit(1);
