import { dirname, relative, resolve, sep } from 'node:path';

/** Of what the command imports as it goes, only the way of `whyd parse` is bound in; a module that the others need too must stay one. */
const BOUND = /\/(?:verbs\/parse|parse|input-findings)\.js$/;
const SHARED = /\/errors\.js$/;

/**
 * Makes one module of the command and of all that `whyd parse` loads, in the command's place: to find, open and link a hundred modules takes
 * as long as to read 200 MB of a log. Errors stay apart, because who prints them asks for their class.
 */
export async function bindCommand(path) {
  // Not at the top: on a fresh clone this module is loaded before anything is installed.
  const { rolldown } = await import('rolldown');
  const fromCommand = (specifier, importer) => {
    const place = relative(dirname(path), resolve(dirname(importer), specifier)).replaceAll(sep, '/');
    return place.startsWith('.') ? place : `./${place}`;
  };
  const bundle = await rolldown({
    input: path,
    platform: 'node',
    external: SHARED,
    logLevel: 'warn',
    plugins: [
      {
        name: 'whyd-verbs-stay-apart',
        resolveDynamicImport: (specifier, importer) =>
          BOUND.test(specifier) ? null : { id: fromCommand(specifier, importer), external: true },
      },
    ],
  });
  try {
    await bundle.write({ file: path, format: 'esm', codeSplitting: false });
  } finally {
    await bundle.close();
  }
}
