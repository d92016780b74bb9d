import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { ListenAddress } from '../domain.ts';
import { codeOf, WhydError } from '../errors.ts';

/** The daemon's user and group may connect; what they may do is up to their token. */
const SOCKET_MODE = 0o660;
/** What a socket's address can hold (sun_path). */
const MAX_PATH_BYTES = 107;

/** @returns the address as callers write it. Throws WhydError `api.cannot_listen` */
export async function listen(app: FastifyInstance, place: ListenAddress): Promise<string> {
  try {
    return 'socket' in place ? await listenOnSocket(app, place.socket) : await app.listen(place);
  } catch (error) {
    throw error instanceof WhydError ? error : cannotListen(place, error);
  }
}

/**
 * The socket is made in a folder that nobody else can enter, and moved to its name when it has its mode: so it is never there for others than those who
 * may use it. (A umask would do as much, but a thread has none of its own.)
 */
async function listenOnSocket(app: FastifyInstance, path: string): Promise<string> {
  await refuseTaken(path);
  const folder = mkdtempSync(join(dirname(path), '.whyd-'));
  const draft = join(folder, 's');
  try {
    if (Buffer.byteLength(draft) > MAX_PATH_BYTES) throw refused(path, 'the path of its folder is too long');
    let made: Stats | null = null;
    app.addHook('preClose', (done) => {
      if (made !== null && lstatSync(path, { throwIfNoEntry: false })?.ino === made.ino) rmSync(path, { force: true });
      done();
    });
    await app.listen({ path: draft });
    chmodSync(draft, SOCKET_MODE);
    made = lstatSync(draft);
    renameSync(draft, path);
    return `unix:${path}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A daemon that was killed leaves its socket's name behind, which may be taken; one that answers keeps it. */
async function refuseTaken(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw refused(path, 'there is something else, and no socket');
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      resolve(codeOf(error) !== 'ECONNREFUSED' && codeOf(error) !== 'ENOENT');
    });
  });
  if (isAlive) throw refused(path, IN_USE);
}

const IN_USE = 'another program does already';

function refused(path: string, why: string): WhydError {
  return new WhydError('api.cannot_listen', `cannot listen on unix:${path}: ${why}`, { hint: hintOf(why) });
}

function cannotListen(place: ListenAddress, cause: unknown): WhydError {
  const where = 'socket' in place ? `unix:${place.socket}` : `${place.host}:${String(place.port)}`;
  const why = codeOf(cause) === 'EADDRINUSE' ? IN_USE : (WHYS[codeOf(cause) ?? ''] ?? null);
  const says = why === null ? '' : `: ${why}`;
  return new WhydError('api.cannot_listen', `cannot listen on ${where}${says}`, { hint: hintOf(why), cause });
}

const WHYS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is none',
  EACCES: 'this user may not',
  EROFS: 'its folder cannot be written to',
  EADDRNOTAVAIL: 'this host has no such address',
};

function hintOf(why: string | null): string {
  return why === IN_USE
    ? 'stop the other whyd, or choose another address with --listen'
    : 'choose another address with --listen';
}
