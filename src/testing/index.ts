/**
 * The test kit: a clock to set, and schedules played without a database.
 *
 * @module mikro-orm-cron/testing
 */
export { everyMinutes, simulate, type SimulatedTick, type SimulationOptions, type Tick } from './simulate.ts';
export { SettableClock } from './SettableClock.ts';
