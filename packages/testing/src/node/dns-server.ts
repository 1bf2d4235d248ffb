import { spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { eventually } from './eventually.ts';
import { freeUdpPort } from './ports.ts';

/** A name server (Debian's dnsmasq) on loopback, that knows what a test tells it and asks nobody else. */
export interface DnsServer {
  /** `address:port`, as `Resolver.setServers` takes it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** @param records as options of dnsmasq, for instance `--host-record=a.test,127.0.0.1` */
export async function startDnsServer(records: readonly string[]): Promise<DnsServer> {
  const port = await freeUdpPort();
  const child = spawn(
    '/usr/sbin/dnsmasq',
    [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--bind-interfaces', '--user='],
      ...['--pid-file=', '--listen-address=127.0.0.1', `--port=${port}`, '--host-record=ready.test,127.0.0.1'],
      ...records,
    ],
    { stdio: 'ignore' },
  );
  const address = `127.0.0.1:${port}`;
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  await eventually('the name server', () => resolver.resolve4('ready.test').catch(() => undefined));
  return {
    address,
    stop: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
