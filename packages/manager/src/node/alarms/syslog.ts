import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { framed, type SyslogSource, syslogMessage } from '../../alarms/syslog.ts';
import type { Configuration } from '../../configuration/schema.ts';
import type { Destination } from './destination.ts';

type SyslogConfiguration = NonNullable<Configuration['alarms']['syslog']>;

/** Time that a connection and a write may take, in milliseconds. */
const patience = 10_000;

/** The usual ports: RFC 5426 §3.3 and RFC 5425 §4.1; for TCP there is none, and receivers use that of UDP. */
const usualPorts = { udp: 514, tcp: 514, tls: 6_514 } as const;

/** Alarms by syslog: UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425). */
export function syslogDestination(configuration: SyslogConfiguration, base: string): Destination {
  const { host, transport, facility } = configuration;
  const port = configuration.port === 0 ? usualPorts[transport] : configuration.port;
  const name = `syslog ${transport} ${host}:${port}`;
  const source: SyslogSource = { hostname: hostname(), processId: process.pid, facility };
  if (transport === 'udp') {
    return {
      name,
      deliver: (event) => sendDatagram(syslogMessage(event, source), host, port),
      close: () => undefined,
    };
  }
  const stream = new SyslogStream(() => open(configuration, port, base));
  return {
    name,
    deliver: (event) => stream.write(framed(syslogMessage(event, source))),
    close: () => stream.close(),
  };
}

function sendDatagram(message: Uint8Array, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    const done = (error?: Error | null) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    };
    socket.once('error', done);
    socket.send(message, port, host, done);
  });
}

function open({ host, transport, trustFile }: SyslogConfiguration, port: number, base: string): Socket {
  if (transport !== 'tls') return connectTcp({ host, port });
  const ca = trustFile === undefined ? {} : { ca: readFileSync(resolve(base, trustFile), 'utf8') };
  return connectTls({ host, port, minVersion: 'TLSv1.2', ...(isIP(host) === 0 ? { servername: host } : {}), ...ca });
}

/** One connection, kept between alarms and made anew when it is gone. */
class SyslogStream {
  readonly #open: () => Socket;
  #socket: Promise<Socket> | undefined;

  constructor(open: () => Socket) {
    this.#open = open;
  }

  async write(frame: Uint8Array): Promise<void> {
    this.#socket ??= this.#connect();
    const socket = await this.#socket.catch((error: Error) => {
      this.#socket = undefined;
      throw error;
    });
    await new Promise<void>((resolve, reject) => {
      socket.write(frame, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  close(): void {
    void this.#socket?.then((socket) => socket.end()).catch(() => undefined);
    this.#socket = undefined;
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = this.#open();
      const isSecure = 'encrypted' in socket;
      socket.setTimeout(patience, () => socket.destroy(new Error('it does not answer')));
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        socket.setTimeout(0);
        socket.unref(); // it must not keep a manager alive that has stopped
        resolve(socket);
      });
      socket.on('error', reject);
      // A receiver says nothing; one that has closed is found before the next alarm is lost in it.
      socket.resume().once('close', () => {
        this.#socket = undefined;
        reject(new Error('it closed the connection'));
      });
    });
  }
}
