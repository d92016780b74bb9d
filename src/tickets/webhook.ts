import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import { fixedLookup, isAllowed, resolveHost } from './destination.ts';
import { troubleOf, type Trouble } from './delivery-trouble.ts';
import { signatureHeaders, type WebhookMessage } from './signature.ts';

export interface WebhookTarget {
  readonly url: string;
  readonly key: Buffer;
}

export interface WebhookTimeouts {
  readonly resolveMs: number;
  readonly connectMs: number;
  /** From the last byte sent to the answer's headers. */
  readonly answerMs: number;
  /** For all of it. */
  readonly totalMs: number;
}

export const TIMEOUTS: WebhookTimeouts = { resolveMs: 5_000, connectMs: 5_000, answerMs: 10_000, totalMs: 20_000 };

/** What came back. */
export interface Answer {
  readonly kind: 'answered';
  readonly status: number;
  /** The address that was connected to. */
  readonly address: string | null;
  readonly durationMs: number;
  /** Where a redirect, which is not followed, points to. */
  readonly location: string | null;
  /** The beginning of the body, as it came. */
  readonly body: string;
}

export interface NoAnswer extends Trouble {
  readonly kind: 'failed';
  readonly address: string | null;
  readonly durationMs: number;
}

export type Delivery = Answer | NoAnswer;

/** More of an answer is not read. */
const MAX_BODY_BYTES = 4_096;

/** Posts one signed message. Resolves the name once, connects to what it got, follows no redirect, and never throws for what the network does. */
export async function deliver(
  message: WebhookMessage,
  { url, key }: WebhookTarget,
  timeouts: WebhookTimeouts = TIMEOUTS,
): Promise<Delivery> {
  const startedMs = performance.now();
  let address: string | null = null;
  const elapsed = (): number => Math.round(performance.now() - startedMs);
  const failed = (trouble: Trouble): NoAnswer => ({ kind: 'failed', ...trouble, address, durationMs: elapsed() });
  const signal = AbortSignal.timeout(timeouts.totalMs);
  let agent: Agent | null = null;
  try {
    const addresses = await Promise.race([resolveHost(new URL(url)), resolveTimeout(timeouts.resolveMs)]);
    const forbidden = addresses.find((one) => !isAllowed(one.address));
    if (forbidden !== undefined) {
      address = forbidden.address;
      return failed(FORBIDDEN);
    }
    const connect = buildConnector({ timeout: timeouts.connectMs, lookup: fixedLookup(addresses) });
    agent = new Agent({
      connect: (options, callback) => {
        connect(options, (...[error, socket]) => {
          if (error === null) {
            address = socket.remoteAddress ?? null;
            callback(null, socket);
          } else {
            callback(error, null);
          }
        });
      },
      headersTimeout: timeouts.answerMs,
      bodyTimeout: timeouts.answerMs,
    });
    const response = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'whyd',
        ...signatureHeaders(message, key),
      },
      body: message.body,
      signal,
    });
    const body = await beginning(response.body);
    const { statusCode: status, headers } = response;
    const location = status >= 300 && status < 400 ? (headers['location']?.toString() ?? null) : null;
    return { kind: 'answered', status, address, durationMs: elapsed(), location, body };
  } catch (error) {
    return failed(troubleOf(error));
  } finally {
    await agent?.destroy();
  }
}

const FORBIDDEN: Trouble = {
  reason: 'the name leads to a link-local, multicast or unspecified address, where no receiver lives',
  hint: 'check the address of the sink and who answers for its name',
};

async function resolveTimeout(resolveMs: number): Promise<never> {
  await sleep(resolveMs, undefined, { ref: false });
  throw Object.assign(new Error('no answer'), { code: 'ETIMEOUT' });
}

/** The answer is told by its status; a body that breaks off, or has no end, takes nothing from it. */
async function beginning(body: Dispatcher.ResponseData['body']): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= MAX_BODY_BYTES) break;
    }
  } catch {
    // Said above: the status has come.
  }
  return Buffer.concat(pieces).toString('utf8', 0, MAX_BODY_BYTES);
}
