import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A way to a server that can go dead: nothing is refused or closed, and nothing comes through any more. */
export class SilentWire {
  private readonly ends = new Set<Socket>();
  private isSilent = false;

  private constructor(private readonly server: Server) {}

  static async to(url: URL): Promise<SilentWire> {
    const server = createServer();
    const wire = new SilentWire(server);
    server.on('connection', (near) => wire.join(near, url));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get port(): string {
    return String((this.server.address() as AddressInfo).port);
  }

  goSilent(): void {
    this.isSilent = true;
    for (const end of this.ends) end.unpipe().pause();
  }

  close(): void {
    for (const end of this.ends) end.destroy();
    this.server.close();
  }

  private join(near: Socket, { hostname, port }: URL): void {
    const far = connect(Number(port), hostname);
    for (const [end, other] of [[near, far], [far, near]] as const) {
      this.ends.add(end);
      end.on('error', () => undefined).once('close', () => other.destroy());
    }
    if (!this.isSilent) near.pipe(far).pipe(near);
  }
}
