import type { ComponentChildren, JSX } from 'preact';
import { assertNever } from './assert-never.ts';
import type { Trouble } from './trouble.ts';
import type { Resource } from './use-resource.ts';

/** Nothing there, and what that means. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="dim">{children}</div>}
    </div>
  );
}

/** Why there is nothing to show, and what to do about it. */
export function TroubleBox({
  trouble,
  onRetry,
}: {
  readonly trouble: Trouble;
  readonly onRetry?: () => void;
}): JSX.Element {
  return (
    <div class="trouble" role="alert">
      <p class="trouble-title">
        <span aria-hidden="true">▲ </span>
        {titleOf(trouble)}
      </p>
      <p>{adviceOf(trouble)}</p>
      {onRetry !== undefined && trouble.kind !== 'missing' && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function titleOf({ kind, message }: Trouble): string {
  return kind === 'unreachable' ? 'whyd does not answer' : message;
}

function adviceOf({ kind, hint }: Trouble): string {
  if (hint !== null) return hint;
  switch (kind) {
    case 'unreachable':
      return 'Is the daemon running? On its host: systemctl status whyd, or journalctl -u whyd.';
    case 'denied':
      return 'Sign in with the token that whyd token prints.';
    case 'forbidden':
      return 'This token may only read. Sign in with an admin token to change issues.';
    case 'missing':
      return 'It may be older than what the index keeps, or the address is wrong.';
    case 'refused':
      return 'The daemon’s own log says more.';
    default:
      return assertNever(kind);
  }
}

interface LoadedProps<T> {
  readonly resource: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
}

/** The answer when it is there, else why it is not. An old answer stays while a newer one is fetched or fails. */
export function Loaded<T>({ resource, children }: LoadedProps<T>): JSX.Element | null {
  const { value, trouble, reload } = resource;
  if (value !== null) return <>{children(value)}</>;
  if (trouble !== null) return <TroubleBox trouble={trouble} onRetry={reload} />;
  return (
    <p class="loading" role="status">
      reading …
    </p>
  );
}
