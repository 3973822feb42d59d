import {
  afterClaim,
  afterRun,
  canSpend,
  claimAt,
  claimed,
  closeAt,
  endTick,
  enterJob,
  lockRow,
  nextOrphan,
  type OnAnswer,
  reported,
  sendStatement,
  spend,
  statementOf,
  type Step,
  take,
  TRIES,
  written,
} from './moves.ts';
import { oldSteps } from './oldProcess.ts';
import { firstUnserved, isRowOf, NOTHING, read } from './server.ts';
import type { Process, State, Statement } from './State.ts';
import type { Design } from './Variant.ts';

/** What a process may do next: each statement is a step, with what may become of it. */
export function processSteps(state: State, index: number, design: Design): Step[] {
  const process = state.processes[index]!;
  if (process.isOld) {
    return oldSteps(state, index, design);
  }
  const isElsewhere = design.lock !== 'database';
  const send = (kind: Statement['kind'], onAnswer: OnAnswer, onError: (p: Process, s: State) => void): Step[] =>
    sendStatement(state, index, design, { statement: statementOf(process, kind), onAnswer, onError });
  const step = (label: string, change: (p: Process, s: State) => void): Step[] => [take(state, index, label, change)];
  const retryClaim = (p: Process, s: State) => {
    p.transaction = null;
    p.at = ++p.tries > TRIES ? afterClaim(s, design, index) : design.hasFence ? 'lock' : 'read running';
  };
  const retryClose = (p: Process, s: State) => {
    p.isRepeat = true;
    p.at = ++p.tries > TRIES ? afterRun(s, design, index) : 'look up';
  };
  switch (process.at) {
    case 'read':
      return step('reads', (p, s) => {
        p.reading = read(s);
        p.slot = firstUnserved(p.reading.served, s.slots);
        const { hasRunning, isLeased } = p.reading;
        const isCandidate = p.slot !== -1 || hasRunning;
        p.at =
          !isCandidate || (!isElsewhere && isLeased) ? endTick(s, index) : isElsewhere ? 'set key' : claimAt(p, design);
      });
    case 'set key':
      return design.lock === 'apart'
        ? step('takes a lock that nobody else sees', p => (p.at = claimAt(p, design)))
        : send(
            'set key',
            (p, s, answer) => (p.at = answer === NOTHING ? endTick(s, index) : claimAt(p, design)),
            (_, s) => endTick(s, index),
          );
    case 'snapshot':
      return step("sends its claim, which takes its statement's snapshot", (p, s) => {
        p.reading = read(s);
        p.slot = firstUnserved(p.reading.served, s.slots);
        p.at = p.slot === -1 || p.reading.hasRunning ? 'lock' : 'claim at once';
      });
    case 'claim at once':
      return send(
        'claim at once',
        (p, _, fence) => Object.assign(p, fence === NOTHING ? { at: 'lock' } : claimed(fence)),
        retryClaim,
      );
    case 'lock':
      return [
        ...step('locks the row', (p, s) => lockRow(p, s, design, index)),
        ...whenLate('its transaction goes on unseen', 'claim', retryClaim),
      ];
    case 'find own':
      return step('looks for the run of its earlier try', (p, s) => {
        const row = s.log.find(each => isRowOf(each, p.token, s.lock.fence));
        if (row?.status === 'running') {
          s.rowLockedBy = -1;
          Object.assign(p, { slot: row.slot, transaction: null, ...claimed(row.fence) });
        } else {
          p.at = 'read running';
        }
      });
    case 'read running':
      return step('reads what stands as running', (p, s) => {
        p.transaction ??= { lock: { ...s.lock }, hasRowLock: false, orphans: [], closed: [], started: -1 };
        p.transaction.orphans = [...s.log.keys()].filter(at => s.log[at]!.status === 'running');
        p.at = design.orphans === 'after the decision' ? 'read again' : nextOrphan(p);
      });
    case 'close orphan': {
      const at = process.transaction!.orphans[0]!;
      const isLocked = state.processes.some((other, i) => i !== index && other.transaction?.closed.includes(at));
      return isLocked
        ? []
        : step('closes an orphan', (p, s) => {
            p.transaction!.orphans.shift();
            if (s.log[at]!.status === 'running') {
              p.transaction!.closed.push(at);
            }
            const isAfter = design.orphans === 'after the decision';
            const next = nextOrphan(p);
            p.at = isAfter && next === 'read again' ? (p.slot === -1 ? 'commit' : 'raise') : next;
          });
    }
    case 'read again':
      return step('reads again and decides again', (p, s) => {
        p.slot = firstUnserved(read(s, p).served, s.slots);
        const decided = p.slot === -1 ? 'commit' : design.hasFence ? 'raise' : 'insert';
        p.at = design.orphans === 'after the decision' && p.transaction!.orphans.length > 0 ? 'close orphan' : decided;
      });
    case 'raise':
      return step('raises the fence', p => {
        const { token } = p;
        p.transaction!.lock = { fence: p.transaction!.lock.fence + 1, owner: token, lockedAt: token, isExpired: false };
        p.at = 'insert';
      });
    case 'insert':
      return step('inserts its row', p => {
        p.transaction!.started = p.slot;
        p.at = 'commit';
      });
    case 'commit':
      return send(
        'commit',
        (p, s, fence) => {
          p.transaction = null;
          if (p.slot === -1) {
            p.at = afterClaim(s, design, index);
          } else {
            Object.assign(p, claimed(fence));
          }
        },
        retryClaim,
      );
    case 'enter':
      return step(process.hasElapsed && design.confirms ? 'sees that a lease has passed' : 'enters do()', (p, s) => {
        if (p.hasElapsed && design.confirms) {
          p.at = 'confirm';
        } else {
          enterJob(p, s, index, design);
        }
      });
    case 'confirm':
      return renewal((p, s) => (p.end === 'failed' ? (p.at = closeAt(design)) : enterJob(p, s, index, design)));
    case 'do': {
      const ends = step('do() ends well', (p, s) => {
        p.end = 'succeeded';
        s.worked |= 1 << p.slot;
        s.endedWell.push(p.token);
        p.at = p.hasElapsed ? 'confirm end' : closeAt(design);
      });
      const fails = (p: Process, s: State) => {
        Object.assign(p, { end: 'failed', at: closeAt(design) });
        spend(s, 'failure');
      };
      const failed = canSpend(state, 'failure') ? step('do() fails', fails) : [];
      return [...ends, ...failed];
    }
    case 'confirm end':
      return renewal(p => (p.at = closeAt(design)));
    case 'close':
    case 'outcome':
      return send(
        process.at,
        (p, s, answer) => {
          p.isWritten = answer !== NOTHING;
          p.at = process.at === 'outcome' && design.close === 'outcome first' ? 'free' : written(p, s, design, index);
        },
        retryClose,
      );
    case 'free':
      return send(
        'free',
        (p, s) => (p.at = design.close === 'outcome first' ? written(p, s, design, index) : 'outcome'),
        retryClose,
      );
    case 'look up':
      return step('looks up whether its close was written', (p, s) => {
        const isThere = s.log.some(row => isRowOf(row, p.token, p.fence) && row.status === p.end);
        p.isWritten = isThere;
        p.at = isThere && s.lock.owner !== p.token ? written(p, s, design, index) : closeAt(design);
      });
    case 'look up lost':
      return step('looks up whether what it has lost was written', (p, s) => {
        p.isWritten = s.log.some(row => isRowOf(row, p.token, p.fence) && row.status === p.end);
        p.at = reported(p, s, design, index);
      });
    case 'delete key':
      return send(
        'delete key',
        (p, s) => (p.at = design.close === 'unlock first' && p.end !== 'running' ? 'close' : endTick(s, index)),
        (_, s) => endTick(s, index),
      );
    default:
      return [];
  }

  function whenLate(label: string, kind: Statement['kind'], onError: (p: Process, s: State) => void): Step[] {
    return canSpend(state, 'late')
      ? step(label, (p, s) => {
          spend(s, 'late');
          s.late.push(statementOf(p, kind));
          onError(p, s);
        })
      : [];
  }

  function renewal(next: (p: Process, s: State) => unknown): Step[] {
    const lose = (p: Process) => (p.end = 'failed');
    if (design.lock === 'apart') {
      return step('renews a lock that nobody else sees', (p, s) => {
        p.hasElapsed = false;
        next(p, s);
      });
    }
    return send(
      design.lock === 'cache' ? 'extend key' : 'renew',
      (p, s, answer) => {
        if (answer === NOTHING) {
          lose(p);
        } else {
          Object.assign(p, { hasElapsed: false, hasLapsed: false });
        }
        next(p, s);
      },
      (p, s) => {
        if (design.distrusts) {
          lose(p);
        }
        next(p, s);
      },
    );
  }
}
