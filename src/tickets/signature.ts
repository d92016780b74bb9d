import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** What Standard Webhooks asks of a secret: 24 to 64 bytes. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** The key in `whsec_<base64>`; null when the text is of another form. */
export function readSigningKey(text: string): Buffer | null {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  if (!BASE64.test(encoded)) return null;
  const key = Buffer.from(encoded, 'base64');
  return key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : null;
}

/** A message as Standard Webhooks signs it. */
export interface WebhookMessage {
  readonly id: string;
  /** Whole seconds since the epoch. */
  readonly timestampS: number;
  /** JSON. */
  readonly body: string;
}

/** The three headers of Standard Webhooks. */
export function signatureHeaders(
  { id, timestampS, body }: WebhookMessage,
  key: Buffer,
): Readonly<Record<string, string>> {
  const timestamp = String(timestampS);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
