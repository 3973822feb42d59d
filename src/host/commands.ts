/** One for all copies of the package in a process: a command of one copy may boot an application that uses another. */
const registry = globalThis as { [key: symbol]: { open: number } | undefined };
const commands = (registry[Symbol.for('mikro-orm-cron.commands')] ??= { open: 0 });

/**
 * Notes that this process has the host open for a command of ours, or for an isolated job, until it is disposed of: an
 * application that is booted meanwhile, for the sake of its container, must not start its loop.
 */
export function noteCommand(): Disposable {
  commands.open += 1;
  let isOpen = true;
  return {
    [Symbol.dispose]() {
      commands.open -= isOpen ? 1 : 0;
      isOpen = false;
    },
  };
}

/** Whether a command of ours, or an isolated job, has its host open in this process. */
export function isWithinCommand(): boolean {
  return commands.open > 0;
}
