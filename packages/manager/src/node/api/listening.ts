import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManagerError } from '../../error.ts';

export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

/** Where a server listens; undefined while it does not. */
export function boundAddress(server: Pick<Server, 'address'>): BoundAddress | undefined {
  const bound = server.address() as AddressInfo | null;
  return bound === null ? undefined : { host: bound.address, port: bound.port };
}

/**
 * Opens a port.
 *
 * @param what who cannot listen, to begin a sentence with
 * @throws {ManagerError} manager.port-in-use, manager.listener-failed
 */
export function listening(
  server: Pick<Server, 'once' | 'listen'>,
  { host, port }: BoundAddress,
  what: string,
  nextStep: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      const message = `${what} cannot listen on ${host}:${port}: ${inUse ? 'the port is in use' : cause.message}.`;
      reject(new ManagerError(inUse ? 'manager.port-in-use' : 'manager.listener-failed', message, { nextStep, cause }));
    });
    server.listen(port, host, resolve);
  });
}
