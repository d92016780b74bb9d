import type { DroppedCause, Remedy } from '../../domain.ts';

/** What is to be done about requests that got no answer, by what kept it from them. */
export const DROPPED_REMEDIES: Readonly<Record<DroppedCause, readonly Remedy[]>> = {
  panic: [
    {
      do: "Look at the row that the request read: compare its value's length and encoding, and its columns' types, with denokv's schema.",
      why: 'denokv panics over stored data that it did not write; every retry reads the same row and panics again.',
    },
    {
      do: 'Run denokv with RUST_BACKTRACE=1.',
      why: 'The panic then names the call that led to it.',
    },
  ],
  hang: [
    {
      do: 'Set lock_timeout and statement_timeout for the role that denokv connects as.',
      why: 'A request that waits for a lock or for a free connection waits without end; an error would tell whom it waited for.',
    },
    {
      do: 'Set log_lock_waits = on in postgresql.conf, and reload.',
      why: 'Postgres then writes who waits for whom, and for how long.',
    },
  ],
  unreachable: [
    {
      do: "Look at the service manager's log of denokv for the time before its start-up line.",
      why: 'It tells whether denokv was stopped, killed, or ended by itself.',
    },
    {
      do: 'Let the service manager restart denokv at once (systemd: Restart=always), and the proxy try again for reads.',
      why: 'Clients only see the time in which nothing listens.',
    },
  ],
};
