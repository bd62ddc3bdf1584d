// The bar above the editor: where the access token goes, and whether the server takes it.
import { useState, type FormEvent } from "react";
import type { Standing } from "./connection";

type TokenBarProps = {
  token: string;
  standing: Standing;
  onUse: (token: string) => void;
  onSignOut: () => void;
};

export function TokenBar({ token, standing, onUse, onSignOut }: TokenBarProps) {
  const [draft, setDraft] = useState(token);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onUse(draft.trim());
  };
  const forget = () => {
    setDraft("");
    onUse("");
  };
  return (
    <header className="token-bar">
      <strong className="token-bar-name">Lightbox</strong>
      <form onSubmit={submit}>
        <label htmlFor="access-token">Access token</label>
        <input
          id="access-token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={draft}
          aria-describedby="token-standing"
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" disabled={!draft.trim()}>
          Use
        </button>
        {token && (
          <button type="button" onClick={forget}>
            Forget
          </button>
        )}
        {!token && standing.kind === "accepted" && (
          <button type="button" onClick={onSignOut}>
            Sign out
          </button>
        )}
      </form>
      <p id="token-standing" className={`token-standing token-${standing.kind}`} role="status">
        <StandingText standing={standing} />
      </p>
      <a className="token-bar-licences" href="/graphiql/assets/licences.txt">
        Licences
      </a>
    </header>
  );
}

function StandingText({ standing }: { standing: Standing }) {
  switch (standing.kind) {
    case "none":
      return (
        <>
          The server wrote the administrator’s token to <code>admin-token</code> in its data directory. With a password,{" "}
          <a href="/sign-in">sign in</a> instead.
        </>
      );
    case "asking":
      return <>Asking the server…</>;
    case "accepted":
      return (
        <>
          Accepted: you are {standing.name}
          {standing.isAdmin ? ", an administrator" : ""}.
        </>
      );
    case "refused":
      return (
        <>
          Refused: unknown to the server, expired or revoked. See <code>admin-token</code> in its data directory.
        </>
      );
    case "unanswered":
      return <>No answer from the server: {standing.reason}.</>;
  }
}
