import { writeSync } from 'node:fs';

let hasSpoken = false;

/**
 * One line on stderr while the process exits, when only synchronous things can be done. The first one counts: it knows most.
 */
export function lastWords(line: string): void {
  if (!hasSpoken) {
    hasSpoken = true;
    writeSync(process.stderr.fd, `mikro-orm-cron: ${line}\n`);
  }
}

/** From now on the process ends as it is meant to, and nothing has to be said. */
export function endsAsMeant(): void {
  hasSpoken = true;
}
