/** Where to find the host's MikroORM config: MikroORM's own options. */
export interface HostOptions {
  /** Paths of config files to try, in this order. @default MikroORM's own config search */
  readonly config?: readonly string[] | undefined;
  /** Name of the config within its file. @default 'default' */
  readonly contextName?: string | undefined;
}
