import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { etagOf } from './etag.ts';

/** One file of the built dashboard, ready to be sent. */
export interface WebFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  /** Named by its content, so it never changes. */
  readonly isLasting: boolean;
}

/** The built dashboard, held in memory: it is 200 kB, and the first paint must not wait for the disk of a busy host. */
export interface WebFiles {
  /** What every page is. */
  readonly page: WebFile;
  /** The other files, by their path within the folder. */
  readonly others: ReadonlyMap<string, WebFile>;
  /** Sources for the Content-Security-Policy: the styles that stand in the page itself. */
  readonly styleHashes: readonly string[];
}

const PAGE = 'index.html';
const LASTING = 'assets/';
/** What is of another type is no file of the dashboard, and is not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/vnd.microsoft.icon',
};

/** Reads the dashboard that was built to `folder`; null: there is none. */
export function readWebFiles(folder: string | null): WebFiles | null {
  if (folder === null || !existsSync(join(folder, PAGE))) return null;
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const files = new Map(paths.map((path) => [path, readWebFile(folder, path)]));
  const page = files.get(PAGE);
  if (page === undefined) return null;
  files.delete(PAGE);
  return { page, others: files, styleHashes: hashesOfStyles(page.body.toString('utf8')) };
}

function readWebFile(folder: string, path: string): WebFile {
  const body = readFileSync(join(folder, path));
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    body,
    gzipped: gzipSync(body),
    etag: etagOf(body),
    isLasting: path.startsWith(LASTING),
  };
}

function hashesOfStyles(html: string): readonly string[] {
  return Array.from(
    html.matchAll(/<style>([^]*?)<\/style>/g),
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
}
