import { cloudnative } from './cloudnative.ts';
import { compose } from './compose.ts';
import { cri } from './cri.ts';
import { docker } from './docker.ts';
import type { Envelope } from './envelope.ts';
import { journal } from './journal.ts';
import { journalExport } from './journal-export.ts';
import { jsonWrapper } from './json-wrapper.ts';
import { named } from './named.ts';
import { prettyJson } from './pretty-json.ts';
import { stamped } from './stamped.ts';
import { syslog } from './syslog.ts';
import { table } from './table.ts';

/** A new wrapping is one file and one entry here; where several fit a line, the earlier one knows it better. */
export const ENVELOPES: readonly Envelope[] = [
  docker,
  journal,
  journalExport,
  cri,
  cloudnative,
  syslog,
  compose,
  stamped,
  jsonWrapper,
  prettyJson,
  table,
  named,
];
