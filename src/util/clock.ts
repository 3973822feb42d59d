/** A source of the present time. Without one, the database's clock is used, so that hosts with wrong clocks agree. */
export interface Clock {
  /** The present instant. */
  now(): Date;
}
