import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** As suites that run on several databases are named. */
const DRIVER = /\bon (PostgreSQL|PGlite|SQLite|MariaDB by the MySQL driver|MariaDB)$/;

/** Tells at the end how many tests have run on which database. */
export default class DriverReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, Record<string, number>>();
    for (const test of modules.flatMap(module => [...module.children.allTests()])) {
      const driver = driverOf(test);
      const states = counts.get(driver) ?? {};
      const { state } = test.result();
      counts.set(driver, { ...states, [state]: (states[state] ?? 0) + 1 });
    }
    console.log('Tests by database:');
    console.table(Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b))));
  }
}

function driverOf(test: TestCase): string {
  if (test.project.name === 'unit') {
    return 'none';
  }
  for (let suite: TestSuite | TestModule = test.parent; suite.type === 'suite'; suite = suite.parent) {
    const driver = DRIVER.exec(suite.name)?.[1];
    if (driver) {
      return driver;
    }
  }
  return 'PostgreSQL where one is needed';
}
