import type { ResolvedSettings } from './CronSettings.ts';

/** The settings that a host may show to anybody. */
const SHOWN = [
  'timeZone',
  'cacheName',
  'lockFilePath',
  'lockTimeSeconds',
  'deleteLogsOlderThanDays',
  'removeSuccessfulLogs',
  'captureConsole',
  'logErrors',
  'concurrency',
  'timeoutSeconds',
  'connectTimeoutSeconds',
  'shutdownGraceSeconds',
  'clock',
] as const satisfies readonly (keyof ResolvedSettings)[];

/** The settings that are plain values: those with passwords, clients and functions of the host are left out. */
export type RunnerSettings = Pick<ResolvedSettings, (typeof SHOWN)[number]>;

/** A copy of the settings that `runner.settings` shows. */
export function withoutSecrets(settings: ResolvedSettings): RunnerSettings {
  return Object.freeze(Object.fromEntries(SHOWN.map(name => [name, settings[name]]))) as RunnerSettings;
}
