import { dirname, join, relative, resolve, sep } from 'node:path';
import { ROOT } from './stamp.mjs';

/** Of what the command imports as it goes, only the way of `whyd parse` is bound in; a module that the others need too must stay one. */
const BOUND = /\/(?:verbs\/parse|parse|input-findings)\.js$/;
const SHARED = /\/errors\.js$/;
/**
 * commander loads it at once, for verbs that are programs of their own, and with it comes all of Node's network. whyd has no such verb.
 */
const COMMANDER = /\/commander\/lib\/command\.js$/;
const UNUSED_BY_COMMANDER = "require('node:child_process')";

/** Native, or not to be bound: what ajv compiles at run time asks for classes that a bundle has twice. */
const UNBOUND = ['better-sqlite3', 'pino', /^ajv/, '@fastify/ajv-compiler', /fast-json-stringify/];

/**
 * Makes one module of the command and of all that `whyd parse` loads, in the command's place: to find, open and link a hundred modules takes
 * as long as to read 200 MB of a log. Errors stay apart, because who prints them asks for their class.
 */
export async function bindCommand(path) {
  const fromCommand = (specifier, importer) => {
    const place = relative(dirname(path), resolve(dirname(importer), specifier)).replaceAll(sep, '/');
    return place.startsWith('.') ? place : `./${place}`;
  };
  await bind(path, [SHARED], {
    name: 'whyd-verbs-stay-apart',
    resolveDynamicImport: (specifier, importer) =>
      BOUND.test(specifier) ? null : { id: fromCommand(specifier, importer), external: true },
    transform: (code, id) =>
      COMMANDER.test(id.replaceAll(sep, '/')) ? code.replace(UNUSED_BY_COMMANDER, 'undefined') : null,
  });
}

const BUILT = join(ROOT, 'dist') + sep;

/** The same of the daemon and the packages that it needs: 700 modules, of which the most part are two screens long. */
export async function bindDaemon(path) {
  const folder = dirname(path);
  await bind(path, [SHARED, ...UNBOUND], {
    name: 'whyd-files-stay-where-they-are',
    // What a module reads beside itself (the migrations) lies where it lay.
    transform: (code, id) =>
      id === path || !id.startsWith(BUILT) || !code.includes('import.meta.url')
        ? null
        : code.replaceAll(
            'import.meta.url',
            `new URL(${JSON.stringify(`./${relative(folder, id).replaceAll(sep, '/')}`)}, import.meta.url).href`,
          ),
  });
}

async function bind(path, external, plugin) {
  // Not at the top: on a fresh clone this module is loaded before anything is installed.
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: path, platform: 'node', external, logLevel: 'warn', plugins: [plugin] });
  try {
    // Without comments and blanks there is less to read; names stay, for who reads a stack.
    await bundle.write({ file: path, format: 'esm', codeSplitting: false, minify: { compress: false, mangle: false } });
  } finally {
    await bundle.close();
  }
}
