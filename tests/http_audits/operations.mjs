// What the clients of both kinds of connection must be able to do with a Lightbox that has one dataset and its job.
import assert from "node:assert/strict";

export const RENAME = `mutation($dataset: ID!, $name: String!) {
  renameDataset(input: { dataset: $dataset, name: $name }) { dataset { name } userErrors { message } } }`;

// Every result of an operation, until it completes.
export async function all(client, payload) {
  const results = [];
  for await (const result of client.iterate(payload)) results.push(result);
  return results;
}

export async function only(client, payload) {
  const results = await all(client, payload);
  assert.equal(results.length, 1);
  return results[0];
}

export async function check(client) {
  const query = "{ datasets(first: 1) { nodes { id creationJob { id } } } }";
  const found = await only(client, { query });
  const [{ id: dataset, creationJob: job }] = found.data.datasets.nodes;
  assert.ok(found.extensions.cost.requested > 0);

  // A job that has ended is told once; then the stream completes by itself.
  const watch = "subscription($id: ID!) { jobUpdated(id: $id) { id state } }";
  const states = await all(client, { query: watch, variables: { id: job.id } });
  assert.deepEqual(states.map((each) => each.data), [{ jobUpdated: { id: job.id, state: "SUCCEEDED" } }]);

  // A change comes to who waits for it, until he does no more.
  const changes = client.iterate({ query: "subscription { datasetsChanged { kind dataset { name } } }" });
  const first = changes.next();
  let name = 0;
  const rename = () => only(client, { query: RENAME, variables: { dataset, name: `name ${name++}` } });
  const timer = setInterval(rename, 200);
  const { value: change } = await first;
  clearInterval(timer);
  assert.equal(change.data.datasetsChanged.kind, "UPDATED");
  assert.match(change.data.datasetsChanged.dataset.name, /^name \d+$/);
  await changes.return();
  assert.deepEqual(await changes.next(), { done: true, value: undefined });

  // The connection goes on; a mutation is an operation like others.
  const renamed = await rename();
  assert.deepEqual(renamed.data.renameDataset.userErrors, []);

  // What is refused before it runs is an answer too, with why.
  const page = "images(first: 500) { nodes { dataset { id } } }";
  const costly = `{ datasets(first: 500) { nodes { studies(first: 500) { nodes { ${page} } } } } }`;
  const [refused] = (await only(client, { query: costly })).errors;
  assert.equal(refused.extensions.limit, "limits.graphql_cost");
  const [unknown] = (await only(client, { query: "{ nothing }" })).errors;
  assert.match(unknown.message, /nothing/);
}
