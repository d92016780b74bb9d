import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Heading } from '../heading.tsx';

interface SignInProps {
  /** The daemon refused the last token. */
  readonly isDenied: boolean;
  readonly onToken: (token: string) => void;
}

export function SignIn({ isDenied, onToken }: SignInProps): JSX.Element {
  const [token, setToken] = useState('');
  return (
    <main class="sign-in">
      <Heading title="Sign in">
        why<span class="brand-tail">d</span>
      </Heading>
      {isDenied && (
        <p class="trouble" role="alert">
          <span aria-hidden="true">▲ </span>The daemon refused that token. It may have been replaced.
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') onToken(token.trim());
        }}
      >
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token}
          aria-describedby="token-help"
          onInput={(event) => {
            setToken(event.currentTarget.value);
          }}
        />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <p id="token-help" class="dim">
        <code>whyd token</code> prints it on the daemon’s host. It is kept in this tab only, until you close it. A link
        that ends in <code>#token=…</code> signs in by itself.
      </p>
    </main>
  );
}
