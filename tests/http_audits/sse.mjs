// The client of graphql-sse with this server's event streams, in distinct connections mode.
// Usage: node sse.mjs URL TOKEN
import assert from "node:assert/strict";
import { createClient } from "graphql-sse";
import { check, only } from "./operations.mjs";

const [url, token] = process.argv.slice(2);
const connect = (authorization) =>
  createClient({ url: `${url}/graphql`, headers: { authorization }, singleConnection: false, retryAttempts: 0 });

await check(connect(`Bearer ${token}`));
const refused = only(connect("Bearer lbx_wrong"), { query: "{ viewer { id } }" });
await assert.rejects(refused, (error) => error.response.status === 401);
console.log("graphql-sse: everything holds");
process.exit(0);
