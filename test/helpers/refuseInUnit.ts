/**
 * Keeps servers and commands out of the project `unit`, which starts nothing.
 *
 * @param what what the test asks for, as the subject of a sentence: 'Redis'
 * @throws Error in a file that is not named `*.database.test.ts`
 */
export function refuseInUnit(what: string): void {
  if (process.env['TEST_PROJECT'] === 'unit') {
    throw new Error(`${what} cannot be had in the project "unit": name the test file *.database.test.ts`);
  }
}
