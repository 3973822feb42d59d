import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostSpec } from '../host/HostSpec.ts';
import { type Exit, Fleet } from '../processes/Fleet.ts';
import { steady, STEADY_PROMISES } from '../processes/steady.ts';
import { type Ground, postmasterOf, startGround } from '../servers/Ground.ts';
import { brokenCounts, type Trial, type TrialOptions } from '../Trial.ts';

/** Commands that ask the database. */
const COMMANDS = [['runcrons'], ['cron:check'], ['cron:list']];

/** Milliseconds that a command may take at most when all is well; more says that the machine has no processor to give. */
const MOST_USUAL = 15_000;

/** Passed to hosts that know it. */
const CONNECT_SECONDS = 3;

/** The PostgreSQL server is stopped for a while: it takes connections and never answers. */
export const silent: Trial = {
  name: 'silent',
  backends: ['postgresql'],
  unit: 'stops',
  amount: () => 12,
  quick: { postgresql: 2 },
  async run(options) {
    const { seed, directory } = options;
    await using ground = await startGround('postgresql');
    const counts = { stops: 0, commands: 0, endless: 0, wordy: 0, deaf: 0 };
    const found = await steady({
      ...{ ground, ticker: 'loop', concurrency: 2, seed, directory },
      disturb: () => stopAndAsk(ground, options, counts),
    });
    const broken = [...brokenCounts(counts, ['endless', 'wordy', 'deaf']), ...brokenCounts(found, STEADY_PROMISES)];
    return { counts: { ...counts, ...found }, broken };
  },
};

interface Counts extends Record<string, number> {
  stops: number;
  commands: number;
  /** Commands that did not end within the time to connect. */
  endless: number;
  /** Commands that ended otherwise than with code 1 and one line on stderr. */
  wordy: number;
  /** Commands that SIGTERM did not end at once. */
  deaf: number;
}

async function stopAndAsk(ground: Ground, options: TrialOptions, counts: Counts): Promise<void> {
  const { random, amount, seed, directory, stop } = options;
  const choices = random.fork('stop');
  const spec: HostSpec = {
    ...ground.host,
    leaseSeconds: 30,
    concurrency: 2,
    jobs: { kind: 'steady', count: 2 },
    witness: join(directory, 'witness-commands.jsonl'),
    seed,
    settings: { connectTimeoutSeconds: CONNECT_SECONDS },
  };
  const postmaster = await postmasterOf(ground);
  const exits: unknown[] = [];
  await using fleet = new Fleet();
  // How long a command takes here and now, from a server that answers.
  const startedAt = performance.now();
  await fleet.start('first', { run: { cli: ['cron:list'] }, spec, endsItself: true }).exited;
  const usual = Math.min(performance.now() - startedAt, MOST_USUAL);
  for (; counts.stops < amount && !stop.aborted; counts.stops++) {
    const isWhole = choices.chance(0.5);
    const pids = isWhole ? [postmaster, ...childrenOf(postmaster)] : [postmaster];
    pids.forEach(pid => process.kill(pid, 'SIGSTOP'));
    try {
      const isAsked = counts.stops % 2 === 1;
      const limit = isAsked ? usual * 2 : CONNECT_SECONDS * 1_000 + usual * 3 + 2_000;
      await Promise.all(
        COMMANDS.map(async cli => {
          const member = fleet.start(cli[0]!, { run: { cli }, spec, endsItself: true });
          counts.commands++;
          let exit: Exit | undefined = await Promise.race([member.exited, delay(limit)]).then(
            ended => ended ?? undefined,
          );
          if (exit) {
            counts.wordy += exit.code === 1 && isOneLine(exit.stderr) ? 0 : 1;
          } else {
            counts.endless += isAsked ? 0 : 1;
            exit = await fleet.dismiss(member, 2 + usual / 1_000);
            counts.deaf += exit ? 0 : 1;
          }
          exits.push({ stop: counts.stops, isWhole, cli, exit: exit ?? 'had to be killed' });
        }),
      );
      await delay(choices.between(0, 3_000));
    } finally {
      pids.toReversed().forEach(pid => resume(pid));
    }
    await delay(choices.between(500, 3_000));
  }
  writeFileSync(join(directory, 'commands.json'), JSON.stringify(exits, null, 2));
}

function isOneLine(text: string): boolean {
  return text.trimEnd() !== '' && !text.trimEnd().includes('\n');
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').map(Number).filter(Boolean);
}

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // A child of the server that ended in the meantime.
  }
}
