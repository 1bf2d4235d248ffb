import { forEachSeed, LossyNetwork, type NetworkConditions, type SeededRandom, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { TftpClientTransfer } from './client-transfer.ts';
import { defaultTftpLimits, type TftpLimits } from './limits.ts';
import { toNetascii } from './netascii.ts';
import type { TftpWishes } from './options.ts';
import { readTftpRequest } from './request.ts';
import { TftpServerTransfer } from './server-transfer.ts';
import type { TftpPeer } from './transfer.ts';

const phone: TftpPeer = { address: '192.0.2.7', port: 2_070 };
const listening: TftpPeer = { address: '192.0.2.1', port: 6_969 };

interface Outcome {
  received: Uint8Array | undefined;
  finished: boolean;
  /** How often the client, and all transfers of the server, came to an end. */
  ends: { client: number; server: number };
  transfers: number;
  sentByServer: number;
}

function badConditions(random: SeededRandom): NetworkConditions {
  return {
    loss: random.next() * 0.25,
    duplication: random.next() * 0.4,
    minimumDelay: 1,
    maximumDelay: 1 + random.below(1_500),
  };
}

/** One file over a bad network, from the request to the last timer of both ends. */
function transfer(
  random: SeededRandom,
  content: Uint8Array,
  mode: 'octet' | 'netascii',
  wishes: TftpWishes,
  limits: TftpLimits,
  conditions: NetworkConditions = badConditions(random),
): Outcome {
  const clock = new VirtualClock();
  const network = new LossyNetwork(clock, random, conditions);
  const outcome: Outcome = {
    received: undefined,
    finished: false,
    ends: { client: 0, server: 0 },
    transfers: 0,
    sentByServer: 0,
  };
  const servers = new Map<number, { readonly deliver: (bytes: Uint8Array) => void; readonly ended: () => boolean }>();
  const client = new TftpClientTransfer({ now: 0, server: listening, fileName: 'f', mode, wishes, limits });

  const drainClient = (): void => {
    for (let output = client.poll(); output !== undefined; output = client.poll()) {
      if (output.kind === 'received') outcome.received = output.content;
      if (output.kind === 'closed') outcome.ends.client += 1;
      if (output.kind !== 'transmit') continue;
      const { to, bytes } = output;
      network.carry(() => (to.port === listening.port ? request(bytes) : servers.get(to.port)?.deliver(bytes)));
    }
  };
  const request = (bytes: Uint8Array): void => {
    if ([...servers.values()].some(({ ended }) => !ended())) return; // as TftpAdmission: it runs already
    const reading = readTftpRequest(bytes);
    if (reading.kind !== 'read') throw new Error('the request did not survive');
    const sent = reading.mode === 'netascii' ? toNetascii(content) : content;
    const { options } = reading;
    const machine = new TftpServerTransfer({ now: clock.now, peer: phone, content: sent, options, limits });
    const own: TftpPeer = { address: listening.address, port: 40_000 + servers.size };
    const drain = (): void => {
      for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
        if (output.kind === 'finished') outcome.finished = true;
        if (output.kind !== 'transmit') {
          outcome.ends.server += 1;
          continue;
        }
        outcome.sentByServer += 1;
        const octets = output.bytes;
        network.carry(() => {
          client.receive(clock.now, own, octets);
          drainClient();
        });
      }
    };
    servers.set(own.port, {
      ended: () => machine.ended,
      deliver: (octets) => {
        machine.receive(clock.now, phone, octets);
        drain();
      },
    });
    outcome.transfers += 1;
    clock.attach(machine, drain);
    drain();
  };

  clock.attach(client, drainClient);
  drainClient();
  clock.runUntilIdle();
  return outcome;
}

function anyFile(random: SeededRandom): Uint8Array {
  const sizes = [0, 1, 7, 8, 9, 511, 512, 513, 1_024, 3_000];
  const bytes = random.bytes(sizes[random.below(sizes.length)] ?? 0);
  for (let at = 0; at < bytes.length; at += 5) bytes[at] = random.chance(0.5) ? 10 : 13; // line ends, for netascii
  return bytes;
}

function anyWishes(random: SeededRandom): TftpWishes {
  return {
    ...(random.chance(0.5) ? { blockSize: 64 + random.below(1_400) } : {}),
    ...(random.chance(0.5) ? { windowSize: 1 + random.below(12) } : {}),
    ...(random.chance(0.3) ? { timeoutSeconds: 1 + random.below(4) } : {}),
    ...(random.chance(0.5) ? { transferSize: true } : {}),
  };
}

test('whatever is lost, doubled or overtaken, both ends come to an end, and what is received is the file', () => {
  let received = 0;
  forEachSeed(600, (random) => {
    const content = anyFile(random);
    const mode = random.chance(0.3) ? 'netascii' : 'octet';
    const outcome = transfer(random, content, mode, anyWishes(random), defaultTftpLimits);
    expect(outcome.ends).toEqual({ client: 1, server: outcome.transfers });
    if (outcome.received !== undefined) expect(outcome.received).toEqual(content);
    // What the server tells the operator is true: who acknowledged the last block has the file.
    if (outcome.finished) expect(outcome.received).toBeDefined();
    if (outcome.received !== undefined) received += 1;
  });
  expect(received).toBeGreaterThan(500);
});

test('with patience every transfer succeeds', () => {
  const patient = { ...defaultTftpLimits, retransmissions: 60, unansweredRetransmissions: 60, transferTime: 3_000_000 };
  forEachSeed(300, (random) => {
    const content = anyFile(random);
    const outcome = transfer(random, content, 'octet', anyWishes(random), patient);
    expect(outcome.received).toEqual(content);
  });
});

test('block numbers that wrap confuse neither end, also when blocks of several windows are lost or doubled', () => {
  forEachSeed(1, (random) => {
    const content = random.bytes(8 * 66_000 + 5);
    const wishes = { blockSize: 8, windowSize: 16 };
    const conditions = { loss: 0.005, duplication: 0.005, minimumDelay: 1, maximumDelay: 1 };
    const outcome = transfer(random, content, 'octet', wishes, defaultTftpLimits, conditions);
    expect(outcome.finished).toBe(true);
    expect(outcome.received).toEqual(content);
  });
});

test("duplicates are not multiplied: the apprentice's flood does not come (RFC 1123 §4.2.3.1)", () => {
  forEachSeed(100, (random) => {
    const clock = new VirtualClock();
    const network = new LossyNetwork(clock, random, {
      loss: 0,
      duplication: 1,
      minimumDelay: 1,
      maximumDelay: 5,
    });
    const content = random.bytes(512 * 40);
    const server = new TftpServerTransfer({ now: 0, peer: phone, content, options: [] });
    const client = new TftpClientTransfer({ now: 0, server: listening, fileName: 'f' });
    let blocks = 0;
    const drain = (): void => {
      for (let output = server.poll(); output !== undefined; output = server.poll()) {
        if (output.kind !== 'transmit') continue;
        const { bytes } = output;
        blocks += 1;
        network.carry(() => {
          client.receive(clock.now, { address: listening.address, port: 40_000 }, bytes);
          drain();
        });
      }
      for (let output = client.poll(); output !== undefined; output = client.poll()) {
        if (output.kind !== 'transmit' || output.to.port === listening.port) continue;
        const { bytes } = output;
        network.carry(() => {
          server.receive(clock.now, phone, bytes);
          drain();
        });
      }
    };
    clock.attach(server, drain);
    clock.attach(client, drain);
    drain();
    clock.runUntilIdle();
    expect(server.ended).toBe(true);
    expect(blocks).toBe(41);
  });
});
