// One end of calls over H.323 whose signalling goes by IPsec, in a network namespace: helper, tunnel, calls and their media.
// Its settings are its one parameter; commands come as lines on standard input, what happens goes out as lines of JSON.
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Redacted } from '@trustline/base';
import {
  type CallsEvent,
  type CallTerms,
  type HostPort,
  octetsOfAddress,
  type SrtpMasterKey,
  textOfAddress,
} from '@trustline/h323';
import { H323Driver } from '@trustline/h323/node';
import type { TunnelAuthentication } from '@trustline/ipsec';
import { IpsecHelper, IpsecNode } from '@trustline/ipsec/node';
import { createSrtpReceiver, createSrtpSender } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { type IpsecEndSettings, PACKETS, speech } from './ipsec-end-settings.fixture.ts';

const settings = JSON.parse(process.argv[2] ?? '') as IpsecEndSettings;
const der = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
const suite = 'AES_CM_128_HMAC_SHA1_80';

const authentication: TunnelAuthentication = {
  kind: 'certificate',
  localIdentity: settings.identity,
  localCertificate: der(settings.certificate),
  remoteIdentity: settings.peerIdentity,
  remote: { kind: 'authority', authority: der(settings.authority) },
};
const helper = await IpsecHelper.start({
  folder: settings.folder,
  stateFile: `${settings.folder}.json`,
  stack: 'kernel-libipsec',
  table: 'trustline_ipsec',
  say: (sentence) => process.stderr.write(`${sentence}\n`),
});
const node = await IpsecNode.start(
  {
    folder: settings.folder,
    stack: 'kernel-libipsec',
    credentials: { privateKey: der(settings.privateKey), authorities: [der(settings.authority)] },
    initiates: settings.calls,
    mediaPatience: 30_000,
    onEvent: (event) => tell({ event }),
    onHold(gateway, { kind }) {
      tell({ hold: kind });
      if (kind === 'returned') driver.askAgain(gateway);
      else driver.withdraw(gateway);
    },
  },
  [
    {
      tunnel: {
        name: settings.peer,
        localAddress: settings.address,
        remoteAddress: settings.peerAddress,
        mode: 'tunnel',
        profile: 'standard',
        authentication,
      },
    },
  ],
);
if (!settings.calls) await node.answerProbes();

/** The media of one call: a socket, and what was understood of what came. */
interface Media {
  readonly socket: Socket;
  keys: readonly SrtpMasterKey[];
  heard: number;
  /** Directions that have been opened. */
  opened: number;
  sending?: NodeJS.Timeout;
}
const free: Socket[] = [];
for (let count = 0; count < settings.sockets; count += 1) {
  const socket = createSocket('udp4').bind(0, settings.mediaAddress);
  await once(socket, 'listening');
  free.push(socket);
}
const media = new Map<string, Media>();
const planned = new Map<number, Socket>();
/** Whether connections are proven; where they are not, what they bear has no keys. */
let proves = true;
const protection = () => (proves ? { protection: settings.peer } : {});
/** When a call was begun. */
const begun = new Map<string, number>();

function drawKey(): SrtpMasterKey {
  const [key, salt] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(14))];
  tell({ key: Buffer.from(key).toString('hex'), salt: Buffer.from(salt).toString('hex') });
  return { key: new Redacted(key), salt: new Redacted(salt) };
}

/** A call has its port before it has a name. */
function terms(): CallTerms {
  const socket = free.shift();
  if (socket === undefined) throw new Error('no socket is left');
  const { port } = socket.address();
  const media = octetsOfAddress({ address: settings.mediaAddress, port });
  if (media === undefined) throw new Error('the address of media is none');
  planned.set(port, socket);
  return {
    endpoint: {
      formats: [{ name: 'g711Ulaw64k', frames: 20 }],
      suites: [suite],
      policy: proves ? 'require' : 'forbid',
      terminalType: 60,
      drawNumber: () => randomInt(2 ** 24),
      drawKey,
      keyForm: 'direct',
      ackKey: 'own',
      media,
      tunnelling: false,
      fastConnect: false,
    },
    ...protection(),
  };
}

function mediaOf(call: string, port: number): void {
  const socket = planned.get(port);
  if (socket === undefined) return;
  const one: Media = { socket, keys: [], heard: 0, opened: 0 };
  media.set(call, one);
  socket.on('message', (packet) => hear(one, packet));
}

function hear(one: Media, packet: Uint8Array): void {
  for (const { key, salt } of one.keys) {
    const masterKeys = [{ key: key.reveal(), salt: salt.reveal() }];
    const receiver = createSrtpReceiver({ profile: suite, crypto: hybridCrypto(), masterKeys });
    const copy = Uint8Array.from(packet);
    const length = receiver.unprotect(copy, copy);
    if (typeof length === 'number' && Buffer.from(copy.subarray(12, length)).equals(speech)) one.heard += 1;
  }
}

function speak(one: Media, key: SrtpMasterKey, { address, port }: HostPort): void {
  const masterKeys = [{ key: key.key.reveal(), salt: key.salt.reveal() }];
  const sender = createSrtpSender({ profile: suite, crypto: hybridCrypto(), masterKeys });
  const packet = new Uint8Array([0x80, 0, 0, 0, 0, 0, 0, 0, ...randomBytes(4), ...speech]);
  let sequence = 0;
  one.sending = setInterval(() => {
    sequence += 1;
    packet[3] = sequence;
    const out = new Uint8Array(packet.length + 16);
    one.socket.send(out.subarray(0, sender.protect(packet, out)), port, address);
    if (sequence >= PACKETS) clearInterval(one.sending);
  }, 20);
}

function happened(call: string, event: CallsEvent): void {
  switch (event.kind) {
    case 'setup-offered':
      driver.command(call, (endpoint, now) => {
        endpoint.alert(now);
        endpoint.connect(now);
      });
      break;
    case 'alerting':
      tell({ rang: call, after: performance.now() - (begun.get(call) ?? 0) });
      break;
    case 'media-opened': {
      const one = media.get(call);
      if (one === undefined) break;
      if (event.direction === 'receive') one.keys = event.keys;
      else if (event.protection === undefined) tell({ clear: call });
      else speak(one, event.protection.key, textOfAddress(event.remote));
      one.opened += 1;
      if (one.opened === 2) tell({ opened: call, after: performance.now() - (begun.get(call) ?? 0) });
      break;
    }
    case 'unreachable':
    case 'released':
      end(call, event);
      break;
  }
}

function end(call: string, how: object): void {
  const one = media.get(call);
  if (one === undefined) return;
  media.delete(call);
  clearInterval(one.sending);
  tell({ ended: call, how, heard: one.heard });
}

const driver: H323Driver = new H323Driver({
  identity: () => ({
    endpointType: { gateway: {}, mc: false, undefinedNode: false },
    callIdentifier: randomBytes(16),
    conferenceId: randomBytes(16),
  }),
  drawCallReference: () => randomInt(1, 0x7fff),
  protection: node,
  welcome: ({ address }) => (address === settings.peerAddress ? protection() : 'refused'),
  turnedAway: (because) => tell({ turnedAway: because }),
  admit: (call) => {
    const one = terms();
    mediaOf(call, one.endpoint.media?.port ?? 0);
    return one;
  },
  happened,
});
if (!settings.calls) await driver.listen({ address: settings.address, port: 1720 });

createInterface(process.stdin).on('line', (line) => void obey(line));

async function obey(line: string): Promise<void> {
  const [word] = line.split(' ');
  if (word === 'call') {
    const one = terms();
    const now = performance.now();
    const to = { address: settings.peerAddress, port: 1720 };
    const call = driver.place({ ...one, to, from: settings.address, setup: { calledNumber: '2000' } });
    begun.set(call, now);
    mediaOf(call, one.endpoint.media?.port ?? 0);
    tell({ placed: call });
    setTimeout(() => {
      driver.release(call, 16);
      // Of a call that was still being proven there is no further event.
      end(call, { kind: 'not-begun' });
    }, settings.callMilliseconds);
  }
  if (word === 'proves' || word === 'trusts') {
    proves = word === 'proves';
    tell({ proves });
  }
  if (word === 'check') tell({ check: await node.check(settings.peer) });
  if (word === 'protected') tell({ protected: node.isProtected(settings.peer) });
  if (word === 'stop') {
    driver.stop();
    await node.stop();
    await helper.stop();
    process.exit(0);
  }
}
tell({ ready: true });
