/**
 * Skinny messages per second, read and written again, beside a codec as one writes it first: one `Buffer` for each
 * field, put together at the end, and a `switch` over the types of fields.
 *
 *     node packages/sccp/bench/codec.bench.ts
 *
 * Both first prove that they read and write the messages of a call rightly.
 */
import { Redacted } from '@trustline/base';
import { decodeBody, encodeMessage, type KnownMessage, noMediaEncryption, type SccpMessage } from '../src/index.ts';

const ROUNDS = 5;
const ROUND_MILLISECONDS = 400;
const VERSION = 17;
const HEADER = 12;
const GOAL = 500_000;

const place = { lineInstance: 1, callReference: 7 };
const keyInfo = {
  ...noMediaEncryption,
  algorithmID: 1,
  key: new Redacted(Uint8Array.from({ length: 16 }, (_, i) => i + 1)),
  salt: new Redacted(Uint8Array.from({ length: 14 }, (_, i) => i + 101)),
};

/** What is said about one call, and the signs of life meanwhile. */
const messages: readonly KnownMessage[] = [
  { kind: 'KeepAliveReq' },
  { kind: 'KeepAliveAck' },
  { kind: 'OffHook', ...place },
  { kind: 'CallState', callState: 1, ...place, privacy: 0, precedence: { precedenceLevel: 4, precedenceDomain: 0 } },
  { kind: 'SelectSoftKeys', ...place, softKeySetIndex: 4, validKeyMask: 0xffff },
  { kind: 'StartTone', tone: 33, tone_output_direction: 0, ...place },
  { kind: 'KeypadButton', kpButton: 4, ...place },
  { kind: 'StopTone', ...place, tone: 0 },
  { kind: 'SetLamp', stimulus: 9, stimulusInstance: 1, lampMode: 2 },
  { kind: 'DisplayPromptStatusV2', timeOutValue: 0, ...place, promptStatus: '\u0080\u0018' },
  {
    kind: 'CallInfo',
    callingPartyName: 'Ann',
    callingParty: '1001',
    calledPartyName: 'Bob',
    calledParty: '1002',
    ...place,
    callType: 2,
    callSecurityStatus: 3,
  },
  {
    kind: 'OpenReceiveChannel',
    conferenceId: 7,
    passThroughPartyId: 70,
    milliSecondPacketSize: 20,
    compressionType: 2,
    qualifierIn: { ecValue: 0 },
    callReference: 7,
    mRxMediaEncryptionKeyInfo: keyInfo,
    RFC2833PayloadType: 101,
    dtmfType: 10,
  },
  {
    kind: 'OpenReceiveChannelAck',
    mediaReceptionStatus: 0,
    ipAddr: '192.0.2.1',
    portNumber: 24_000,
    passThroughPartyId: 70,
    callReference: 7,
  },
  {
    kind: 'StartMediaTransmission',
    conferenceId: 7,
    passThroughPartyId: 70,
    remoteIpAddr: '192.0.2.77',
    remotePortNumber: 20_000,
    milliSecondPacketSize: 20,
    compressionType: 2,
    qualifierOut: { precedenceValue: 184, ssValue: 0, maxFramesPerPacket: 0 },
    callReference: 7,
    mTxMediaEncryptionKeyInfo: keyInfo,
    RFC2833PayloadType: 101,
    dtmfType: 10,
  },
  { kind: 'OnHook', ...place },
];

interface Contender {
  readonly name: string;
  /** Reads a message and writes it again. */
  again(written: Uint8Array): Uint8Array;
}

const ours: Contender = {
  name: '@trustline/sccp',
  again(written) {
    const id = (written[8] ?? 0) | ((written[9] ?? 0) << 8);
    return encodeMessage(decodeBody(id, written, VERSION, HEADER) as SccpMessage, { version: VERSION });
  },
};

type NaiveType = 'u32' | 'address' | `text${number}` | 'dynamic' | `octets${number}`;
const parties = ['text40', 'text24', 'text40', 'text24'] as const;
const redirections = ['text40', 'text24', 'text40', 'text24', 'u32', 'u32'] as const;
const boxes = ['text24', 'text24', 'text24', 'text24', 'u32', 'u32', 'u32'] as const;
const streams = ['u32', 'u32', 'octets16', 'octets16', 'u32', 'u32', 'u32', 'u32', 'u32', 'u32'] as const;
/** By message id, types of fields in their order; what follows them is not there. */
const naiveLayouts: Readonly<Record<number, readonly NaiveType[]>> = {
  0: [],
  256: [],
  6: ['u32', 'u32'],
  7: ['u32', 'u32'],
  273: ['u32', 'u32', 'u32', 'u32', 'u32', 'u32'],
  272: ['u32', 'u32', 'u32', 'u32'],
  130: ['u32', 'u32', 'u32', 'u32'],
  3: ['u32', 'u32', 'u32'],
  131: ['u32', 'u32', 'u32'],
  134: ['u32', 'u32', 'u32'],
  325: ['u32', 'u32', 'u32', 'dynamic'],
  143: [...parties, 'u32', 'u32', 'u32', ...redirections, ...boxes],
  261: ['u32', 'u32', 'u32', 'u32', 'u32', 'u32', 'u32', ...streams],
  34: ['u32', 'address', 'u32', 'u32', 'u32'],
  138: ['u32', 'u32', 'address', 'u32', 'u32', 'u32', 'u32', 'u32', 'u32', 'u32', 'u32', ...streams],
};

const naive: Contender = {
  name: 'a Buffer for each field',
  again(written) {
    const buffer = Buffer.from(written);
    const id = buffer.readUInt32LE(8);
    const layout = naiveLayouts[id];
    if (layout === undefined) throw new Error(`there is no layout of ${id}`);
    const values: Record<string, number | string | Buffer> = {};
    let at = HEADER;
    layout.forEach((type, i) => {
      const [value, length] = naiveRead(buffer, at, type);
      values[`field${i}`] = value;
      at += length;
    });
    const body = Buffer.concat(layout.map((type, i) => naiveWrite(values[`field${i}`] ?? 0, type)));
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(padded.length + 4, 0);
    buffer.copy(header, 4, 4, 8); // acknowledgements say no version
    header.writeUInt32LE(id, 8);
    return Buffer.concat([header, padded]);
  },
};

function naiveRead(buffer: Buffer, at: number, type: NaiveType): [number | string | Buffer, number] {
  if (type === 'u32') return [buffer.readUInt32LE(at), 4];
  if (type === 'address') return [buffer.subarray(at + 4, at + 8).join('.'), 20];
  if (type === 'dynamic') {
    const end = buffer.indexOf(0, at);
    return [buffer.toString('latin1', at, end), end - at + 1];
  }
  const length = Number(/\d+/.exec(type)?.[0]);
  if (type.startsWith('octets')) return [Buffer.from(buffer.subarray(at, at + length)), length];
  return [buffer.toString('latin1', at, at + length).replace(/\0.*$/s, ''), length];
}

function naiveWrite(value: number | string | Buffer, type: NaiveType): Buffer {
  if (type === 'u32') {
    const octets = Buffer.alloc(4);
    octets.writeUInt32LE(Number(value));
    return octets;
  }
  if (type === 'address') {
    return Buffer.concat([Buffer.alloc(4), Buffer.from(String(value).split('.').map(Number)), Buffer.alloc(12)]);
  }
  if (type === 'dynamic') return Buffer.concat([Buffer.from(String(value), 'latin1'), Buffer.alloc(1)]);
  const length = Number(/\d+/.exec(type)?.[0]);
  if (typeof value !== 'string') return Buffer.concat([value as Buffer], length);
  const octets = Buffer.alloc(length);
  octets.write(value, 'latin1');
  return octets;
}

/** Messages a second, the best of some rounds: other work on the machine only ever makes it slower. */
function rate(work: (written: Uint8Array) => unknown, all: readonly Uint8Array[]): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < ROUND_MILLISECONDS) {
      for (let i = 0; i < 20; i++) for (const written of all) work(written);
      done += 20 * all.length;
    }
    best = Math.max(best, (done * 1_000) / (performance.now() - start));
  }
  return best;
}

function run(): void {
  const all = messages.map((message) => encodeMessage(message, { version: VERSION }));
  for (const contender of [ours, naive]) {
    all.forEach((written, i) => {
      if (Buffer.compare(contender.again(written), written) !== 0) {
        throw new Error(`${contender.name} wrote another ${messages[i]?.kind}`);
      }
    });
  }
  const count = (value: number) => Math.round(value).toLocaleString('en-US').padStart(12);
  const octets = all.reduce((sum, { length }) => sum + length, 0);
  console.log(
    `${all.length} messages of a call in version ${VERSION}, ${octets} octets, on one core (best of ${ROUNDS})`,
  );
  console.log(`${'messages/s'.padEnd(28)}${'read+write'.padStart(12)}`);
  const [us, them] = [ours, naive].map((contender) => {
    const messagesASecond = rate(contender.again, all);
    console.log(`${contender.name.padEnd(28)}${count(messagesASecond)}`);
    return messagesASecond;
  });
  if (us === undefined || them === undefined) return;
  console.log(`${(us / them).toFixed(1)} x the naive one; the aim is ${GOAL.toLocaleString('en-US')} messages/s`);
}

if (import.meta.main) run();
