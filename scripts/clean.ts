import { rmSync } from 'node:fs';

/** What was compiled from a file that is gone must not be shipped. */
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
