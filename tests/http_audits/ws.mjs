// The client of graphql-ws with this server's WebSocket.
// Usage: node ws.mjs URL TOKEN
import assert from "node:assert/strict";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { check, only } from "./operations.mjs";

const [url, token] = process.argv.slice(2);
const connect = (authorization) =>
  createClient({
    url: `${url.replace("http", "ws")}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    lazy: true,
    retryAttempts: 0,
    keepAlive: 1000,
  });

const client = connect(`Bearer ${token}`);
await check(client);
await client.dispose();

const refused = only(connect("Bearer lbx_wrong"), { query: "{ viewer { id } }" });
await assert.rejects(refused, (event) => event.code === 4403);
console.log("graphql-ws: everything holds");
process.exit(0);
