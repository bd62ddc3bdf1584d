// How the page talks to its server: queries by POST, subscriptions by WebSocket, both with the access token or, without
// one, as whom the browser is signed in.
import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";

const endpoint = "/graphql";

export type Connection = { fetcher: Fetcher; close: () => void };

export function connect(token: string): Connection {
  const sockets = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${endpoint}/ws`,
    connectionParams: credentials(token),
    lazy: true,
    retryAttempts: 0, // a refused or lost stream is said at once, not tried again in silence
  });
  const fetcher = createGraphiQLFetcher({ url: endpoint, wsClient: sockets, fetch: authorisedFetch(token) });
  return { fetcher, close: () => void sockets.dispose() };
}

function credentials(token: string): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** The token's header goes first, so that one typed into the headers editor wins. */
function authorisedFetch(token: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(credentials(token));
    new Headers(init?.headers).forEach((value, name) => headers.set(name, value));
    return fetch(input, { ...init, headers, credentials: "same-origin" });
  };
}

export type Standing =
  | { kind: "none" }
  | { kind: "asking" }
  | { kind: "accepted"; name: string; isAdmin: boolean }
  | { kind: "refused" }
  | { kind: "unanswered"; reason: string };

type Answer = { data?: { viewer?: { name: string; isAdmin: boolean } | null } | null; errors?: { message: string; extensions?: { code?: string } }[] };

/** Ends the session of this browser, if there is one. */
export async function signOut(): Promise<void> {
  await fetch("/sign-out", { method: "POST", credentials: "same-origin" });
}

/** Whether the server takes this token, or without one the browser's session, by asking it who that is. */
export async function standingOf(token: string, signal: AbortSignal): Promise<Standing> {
  try {
    const standing = await readAnswer(await askViewer(token, signal));
    return standing.kind === "refused" && !token ? { kind: "none" } : standing;
  } catch (error) {
    return { kind: "unanswered", reason: error instanceof Error ? error.message : String(error) };
  }
}

function askViewer(token: string, signal: AbortSignal): Promise<Response> {
  return authorisedFetch(token)(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query: "{ viewer { name isAdmin } }" }),
    signal,
  });
}

async function readAnswer(response: Response): Promise<Standing> {
  if (response.status === 401 || response.status === 403) return { kind: "refused" };
  const answer = (await response.json().catch(() => null)) as Answer | null;
  if (!answer) return { kind: "unanswered", reason: `it answered with status ${response.status}` };
  const viewer = answer.data?.viewer;
  if (viewer) return { kind: "accepted", ...viewer };
  const error = answer.errors?.[0];
  const refused = !error || error.extensions?.code === "UNAUTHENTICATED";
  return refused ? { kind: "refused" } : { kind: "unanswered", reason: error.message };
}
