import { spawnSync } from 'node:child_process';
import { refuseInUnit } from './refuseInUnit.ts';

/** Why a program of Debian's cannot be tested with; `undefined` when it is there. In CI it must be there. */
export function whyNo(program: string, debianPackage: string): string | undefined {
  refuseInUnit(program);
  if (spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0) {
    return undefined;
  }
  const reason = `${program} is not on PATH (Debian: apt-get install ${debianPackage})`;
  if (process.env['CI']) {
    throw new Error(`${program} is not tested: ${reason}`);
  }
  return reason;
}
