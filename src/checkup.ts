import { constants, accessSync, lstatSync, statfsSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { get as getOverTls } from 'node:https';
import { dirname } from 'node:path';
import type { ApiConfig, Config } from './config/config.ts';
import { showAddress } from './config/listen-address.ts';
import { readSecretFile } from './config/secret-file.ts';
import { readToken } from './config/token.ts';
import { candidatesOf } from './correlate/matching/candidates.ts';
import { claimsOf } from './correlate/matching/claims.ts';
import { estimateClockOffset } from './correlate/clock/clock-offset.ts';
import { learnIdentity } from './correlate/identity/identity.ts';
import { textClasses } from './correlate/matching/text-class.ts';
import { ordered, type Window } from './correlate/window.ts';
import { WhydError } from './errors.ts';
import { problem, type Finding } from './doctor/finding.ts';
import { whoAmI } from './doctor/host/access.ts';
import { judgeHost } from './doctor/host/check-host.ts';
import type { HostFacts } from './doctor/host/facts.ts';
import { sampleSource, type LogSample } from './log-facts.ts';

export type { Finding } from './doctor/finding.ts';

/** Looks at this host's settings and, where the configuration names an address, at the live database. Throws WhydError (exit 78) for files that cannot be used. */
export async function checkup(config: Config, origin: string): Promise<readonly Finding[]> {
  const urlFile = config.postgres?.urlFile ?? null;
  const secret = urlFile === null ? null : await readSecretFile(urlFile, 'the address of the database,');
  const samples: LogSample[] = [];
  for (const source of config.sources) samples.push(...(await sampleSource(source)));
  const findings = [...judgeHost(await hostFacts(config, origin, samples))];
  if (secret === null || urlFile === null) return findings;
  if (secret.isExposed) findings.push(exposed(urlFile));
  // pg is loaded by who asks for it only.
  const { examineDatabase } = await import('./doctor/database/examine.ts');
  const postgres = samples.filter(({ facts }) => facts.kind === 'postgres');
  const startup = samples.map(({ facts }) => facts.digest.startup).findLast((found) => found !== null);
  const { user, database, application } = config.identity;
  return [
    ...findings,
    ...(await examineDatabase({
      url: secret.text,
      identity: {
        user: user ?? startup?.user ?? null,
        database: database ?? startup?.database ?? null,
        application: application ?? startup?.application ?? null,
      },
      logging: {
        canReadLogs: postgres.length === 0 ? null : postgres.every(({ facts }) => facts.trouble === null),
        zoneIsConfigured: config.sources.some(({ kind, timezone }) => kind === 'postgres' && timezone !== null),
      },
    })),
  ];
}

function exposed(path: string): Finding {
  return problem('postgres.url_file', {
    says: `any user of this host can read ${path}`,
    why: 'it holds the password of the database',
    change: [`chmod 600 ${path}`],
  });
}

async function hostFacts(config: Config, origin: string, samples: readonly LogSample[]): Promise<HostFacts> {
  const { listen } = config.api;
  return {
    user: whoAmI(),
    origin,
    logs: samples.map(({ facts }) => facts),
    clockOffsetUs: clockOffset(samples),
    index: await indexFacts(config),
    token: await tokenFacts(config.api.tokenFile),
    api: { address: showAddress(listen), state: await askApi(config.api) },
  };
}

/** Too many failures are as good as enough. */
const MAX_COMPARED = 5_000;

function clockOffset(samples: readonly LogSample[]): number | null {
  const events = samples.flatMap((sample) => sample.events);
  const window: Window = ordered({
    denokv: events
      .flatMap((event) => (event.kind === 'denokv_error' || event.kind === 'denokv_note' ? [event] : []))
      .slice(-MAX_COMPARED),
    postgres: events.flatMap((event) => (event.kind === 'postgres_error' ? [event] : [])).slice(-MAX_COMPARED),
    proxy: [],
    coverage: { denokv: null, postgres: null },
  });
  return estimateClockOffset(textClasses(claimsOf(window), candidatesOf(window, learnIdentity(window, [], {}), 0)));
}

async function indexFacts({ index }: Config): Promise<HostFacts['index']> {
  const folder = dirname(index.path);
  const sizeBytes = sizeOf(index.path) + sizeOf(`${index.path}-wal`);
  const base = { path: index.path, sizeBytes, keepBytes: index.keep.sizeBytes };
  try {
    const { bavail, bsize } = statfsSync(folder);
    return { ...base, freeBytes: bavail * bsize, isWritable: canWrite(folder), gaps: await gapsOf(index.path) };
  } catch {
    return { ...base, freeBytes: null, isWritable: false, gaps: null };
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

async function gapsOf(path: string): Promise<HostFacts['index']['gaps']> {
  if (sizeOf(path) === 0) return null;
  try {
    const { openIndex } = await import('./store/open-index.ts');
    const index = openIndex(path, { readOnly: true });
    try {
      return index.sources().map(({ path: log, gaps }) => ({ path: log, gaps }));
    } finally {
      index.close();
    }
  } catch {
    // whyd db check says what is wrong with it.
    return null;
  }
}

async function tokenFacts(path: string): Promise<HostFacts['token']> {
  try {
    lstatSync(path);
  } catch {
    return { path, state: 'missing', says: 'there is none yet', hint: null };
  }
  try {
    await readToken(path);
    return { path, state: 'good', says: 'closed to others', hint: null };
  } catch (error) {
    if (!(error instanceof WhydError)) throw error;
    return { path, state: 'bad', says: error.message, hint: error.hint };
  }
}

const API_TIMEOUT_MS = 2_000;
const MAX_ANSWER_CHARS = 10_000;

/** whyd's health route says its status and version, to anybody. */
async function askApi({ listen, tls }: ApiConfig): Promise<HostFacts['api']['state']> {
  // The system will choose: there is nothing to ask yet.
  if ('port' in listen && listen.port === 0) return 'silent';
  const place = 'socket' in listen ? { socketPath: listen.socket } : listen;
  const ask = tls === undefined ? get : getOverTls;
  // Whatever name its certificate bears and its callers use: who answers is all that is asked.
  const asked = { ...place, path: '/v1/health', headers: { host: 'localhost' }, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const request = ask({ ...asked, timeout: API_TIMEOUT_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > MAX_ANSWER_CHARS) request.destroy();
      });
      response.on('close', () => {
        resolve(text.includes('"status"') && text.includes('"version"') ? 'answers' : 'foreign');
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'silent' : 'foreign');
    });
  });
}
