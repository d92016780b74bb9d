import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { goTo, usePlace } from './location.ts';

export const WHY_BOX_ID = 'why';

/** "Why did it fail?": takes whatever the operator has in hand. The first thing on every page. */
export function WhyBox(): JSX.Element {
  const { path, query } = usePlace();
  const asked = path === '/search' ? (query.get('q') ?? '') : '';
  const [text, setText] = useState(asked);
  useEffect(() => {
    setText(asked);
  }, [asked]);
  const submit = (event: Event): void => {
    event.preventDefault();
    const question = text.trim();
    if (question !== '') goTo(`/search?${new URLSearchParams({ q: question }).toString()}`);
  };
  return (
    <form class="why-box" role="search" onSubmit={submit} action="/search">
      <label for={WHY_BOX_ID}>why</label>
      <input
        id={WHY_BOX_ID}
        name="q"
        type="search"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={400}
        value={text}
        placeholder="an id, a time, an SQLSTATE, a KV key, or a piece of the error"
        aria-keyshortcuts="/"
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
      <button type="submit">Ask</button>
    </form>
  );
}
