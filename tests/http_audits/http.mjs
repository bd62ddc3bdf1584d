// All audits of graphql-http for servers. MUST and SHOULD hold; what a server MAY do otherwise is printed.
// Usage: node http.mjs URL TOKEN
import { serverAudits } from "graphql-http";

const [url, token] = process.argv.slice(2);
const fetchFn = (address, init = {}) =>
  fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

const failed = [];
const audits = serverAudits({ url: `${url}/graphql`, fetchFn });
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") continue;
  console.log(`${audit.id} ${audit.name}: ${result.reason}`);
  if (!audit.name.startsWith("MAY")) failed.push(audit.id);
}
console.log(`${audits.length} audits, ${failed.length} of MUST and SHOULD failed: ${failed.join(", ")}`);
if (failed.length > 0 || audits.length < 50) process.exit(1);
