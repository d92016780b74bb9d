import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { SinkConfig } from './config/config.ts';
import { readSecretFile } from './config/secret-file.ts';
import { EXIT, WhydError } from './errors.ts';
import { readSigningKey, type WebhookMessage } from './tickets/signature.ts';
import { deliver, TIMEOUTS, type Delivery, type WebhookTimeouts } from './tickets/webhook.ts';

export type { Delivery } from './tickets/webhook.ts';

/** What became of a test message. */
export interface SinkTest {
  readonly sink: string;
  /** Scheme, host and port: a path can be a secret. */
  readonly to: string;
  /** By which the receiver's log can be searched. */
  readonly messageId: string;
  readonly delivery: Delivery;
  /** What should be mended though the message may have arrived, one sentence each. */
  readonly warnings: readonly string[];
}

export interface SinkTestOptions {
  readonly version: string;
  readonly nowMs: number;
  readonly timeouts?: WebhookTimeouts;
}

/** Sends one message, marked as a test, to a sink. Throws WhydError (exit 78) where the sink's files cannot be used. */
export async function testSink(
  { name, url, urlFile, secretFile }: SinkConfig,
  { version, nowMs, timeouts = TIMEOUTS }: SinkTestOptions,
): Promise<SinkTest> {
  const warnings: string[] = [];
  const read = async (path: string, what: string): Promise<string> => {
    const { text, isExposed } = await readSecretFile(path, what);
    if (isExposed) warnings.push(`${what} ${path}: any user of this host can read it; run chmod 600 ${path}`);
    return text;
  };
  const key = readSigningKey(await read(secretFile, `the secret of sink ${name},`));
  if (key === null) throw badSecret(name, secretFile);
  const address = url ?? readAddress(name, urlFile ?? '', await read(urlFile ?? '', `the address of sink ${name},`));
  const message = testMessage(name, version, nowMs);
  const delivery = await deliver(message, { url: address, key }, timeouts);
  return { sink: name, to: new URL(address).origin, messageId: message.id, delivery, warnings };
}

function testMessage(sink: string, version: string, nowMs: number): WebhookMessage {
  const data = {
    test: true,
    says: `This is a test of whyd's sink ${sink}, sent by hand. Nothing has failed.`,
    sink,
    host: hostname(),
    whyd: version,
  };
  return {
    id: `msg_test_${randomUUID().replaceAll('-', '')}`,
    timestampS: Math.floor(nowMs / 1000),
    body: JSON.stringify({ type: 'whyd.test', timestamp: new Date(nowMs).toISOString(), data }),
  };
}

function readAddress(name: string, file: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username + url.password === '')
    return text;
  throw new WhydError('sink.bad_url', `the address of sink ${name}, ${file}: it holds no http or https address`, {
    hint: 'Write https://host/path into it, without user and password.',
    exitCode: EXIT.badConfiguration,
  });
}

function badSecret(name: string, file: string): WhydError {
  return new WhydError('sink.bad_secret', `the secret of sink ${name}, ${file}: it is not of the form whsec_<base64>`, {
    hint: `Make one of 32 bytes, and give it to the receiver too: printf 'whsec_%s\\n' "$(openssl rand -base64 32)" > ${file}`,
    exitCode: EXIT.badConfiguration,
  });
}
