/** Tells the time. Without one, the time is the database's own, so that hosts with wrong clocks agree. */
export interface Clock {
  /** The present instant. */
  now(): Date;
}
