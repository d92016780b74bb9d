import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ApiClient } from './api-client.ts';
import { Frame } from './frame.tsx';
import { LiveFeed } from './live/live-feed.ts';
import { ServicesProvider } from './services.ts';
import { currentToken, forgetToken, keepToken, takeTokenFromAddress } from './session.ts';
import { SignIn } from './pages/sign-in.tsx';

/** Signed in or not. */
export function App(): JSX.Element {
  const [token, setToken] = useState(currentToken);
  const [isDenied, setDenied] = useState(false);
  const onDenied = useCallback(() => {
    forgetToken();
    setToken(null);
    setDenied(true);
  }, []);
  useEffect(() => {
    // A link with a token may be opened in a tab that has the dashboard already.
    const onHash = (): void => {
      takeTokenFromAddress();
      setToken(currentToken());
    };
    addEventListener('hashchange', onHash);
    return () => {
      removeEventListener('hashchange', onHash);
    };
  }, []);
  if (token === null) {
    return (
      <SignIn
        isDenied={isDenied}
        onToken={(given) => {
          keepToken(given);
          setDenied(false);
          setToken(given);
        }}
      />
    );
  }
  return <SignedIn key={token} onDenied={onDenied} />;
}

function SignedIn({ onDenied }: { readonly onDenied: () => void }): JSX.Element {
  const services = useMemo(() => {
    const feed = new LiveFeed(currentToken);
    return { api: new ApiClient(currentToken, () => feed.ready()), live: feed, onDenied };
  }, [onDenied]);
  const { live } = services;
  useEffect(() => {
    const stopListening = live.onState((state) => {
      if (state === 'denied') onDenied();
    });
    live.start();
    return () => {
      stopListening();
      live.stop();
    };
  }, [live, onDenied]);
  return (
    <ServicesProvider value={services}>
      <Frame />
    </ServicesProvider>
  );
}
