/** The little that we use of it; it brings no types of its own. */
declare module 'fs-native-extensions' {
  const native: {
    /** Asks the kernel for an exclusive lock on an open file, without waiting; `false` when another descriptor has it. */
    tryLock(fd: number): boolean;
  };
  export default native;
}
