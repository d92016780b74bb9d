#!/usr/bin/env node
// Stands in for systemctl: its units are the files in the folder that WHYD_TEST_UNITS names.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.WHYD_TEST_UNITS;
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const [verb, ...names] = words;
if (verb === 'list-units') {
  const wanted = names.map((pattern) => new RegExp(`^${pattern.replace('*', '.*')}(?:\\.service)?$`));
  for (const unit of readdirSync(folder)) {
    if (wanted.some((pattern) => pattern.test(unit))) console.log(`${unit} loaded active running A service`);
  }
} else if (verb === 'cat') {
  console.log(`# /etc/systemd/system/${names[0]}\n${readFileSync(join(folder, names[0]), 'utf8')}`);
} else {
  process.stderr.write(`Unknown command verb '${verb}'.\n`);
  process.exit(1);
}
