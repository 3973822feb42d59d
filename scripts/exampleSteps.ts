/** One command of an example's README, and what it must print. */
export interface ExampleStep {
  readonly run: string;
  readonly prints?: readonly RegExp[];
}

/** How an example is run. */
export interface Example {
  /** The package.json files that name this package. @default its only one */
  readonly manifests?: readonly string[];
  readonly steps: readonly ExampleStep[];
}

const install: ExampleStep = { run: 'npm install --no-audit --no-fund --loglevel=error' };
const setup: ExampleStep = {
  run: 'npm run -s setup',
  prints: [/CreateCronTables\w+: .* written/, /Successfully migrated/],
};
const noChanges: ExampleStep = { run: 'npx mikro-orm migration:create', prints: [/No changes required/] };
const typecheck: ExampleStep = { run: 'npm run -s typecheck' };
const check: ExampleStep = { run: 'npm run -s check', prints: [/✔ migration .*\n✔ tables/] };

/** A tick that runs a job, one that finds it not due, and the row it left. */
function ticks(code: string, message: string): ExampleStep[] {
  const name = code.replaceAll('.', String.raw`\.`);
  return [
    { run: 'npm run -s tick', prints: [new RegExp(String.raw`\[✔\] ${name} in `)] },
    { run: 'npm run -s tick', prints: [new RegExp(String.raw`\[ \] ${name}: `)] },
    { run: `npx mikro-orm-cron cron:log --code ${code} --json`, prints: [new RegExp(`"message":\\s*"${message}"`)] },
  ];
}

const pnpm = 'npx --yes pnpm@12.21.0';
const worker = `${pnpm} --silent --filter @example/worker run`;

/** Every app of examples/, by its folder. */
export const examples: Readonly<Record<string, Example>> = {
  nestjs: {
    steps: [install, setup, noChanges, check, ...ticks('nest.send_greetings', 'said good (morning|day)')],
  },
  'pnpm-monorepo': {
    manifests: ['packages/billing/package.json', 'apps/worker/package.json'],
    steps: [
      { run: `${pnpm} install` },
      { run: `${pnpm} run build` },
      { ...setup, run: `${worker} setup` },
      { ...check, run: `${worker} check` },
      { run: `${worker} tick`, prints: [/\[✔\] billing\.send_reminders in /] },
      { run: `${worker} tick`, prints: [/\[ \] billing\.send_reminders: /] },
      { run: `${worker} log`, prints: [/"message":"0 reminders sent"/] },
    ],
  },
  'typescript-esm': {
    steps: [install, typecheck, setup, noChanges, check, ...ticks('billing.send_reminders', '0 reminders sent')],
  },
  'compiled-dist': {
    steps: [install, setup, noChanges, check, ...ticks('billing.send_reminders', '0 reminders sent')],
  },
  commonjs: {
    steps: [install, setup, noChanges, check, ...ticks('billing.send_reminders', '0 reminders sent')],
  },
  decorators: {
    steps: [install, typecheck, setup, noChanges, check, ...ticks('billing.send_reminders', '0 reminders sent')],
  },
  'esbuild-bundle': {
    steps: [
      install,
      { run: 'npm run -s build' },
      { run: 'npm start', prints: [/bundle\.count_down: succeeded/, /succeeded: \d+ days to go/] },
      { run: 'npm start', prints: [/bundle\.count_down: not_due/] },
    ],
  },
  'http-server': {
    steps: [
      install,
      typecheck,
      setup,
      noChanges,
      { run: 'npm run -s try', prints: [/visits counted/, /stopped in order/] },
    ],
  },
};
