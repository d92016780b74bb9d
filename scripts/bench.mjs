/**
 * Runs the benchmarks: ratios measured in one run against other programs on the same generated files.
 * `npm run bench -- [PART...] [FOLDER...] [--bytes N] [--events N] [--rate N] [--rounds N] [--without PROGRAM]`; without a part all of them. Folders hold labelled captures
 * for the calibration.
 */
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchApi } from '../bench/api/bench.mjs';
import { runCalibration } from '../bench/calibration.mjs';
import { benchIngest } from '../bench/ingest.mjs';
import { benchJoiner } from '../bench/joiner.mjs';
import { benchWeb } from '../bench/web.mjs';
import { benchParse } from '../bench/parse/bench.mjs';
import { ROOT } from './stamp.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    bytes: { type: 'string' },
    events: { type: 'string' },
    rate: { type: 'string' },
    rounds: { type: 'string' },
    without: { type: 'string' },
  },
});

const PARTS = {
  calibration: () => runCalibration(folders.length > 0 ? folders : undefined),
  joiner: (_, options) => benchJoiner(options),
  parse: benchParse,
  ingest: () => benchIngest(),
  web: () => benchWeb(),
  api: benchApi,
};

const isFolder = (name) => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
const folders = positionals.filter((name) => !Object.hasOwn(PARTS, name) && isFolder(name));
const parts = positionals.filter((name) => !folders.includes(name));
const unknown = parts.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) {
  process.stderr.write(`whyd: no such benchmark: ${unknown.join(', ')}; there are: ${Object.keys(PARTS).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const options = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, name === 'without' ? value : Number(value)]),
  );
  for (const part of parts.length > 0 ? parts : Object.keys(PARTS)) await PARTS[part](ROOT, options);
}
