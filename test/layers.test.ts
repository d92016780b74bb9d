import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = dirname(import.meta.dirname);

interface LayerConfiguration extends IFlattenedRuleSet {
  readonly options: ICruiseOptions & { readonly enhancedResolveOptions: object };
}

const { options, ...rules } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as LayerConfiguration;

/** `rule: from -> to` of every violation below `folder`. */
async function violations(folder: string): Promise<string[]> {
  const { tsConfig: _, enhancedResolveOptions, ...rest } = options;
  const reply = await cruise(
    ['src', 'web/src'].filter((room) => existsSync(join(folder, room))),
    { ...rest, ruleSet: rules, validate: true, baseDir: folder },
    enhancedResolveOptions,
    { tsConfig: extractTsConfig(join(ROOT, 'tsconfig.json')) },
  );
  const result = reply.output as ICruiseResult;
  return result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

const folders: string[] = [];

interface Project {
  readonly files: Record<string, string>;
  readonly packages?: readonly string[];
  readonly areForDevelopment?: boolean;
}

/** A small project with the given files; packages stand in node_modules as empty ones. */
function project({ files, packages = [], areForDevelopment = false }: Project): string {
  const folder = mkdtempSync(join(tmpdir(), 'whyd-layers-'));
  folders.push(folder);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const dependencies = Object.fromEntries(packages.map((name) => [name, '1.0.0']));
  const field = areForDevelopment ? 'devDependencies' : 'dependencies';
  put('package.json', JSON.stringify({ name: 'broken', type: 'module', [field]: dependencies }));
  for (const name of packages) {
    put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    put(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
  for (const [path, text] of Object.entries(files)) put(path, text);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const use = (path: string): string => `import { x } from '${path}';\nexport const y = x;\n`;
const LEAF = 'export const x = 1;\n';

interface BrokenRule extends Project {
  readonly rule: string;
}

const brokenRules: readonly BrokenRule[] = [
  { rule: 'rooms-apart', files: { 'src/correlate/a.ts': use('../store/b.ts'), 'src/store/b.ts': LEAF } },
  {
    rule: 'rooms-apart',
    files: {
      'src/parsers/a.ts': "import type { X } from '../correlate/b.ts';\nexport type Y = X;\n",
      'src/correlate/b.ts': 'export type X = 1;\n',
    },
  },
  { rule: 'rooms-apart', files: { 'src/query/a.ts': use('../cli/b.ts'), 'src/cli/b.ts': LEAF } },
  { rule: 'rooms-below-roots', files: { 'src/api/a.ts': use('../daemon.ts'), 'src/daemon.ts': LEAF } },
  { rule: 'rooms-below-roots', files: { 'src/api/a.ts': use('../live/b.ts'), 'src/live/b.ts': LEAF } },
  { rule: 'live-and-offline-apart', files: { 'src/live/a.ts': use('../offline/b.ts'), 'src/offline/b.ts': LEAF } },
  { rule: 'time-alone', files: { 'src/time/a.ts': use('../config/b.ts'), 'src/config/b.ts': LEAF } },
  { rule: 'cli-through-roots', files: { 'src/cli/a.ts': use('../parsers/b.ts'), 'src/parsers/b.ts': LEAF } },
  {
    rule: 'pure-core',
    files: { 'src/correlate/a.ts': "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n" },
  },
  {
    rule: 'pure-core',
    files: { 'src/parsers/a.ts': "import { Worker } from 'worker_threads';\nexport const y = Worker;\n" },
  },
  {
    rule: 'pure-core',
    files: { 'src/parsers/a.ts': "import { open } from 'node:fs/promises';\nexport const y = open;\n" },
  },
  { rule: 'pure-core-packages', files: { 'src/correlate/a.ts': use('pino') }, packages: ['pino'] },
  { rule: 'sqlite-in-store', files: { 'src/api/a.ts': use('better-sqlite3') }, packages: ['better-sqlite3'] },
  { rule: 'sqlite-in-store', files: { 'src/daemon.ts': use('better-sqlite3') } },
  { rule: 'fastify-in-api', files: { 'src/daemon.ts': use('fastify') }, packages: ['fastify'] },
  { rule: 'fastify-in-api', files: { 'src/store/a.ts': use('@fastify/swagger') }, packages: ['@fastify/swagger'] },
  { rule: 'chokidar-in-tailers', files: { 'src/config/a.ts': use('chokidar') }, packages: ['chokidar'] },
  { rule: 'pino-in-log', files: { 'src/tailers/a.ts': use('pino') }, packages: ['pino'] },
  { rule: 'domain-imports-nothing', files: { 'src/domain.ts': use('./errors.ts'), 'src/errors.ts': LEAF } },
  { rule: 'rooms-apart', files: { 'src/tickets/a.ts': use('../config/b.ts'), 'src/config/b.ts': LEAF } },
  { rule: 'rooms-apart', files: { 'src/doctor/a.ts': use('../parsers/b.ts'), 'src/parsers/b.ts': LEAF } },
  { rule: 'rooms-apart', files: { 'src/discovery/a.ts': use('../tailers/b.ts'), 'src/tailers/b.ts': LEAF } },
  { rule: 'pg-in-doctor', files: { 'src/store/a.ts': use('pg') }, packages: ['pg'] },
  { rule: 'undici-in-tickets', files: { 'src/cli/a.ts': use('undici') }, packages: ['undici'] },
  {
    rule: 'no-cycles',
    files: { 'src/store/a.ts': use('./b.ts'), 'src/store/b.ts': "import { y } from './a.ts';\nexport const x = y;\n" },
  },
  { rule: 'no-orphans', files: { 'src/store/a.ts': LEAF } },
  { rule: 'no-unresolvable', files: { 'src/store/a.ts': use('./gone.ts') } },
  {
    rule: 'no-development-packages',
    files: { 'src/daemon.ts': use('fast-check') },
    packages: ['fast-check'],
    areForDevelopment: true,
  },
  { rule: 'web-alone', files: { 'web/src/a.ts': use('../../src/errors.ts'), 'src/errors.ts': LEAF } },
  { rule: 'web-types-only', files: { 'web/src/a.ts': use('../../src/domain.ts'), 'src/domain.ts': LEAF } },
  { rule: 'web-for-browsers', files: { 'src/daemon.ts': use('../web/src/a.ts'), 'web/src/a.ts': LEAF } },
  { rule: 'src-alone', files: { 'src/demo.ts': use('../test/b.ts'), 'test/b.ts': LEAF } },
];

describe('the layer rules', () => {
  it('hold in src and web', async () => {
    expect(await violations(ROOT)).toEqual([]);
  });

  it('let a clean project pass', async () => {
    const folder = project({
      files: {
        'src/domain.ts': LEAF,
        'src/store/a.ts':
          "import Database from 'better-sqlite3';\nimport { x } from '../domain.ts';\nexport const store = [Database, x];\n",
        'src/daemon.ts': "import { store } from './store/a.ts';\nexport const daemon = store;\n",
        'src/cli/main.ts': "import { daemon } from '../daemon.ts';\nconsole.log(daemon);\n",
      },
      packages: ['better-sqlite3'],
    });
    expect(await violations(folder)).toEqual([]);
  });

  it.each(brokenRules)('catch a broken $rule', async ({ rule, ...broken }) => {
    const found = await violations(project(broken));
    expect(found.map((violation) => violation.split(':')[0])).toContain(rule);
  });

  it('have a broken project for each rule', () => {
    const covered = new Set(brokenRules.map(({ rule }) => rule));
    expect(rules.forbidden?.map(({ name }) => name).filter((name) => name !== undefined && !covered.has(name))).toEqual(
      [],
    );
  });
});
