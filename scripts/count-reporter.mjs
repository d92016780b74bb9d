import { writeFileSync } from 'node:fs';

/** Writes how many tests passed, failed and were skipped to the file that WHYD_TEST_COUNTS names. vitest asks for a default export. */
export default class CountReporter {
  onTestRunEnd(modules) {
    const count = (state) => modules.reduce((sum, module) => sum + [...module.children.allTests(state)].length, 0);
    // A file that could not be loaded, or whose hook failed, may have no failed test of its own: it counts as one.
    const broken = modules.filter((module) => !module.ok() && [...module.children.allTests('failed')].length === 0);
    const counts = { passed: count('passed'), failed: count('failed') + broken.length, skipped: count('skipped') };
    writeFileSync(process.env.WHYD_TEST_COUNTS, JSON.stringify(counts));
  }
}
