/**
 * The test kit: a clock to set, and schedules played without a database.
 *
 * @module mikro-orm-cron/testing
 */
export { everyMinutes } from './everyMinutes.ts';
export { SettableClock } from './SettableClock.ts';
export { type SimulatedTick, simulate, type SimulationOptions, type Tick } from './simulate.ts';
