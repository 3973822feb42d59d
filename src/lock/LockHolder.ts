/** Who holds a lock, as far as the backend knows. */
export interface LockHolder {
  /** Host name of the holder's machine. */
  readonly host: string;
  /** Process id of the holder on its machine. */
  readonly pid: number;
  /** When the holder took the lock. */
  readonly since: Date;
  /** When the lease ends unless renewed; `null` when the lock lives exactly as long as its holder's process. */
  readonly until: Date | null;
}
