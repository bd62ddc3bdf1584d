// Relay's compiler over the schema: a fragment of every object type with all its fields, every connection as Relay pages
// through it, every root field as an operation.
// Usage: node relay.mjs SCHEMA FOLDER   (FOLDER: an empty one, for what is made)
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { buildSchema, getNamedType, isCompositeType, isLeafType, isObjectType, isRequiredArgument } from "graphql";

const [schemaFile, folder] = process.argv.slice(2);
const schema = buildSchema(readFileSync(schemaFile, "utf8"));
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const objects = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && !type.name.startsWith("__") && !roots.includes(type));
const isConnection = (field) => getNamedType(field.type).name.endsWith("Connection");
const upper = (name) => name[0].toUpperCase() + name.slice(1);
const selection = (field) => (isCompositeType(getNamedType(field.type)) ? " { __typename }" : "");

const definitions = [];
const fields = (type) => Object.values(type.getFields());
const required = (field) => field.args.filter(isRequiredArgument);
const variables = (args) => (args.length === 0 ? "" : `(${args.map((arg) => `$${arg.name}: ${arg.type}`).join(", ")})`);
const passed = (args) => (args.length === 0 ? "" : `(${args.map((arg) => `${arg.name}: $${arg.name}`).join(", ")})`);

for (const type of objects) {
  const args = fields(type).flatMap(required);
  const defined = args.map((arg) => `${arg.name}: { type: "${arg.type}" }`).join(", ");
  const header = args.length === 0 ? "" : ` @argumentDefinitions(${defined})`;
  const body = fields(type).map((field) => `  ${field.name}${passed(required(field))}${selection(field)}`).join("\n");
  definitions.push(`fragment App_${type.name} on ${type.name}${header} {\n${body}\n}`);
}

const node = schema.getType("Node");
let connections = 0;
for (const type of [schema.getQueryType(), ...objects]) {
  const canRefetch = type === schema.getQueryType() || type.getInterfaces().includes(node);
  for (const field of fields(type).filter(isConnection)) {
    if (!canRefetch) throw new Error(`${type.name}.${field.name}: only a Node's connections can be paged through`);
    const name = `${type.name}${upper(field.name)}`;
    const row = getNamedType(getNamedType(field.type).getFields().edges.type).getFields().node;
    const id = "id" in getNamedType(row.type).getFields() ? "id" : "__typename";
    definitions.push(`fragment App_${name} on ${type.name} @refetchable(queryName: "App${name}PageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
  ${field.name}(first: $count, after: $cursor) @connection(key: "App_${name}_${field.name}") {
    totalCount
    edges { node { ${id} } }
  }
}`);
    connections += 1;
  }
}

for (const [kind, type] of [["query", roots[0]], ["mutation", roots[1]], ["subscription", roots[2]]]) {
  for (const field of fields(type)) {
    const args = field.args.filter((arg) => isRequiredArgument(arg) || arg.name === "first");
    const inner = isLeafType(getNamedType(field.type)) ? "" : " { __typename }";
    definitions.push(`${kind} App${upper(field.name)}${upper(kind)}${variables(args)} { ${field.name}${passed(args)}${inner} }`);
  }
}

mkdirSync(join(folder, "src/__generated__"), { recursive: true });
cpSync(schemaFile, join(folder, "schema.graphql"));
const tagged = definitions.map((definition) => `graphql\`\n${definition}\n\`;`).join("\n\n");
writeFileSync(join(folder, "src/App.js"), `import { graphql } from "relay-runtime";\n\n${tagged}\n`);
const config = {
  src: "./src",
  schema: "./schema.graphql",
  language: "javascript",
  artifactDirectory: "./src/__generated__",
};
writeFileSync(join(folder, "relay.config.json"), JSON.stringify(config));
const compiler = createRequire(import.meta.url).resolve("relay-compiler/cli.js");
execFileSync(process.execPath, [compiler, "relay.config.json"], { cwd: folder, stdio: "inherit" });
const made = readdirSync(join(folder, "src/__generated__")).length;
if (made < definitions.length + connections) throw new Error(`${made} files of ${definitions.length} definitions`);
console.log(`Relay: ${objects.length} types, ${connections} connections, ${made} files`);
