/**
 * The layers (ARCHITECTURE.md). A room knows itself, the shared vocabulary (src/domain.ts, src/errors.ts, src/sqlstate-classes.ts,
 * src/memo.ts, src/counted-up-to.ts, src/incident-runs.ts) and the clock's arithmetic (src/time); the composition roots (src/*.ts, with
 * src/live and src/offline behind them) put rooms together. test/layers.test.ts breaks each rule on purpose and expects it to fail.
 */
const ROOMS = 'tailers|parsers|correlate|store|api|config|query|tickets|doctor|discovery';
const VOCABULARY = 'domain|errors|sqlstate-classes|counted-up-to|incident-runs|memo';
/** Of the vocabulary what is more than types, and is for a browser too. */
const FOR_BROWSERS = '^src/(counted-up-to|incident-runs)\\.ts$';
const COMPOSITION_ROOTS = 'analyze|checkup|daemon|discovered-config|demo|known-causes|log|maintenance|parse|sink-test';

/** An npm package, whether it resolves to a file, to its types or not at all. */
const npm = (names) => `(^|node_modules/)(@types/)?(${names})(/|$)`;

/** A module of Node that touches the world: disk, network, other processes or threads. */
const EFFECTS =
  '^(node:)?(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|readline|repl)(/|$)';

const onlyIn = (name, folder, packages) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}` },
  to: { path: npm(packages) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'rooms-apart',
      comment: 'Rooms never import each other: what crosses a wall is a type of src/domain.ts.',
      severity: 'error',
      from: { path: `^src/(${ROOMS})/` },
      to: { path: `^src/(${ROOMS}|cli)/`, pathNot: '^src/$1/' },
    },
    {
      name: 'rooms-below-roots',
      comment: 'A room does not know who puts it together.',
      severity: 'error',
      from: { path: `^src/(${ROOMS}|time)/` },
      to: { path: '^src/((live|offline)/)?[^/]+$', pathNot: `^src/(${VOCABULARY})\\.ts$` },
    },
    {
      name: 'live-and-offline-apart',
      comment: 'The daemon and the reading of whole logs share rooms, not each other.',
      severity: 'error',
      from: { path: '^src/(live|offline)/' },
      to: { path: '^src/(live|offline)/', pathNot: '^src/$1/' },
    },
    {
      name: 'time-alone',
      severity: 'error',
      from: { path: '^src/time/' },
      to: { path: '^src/[^/]+/', pathNot: '^src/time/' },
    },
    {
      name: 'cli-through-roots',
      comment: 'The command line reaches the other rooms through a composition root.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: '^src/',
        pathNot: `^src/(cli|query|config|time)/|^src/(errors|domain|counted-up-to|incident-runs|${COMPOSITION_ROOTS})\\.ts$`,
      },
    },
    {
      name: 'pure-core',
      comment: 'Parsers and rules take what they need as arguments: no disk, network, process or thread.',
      severity: 'error',
      from: { path: '^src/(correlate|parsers)/' },
      to: { path: EFFECTS },
    },
    {
      name: 'pure-core-packages',
      severity: 'error',
      from: { path: '^src/(correlate|parsers)/' },
      to: { path: npm('pino|better-sqlite3|pg|chokidar|fastify|undici') },
    },
    onlyIn('sqlite-in-store', 'store/', 'better-sqlite3'),
    onlyIn('fastify-in-api', 'api/', 'fastify|@fastify'),
    onlyIn('chokidar-in-tailers', 'tailers/', 'chokidar'),
    onlyIn('pino-in-log', 'log\\.ts$', 'pino'),
    onlyIn('pg-in-doctor', 'doctor/', 'pg|pg-connection-string'),
    onlyIn('undici-in-tickets', 'tickets/', 'undici'),
    {
      name: 'domain-imports-nothing',
      comment: 'The shared vocabulary stands on nothing but the words of src/domain.ts, which stand on nothing.',
      severity: 'error',
      from: { path: `^src/(${VOCABULARY})\\.ts$` },
      to: { path: '.', pathNot: '^src/domain\\.ts$' },
    },
    {
      name: 'web-alone',
      comment:
        'The dashboard runs in a browser: of the program it knows the types of src/domain.ts how far is counted and which incidents are one, and else what the API says.',
      severity: 'error',
      from: { path: '^web/src/' },
      to: { path: '.', pathNot: `^web/src/|^src/domain\\.ts$|${FOR_BROWSERS}|${npm('preact|uplot')}` },
    },
    {
      name: 'web-types-only',
      severity: 'error',
      from: { path: '^web/src/' },
      to: { path: '^src/', pathNot: FOR_BROWSERS, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'web-for-browsers',
      comment: 'The program serves the built dashboard as files; it never imports it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^web/' },
    },
    { name: 'no-cycles', severity: 'error', from: { path: '^(web/)?src/' }, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports and that imports nobody is left over.',
      severity: 'error',
      from: { path: '^src/', orphan: true },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment: 'What ships may not need what only development installs.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'src-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|fixtures)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Type-only imports are dependencies too: a wall that types walk through is no wall.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
