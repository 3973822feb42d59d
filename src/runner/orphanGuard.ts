import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * The program of a thread in an isolated run's process. It waits for the end of the pipe that only the run's parent
 * holds open, and then kills the process with all that it has started: without a parent nobody renews the lock, so
 * another process may already be running the same job. A thread, since a job may block the event loop of its own.
 */
const parent = new Socket({ fd: workerData as number });
parent.on('error', () => undefined);
parent.on('close', () => {
  // A process without a group of its own, as on Windows, can only end itself.
  for (const target of [-process.pid, process.pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // No such group.
    }
  }
});
parent.resume();
parentPort?.postMessage('watching');
