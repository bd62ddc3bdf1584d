// The access token of this browser tab. Kept in sessionStorage, so that closing the tab forgets it.
const key = "lightbox:access-token";

export function rememberedToken(): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return ""; // storage switched off: the token lives as long as the page
  }
}

export function rememberToken(token: string): void {
  try {
    if (token) sessionStorage.setItem(key, token);
    else sessionStorage.removeItem(key);
  } catch {
    // As above: nothing is kept, nothing else changes.
  }
}
