import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that behaves as badly as a test wants. */
export interface TestTcp extends AsyncDisposable {
  readonly port: number;
  /** How many connections are open. */
  readonly open: () => number;
}

/** Starts a TCP server that hands its sockets to the test. */
export async function startTcp(onSocket: (socket: Socket) => void): Promise<TestTcp> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    // A socket that nobody reads never hears that the other side is gone.
    socket.resume();
    onSocket(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise(resolve => server.close(resolve));
    },
  };
}
