import { setTimeout as delay } from 'node:timers/promises';

/** Waits until another process has got somewhere: asks again and again, and fails loudly after a while. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 20): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${seconds} s in vain until ${what}`);
    }
    await delay(20);
  }
}
