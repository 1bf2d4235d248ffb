import type { Cell } from './load-measure.ts';

export interface Measured {
  readonly manager: readonly Cell[];
  /** Empty without it. */
  readonly kamailio: readonly Cell[];
}

const heads = [
  'devices',
  'REGISTER/s',
  'µs each',
  'calls/s',
  'µs each',
  'setup p50',
  'p99',
  'at half p50',
  'p99',
] as const;
const column = 13;
const nameColumn = 28;

/** One row a cell: how much, and what one of it cost the server. Delays are in milliseconds. */
export function table({ manager, kamailio }: Measured): string {
  const rows = (name: string, cells: readonly Cell[]) => cells.map((cell) => row(label(name, cell), figures(cell)));
  return [row('', heads), ...rows('Trustline', manager), ...rows('Kamailio', kamailio)].join('\n');
}

/** What a table has no column for. */
export function sentences({ manager, kamailio }: Measured): string {
  const said = (name: string, cells: readonly Cell[]) => cells.flatMap((cell) => about(label(name, cell), cell));
  return [...said('Trustline', manager), ...said('Kamailio', kamailio)].join('\n');
}

/**
 * What the aims are about: each of ours over the other, of cells with the most devices that both have. Rates are those of a
 * second of processor time, since the phones cannot keep the faster server busy.
 */
export function ratios({ manager, kamailio }: Measured): Readonly<Record<string, number>> {
  const secure = both(manager, kamailio, 'tls');
  const clear = both(manager, kamailio, 'udp');
  const secureOwn = manager.findLast(({ transport }) => transport === 'tls');
  const clearOwn = manager.find((cell) => cell.transport === 'tcp' && cell.devices === secureOwn?.devices);
  const udp = manager.filter(({ transport }) => transport === 'udp');
  const overloaded = manager.findLast(({ overload }) => overload !== undefined);
  return {
    ...(secure && {
      registerVsKamailio: secure.own.register.perCore / secure.other.register.perCore,
      callsVsKamailio: secure.own.calls.perCore / secure.other.calls.perCore,
    }),
    ...(clear && {
      registerByDigestVsKamailio: clear.own.register.perCore / clear.other.register.perCore,
      callsByDigestVsKamailio: clear.own.calls.perCore / clear.other.calls.perCore,
    }),
    ...(secureOwn && clearOwn && { secureVsClear: secureOwn.calls.processor / clearOwn.calls.processor }),
    ...(udp.length > 1 && {
      manyVsFewDevices: (udp.at(-1)?.calls.processor ?? 0) / (udp[0]?.calls.processor ?? 1),
    }),
    ...(overloaded?.overload && {
      goodputBeyondSaturation: overloaded.overload.goodput / overloaded.calls.perSecond,
    }),
  };
}

function both(manager: readonly Cell[], kamailio: readonly Cell[], transport: Cell['transport']) {
  const own = manager.findLast(
    (cell) => cell.transport === transport && kamailio.some((each) => isSameLoad(each, cell)),
  );
  const other = own && kamailio.find((each) => isSameLoad(each, own));
  return own && other && { own, other };
}

function isSameLoad(one: Cell, other: Cell): boolean {
  return one.transport === other.transport && one.devices === other.devices;
}

function label(name: string, { transport }: Cell): string {
  const proof = { udp: 'UDP, digest', tcp: 'TCP, digest', tls: 'TLS, certificate, SDES' }[transport];
  return `${name}, ${proof}`;
}

function figures({ devices, register, calls, half }: Cell): readonly string[] {
  const [whole, fine] = [(value: number) => grouped(Math.round(value)), (value: number) => value.toFixed(1)];
  return [
    grouped(devices),
    ...[register, calls].flatMap(({ perSecond, processor }) => [whole(perSecond), whole(processor)]),
    ...[calls, half].flatMap(({ p50, p99 }) => [fine(p50), fine(p99)]),
  ];
}

function about(name: string, { devices, memory, overload, longRun, half }: Cell): readonly string[] {
  const kilobytes = (octets: number) => `${(octets / 1_000).toFixed(1)} kB`;
  const said: string[] = [];
  if (memory !== undefined) {
    const { connection, registration, call } = memory;
    said.push(
      `memory of one connection ${kilobytes(connection)}, registration ${kilobytes(registration)}, call ${kilobytes(call)}`,
    );
  }
  if (overload !== undefined) {
    const { offered, goodput, afterwards, failed } = overload;
    said.push(
      `offered ${grouped(Math.round(offered))} calls/s: ${grouped(Math.round(goodput))} of them whole; ` +
        `then offered half of what it can do: ${grouped(Math.round(afterwards.perSecond))}, p99 ${afterwards.p99.toFixed(1)} ms; ` +
        `refused, by status: ${JSON.stringify(failed)}`,
    );
  }
  if (longRun !== undefined) {
    const { calls, failed, seconds, memory } = longRun;
    const each = memory.map((octets) => (octets / 1_000_000).toFixed(0)).join(', ');
    said.push(
      `${grouped(calls)} calls in a row, ${grouped(Math.round(calls / seconds))} a second: memory before them and after each tenth ${each} MB; ` +
        `refused, by status: ${JSON.stringify(failed)}`,
    );
  }
  if (Object.keys(half.failed).length > 0)
    said.push(`failed at half of what it can do: ${JSON.stringify(half.failed)}`);
  return said.map((sentence) => `${name}, ${grouped(devices)} devices: ${sentence}`);
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(nameColumn + 8) + cells.map((cell) => cell.padStart(column)).join('');
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
