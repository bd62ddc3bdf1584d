// The page: the token bar, and GraphiQL on a connection that carries the token.
import "./workers";
import { GraphiQL } from "graphiql";
import { StrictMode, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { connect, signOut, standingOf, type Standing } from "./connection";
import { examples } from "./examples";
import { rememberedToken, rememberToken } from "./token";
import { TokenBar } from "./token-bar";
import "graphiql/style.css";
import "./page.css";

function Page() {
  const [token, setToken] = useState(rememberedToken);
  const [attempt, setAttempt] = useState(0);
  const standing = useStanding(token, attempt);
  const connection = useMemo(() => connect(token), [token]);
  useEffect(() => connection.close, [connection]);

  const use = (next: string) => {
    rememberToken(next);
    setToken(next);
    setAttempt((count) => count + 1); // the same token may be tried again
  };
  // Without a token that the server takes, asking for its schema can only fail: null says not to ask.
  const schema = standing.kind === "accepted" ? undefined : null;
  return (
    <>
      <TokenBar token={token} standing={standing} onUse={use} onSignOut={() => void signOut().then(() => use(""))} />
      <main>
        <GraphiQL
          fetcher={connection.fetcher}
          schema={schema}
          defaultTabs={examples}
          schemaDescription
          inputValueDeprecation
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <></>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

/** What is known of this very token, or of the session without one: an answer about the one before counts for nothing. */
function useStanding(token: string, attempt: number): Standing {
  const [answer, setAnswer] = useState<{ token: string; attempt: number; standing: Standing }>();
  useEffect(() => {
    const abort = new AbortController();
    void standingOf(token, abort.signal).then((standing) => {
      if (!abort.signal.aborted) setAnswer({ token, attempt, standing });
    });
    return () => abort.abort();
  }, [token, attempt]);
  const isCurrent = answer?.token === token && answer.attempt === attempt;
  return isCurrent ? answer.standing : { kind: "asking" };
}

const container = document.getElementById("page");
if (container) {
  createRoot(container).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
