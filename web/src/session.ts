/** Where the token is kept: for this tab, until it is closed. */
const KEY = 'whyd.token';

/** Takes a token out of `#token=...` and out of the address bar, so that it stands in no history, bookmark or screenshot. */
export function takeTokenFromAddress(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token')?.trim();
  if (token === undefined || token === '') return;
  keepToken(token);
  history.replaceState(null, '', location.pathname + location.search);
}

export function currentToken(): string | null {
  return sessionStorage.getItem(KEY);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
