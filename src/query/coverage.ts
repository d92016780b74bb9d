import type { SourceKind, SourceStatus } from '../domain.ts';

const KINDS: readonly { readonly kind: SourceKind; readonly name: string; readonly isNeeded: boolean }[] = [
  { kind: 'denokv', name: "denokv's log", isNeeded: true },
  { kind: 'postgres', name: 'the Postgres log', isNeeded: true },
];
const MIB = 2 ** 20;

/** What the logs that were read may lack, one sentence each: an answer of "no match" may be one of "no data". */
export function coverageOf(sources: readonly SourceStatus[]): readonly string[] {
  const absent = KINDS.filter(({ kind, isNeeded }) => isNeeded && !sources.some((source) => source.kind === kind));
  return [
    ...absent.map(({ name }) => `${name} is not among the sources`),
    ...sources.flatMap((source) => lacksOf(source)),
  ];
}

function lacksOf({ path, state, reason, lagBytes, gaps, newestAt }: SourceStatus): readonly string[] {
  const says: string[] = [];
  if (state === 'failing') says.push(`${path} cannot be read${reason === null ? '' : `: ${reason}`}`);
  else if (state === 'waiting') says.push(`${path} is not being followed${reason === null ? '' : `: ${reason}`}`);
  if (lagBytes >= MIB)
    says.push(
      `${path} is read up to ${newestAt ?? 'no time yet'}: ${String(Math.ceil(lagBytes / MIB))} MiB are still to come`,
    );
  if (gaps > 0)
    says.push(
      `${path} has ${gaps === 1 ? 'a gap' : `${String(gaps)} gaps`}: lines were lost before they could be read`,
    );
  return says;
}
