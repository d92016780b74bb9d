import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { openIndex } from '../../src/store/open-index.ts';
import { NOON_US, OPENING, postgresError, temporaryFolder } from './samples.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Compiles the store as the build does, because Node 20 runs no TypeScript; the SQL lies beside it, as in dist/. */
function compileStore(into: string): void {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  for (const name of sources.filter((one) =>
    /^(?:(?:store|time)[/\\].*|(?:errors|domain|counted-up-to)\.ts)$/.test(one),
  )) {
    const target = join(into, name);
    mkdirSync(dirname(target), { recursive: true });
    if (name.endsWith('.sql')) copyFileSync(join(root, 'src', name), target);
    if (!name.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(root, 'src', name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(target.replace(/\.ts$/, '.js'), outputText);
  }
  writeFileSync(join(into, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(into, 'node_modules'));
}

test('a writer killed in mid-commit leaves events and checkpoint that agree', async () => {
  const folder = temporaryFolder();
  try {
    const modules = join(folder.path, 'dist');
    const path = join(folder.path, 'whyd.db');
    compileStore(modules);
    const script = join(root, 'test', 'store', 'crash-writer.mjs');
    const sample = JSON.stringify(postgresError(0, 0, NOON_US));
    let before = 0;
    for (let round = 0; round < 6; round += 1) {
      const child = spawn(process.execPath, [script, modules, path, JSON.stringify(OPENING), sample], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), exited]);
      await setTimeout(round * 7);
      child.kill('SIGKILL');
      expect(await exited).toEqual([null, 'SIGKILL']);
      const index = openIndex(path);
      const offset = index.checkpointByIdentity(OPENING.identity)?.offset ?? -1;
      const starts = index.eventsBetween(NOON_US, NOON_US + 1).map((event) => event.citation.byteStart);
      index.close();
      expect(offset).toBeGreaterThan(before);
      expect(starts).toEqual(Array.from({ length: offset / 10 }, (_, place) => place * 10));
      before = offset;
    }
  } finally {
    folder.remove();
  }
});
