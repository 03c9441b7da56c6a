import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a server that a test can cut, restore and slow down. */
export interface Proxy {
  readonly uri: string;
  /** As a killed server: connections are reset, new ones refused. */
  cut(): Promise<void>;
  restore(port: number): Promise<void>;
  /** Every answer comes this much later. */
  delay(ms: number): void;
  close(): Promise<void>;
}

/** Takes a port of 127.0.0.1 that refuses connections until `restore(port)` leads it to the server there. */
export async function openProxy(): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let own = 0;
  let target = 0;
  let delayMs = 0;
  const serve = (socket: Socket) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [mine, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(mine);
      mine
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(mine);
          other.destroy();
        });
    }
    socket.on('data', (chunk) => upstream.write(chunk)).on('end', () => upstream.end());
    upstream
      .on('data', (chunk) => setTimeout(() => socket.writable && socket.write(chunk), delayMs))
      .on('end', () => setTimeout(() => socket.end(), delayMs));
  };
  let server: Server | null = null;
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server = createServer(serve)
        .once('error', reject)
        .listen(own, '127.0.0.1', () => resolve());
    });
  const cut = async () => {
    const open = server;
    server = null;
    for (const socket of sockets) socket.resetAndDestroy();
    if (open) await new Promise((resolve) => open.close(resolve));
  };
  await listen();
  own =
    (server as unknown as Server).address() === null
      ? 0
      : ((server as unknown as Server).address() as AddressInfo).port;
  await cut();
  return {
    uri: `http://127.0.0.1:${own}`,
    cut,
    restore: (port) => {
      target = port;
      return listen();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    close: cut,
  };
}
