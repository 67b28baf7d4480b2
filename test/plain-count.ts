// Closes a test run with one plain line, without colours, for those who read logs by machine.
import type { Reporter, TestModule } from 'vitest/node';

/** Prints `tests: 5 passed, 0 failed, 1 skipped` when all modules have run. */
export default class PlainCount implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string): number => states.filter((each) => each === state).length;
    process.stdout.write(`tests: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
  }
}
