/**
 * Runs the benchmarks: ratios measured in one run against other programs on the same generated files.
 * `npm run bench -- [PART...] [--bytes N] [--rounds N] [--without PROGRAM]`; without a part all of them.
 */
import { parseArgs } from 'node:util';
import { runCalibration } from '../bench/calibration.mjs';
import { benchIngest } from '../bench/ingest.mjs';
import { benchParse } from '../bench/parse/bench.mjs';
import { ROOT } from './stamp.mjs';

const PARTS = {
  calibration: () => runCalibration(),
  parse: benchParse,
  ingest: () => benchIngest(),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { bytes: { type: 'string' }, rounds: { type: 'string' }, without: { type: 'string' } },
});
const unknown = positionals.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) {
  process.stderr.write(`whyd: no such benchmark: ${unknown.join(', ')}; there are: ${Object.keys(PARTS).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const options = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, name === 'without' ? value : Number(value)]),
  );
  for (const part of positionals.length > 0 ? positionals : Object.keys(PARTS)) await PARTS[part](ROOT, options);
}
