import { endTick, enterJob, type Step, take } from './moves.ts';
import { firstUnserved, isRowOf, read } from './server.ts';
import type { State } from './State.ts';
import type { Design } from './Variant.ts';

/**
 * Version 0.1.0 with `databaseLock()`: takes the lock in a transaction of its own, decides, closes orphans, inserts, runs,
 * writes the outcome by the row's status, gives the lock back. It knows no fence.
 */
export function oldSteps(state: State, index: number, design: Design): Step[] {
  const { at, token } = state.processes[index]!;
  const isRowLocked = state.rowLockedBy !== -1;
  switch (at) {
    case 'old lock':
      return [
        take(state, index, '(0.1.0) takes the lock', (p, s) => {
          const isFree = s.lock.owner === 0 || s.lock.isExpired;
          if (isRowLocked || !isFree) {
            endTick(s, index);
            return;
          }
          s.lock = { ...s.lock, owner: token, lockedAt: token, isExpired: false };
          p.at = 'old decide';
        }),
      ];
    case 'old decide':
      return [
        take(state, index, '(0.1.0) decides', (p, s) => {
          p.slot = firstUnserved(read(s).served, s.slots);
          p.at = p.slot === -1 ? 'free' : 'old orphans';
        }),
      ];
    case 'old orphans':
      return [
        take(state, index, '(0.1.0) closes orphans', (p, s) => {
          s.log.forEach(row => (row.status = row.status === 'running' ? 'abandoned' : row.status));
          p.at = 'old insert';
        }),
      ];
    case 'old insert':
      return [
        take(state, index, '(0.1.0) inserts its row and enters do()', (p, s) => {
          p.fence = 0;
          s.log.push({ slot: p.slot, status: 'running', token, fence: 0 });
          enterJob({ ...p, fence: s.lock.fence }, s, index, design);
          p.at = 'do';
        }),
      ];
    case 'do':
      return [
        take(state, index, '(0.1.0) ends do() well', (p, s) => {
          s.worked |= 1 << p.slot;
          s.endedWell.push(token);
          p.at = 'outcome';
        }),
      ];
    case 'outcome':
      return [
        take(state, index, '(0.1.0) writes its outcome', (p, s) => {
          const row = s.log.find(each => isRowOf(each, token, 0));
          if (row?.status === 'running') {
            row.status = 'succeeded';
          }
          p.at = 'free';
        }),
      ];
    case 'free':
      return isRowLocked
        ? []
        : [
            take(state, index, '(0.1.0) gives the lock back', (_, s) => {
              s.lock.owner = s.lock.owner === token ? 0 : s.lock.owner;
              endTick(s, index);
            }),
          ];
    default:
      return [];
  }
}
