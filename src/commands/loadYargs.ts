import { createRequire } from 'node:module';
import type Yargs from 'yargs';

/** yargs as CommonJS: its other build breaks the lines of `--help` in the middle of words. */
export function loadYargs(): typeof Yargs {
  return createRequire(import.meta.url)('yargs/yargs');
}
