import { createInterface } from 'node:readline/promises';
import type { Terminal } from './Terminal.ts';

/**
 * Asks on the terminal; anything but 'y' or 'yes' is a no, and so are Ctrl-C and the end of the input. The question goes to
 * stderr, so that stdout holds nothing but data.
 */
export async function askYesNo(question: string, errors: Terminal): Promise<boolean> {
  const ended = new AbortController();
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  prompt.once('SIGINT', () => ended.abort());
  prompt.once('close', () => ended.abort());
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: ended.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    errors.line();
    return false;
  } finally {
    prompt.close();
  }
}
