import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { eventually } from '@trustline/testing/node';
import { afterEach, describe, expect, test } from 'vitest';
import { Party, srtp } from '../../media/party.fixture.ts';
import type { RelayNotice, SideSettings } from '../../media/settings.ts';
import { type AllocatedSide, RelayPool, type RelayPoolOptions } from './relay-pool.ts';

const host = '127.0.0.1';
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function pool(changes: Partial<RelayPoolOptions> = {}) {
  const said: string[] = [];
  const notices: RelayNotice[] = [];
  const started = new RelayPool({
    host,
    firstPort: 47_000,
    lastPort: 47_999,
    workers: 1,
    notice: (notice) => notices.push(notice),
    lost: (sides) => said.push(`lost ${sides.length}`),
    exhausted: (why) => said.push(why),
    ...changes,
  });
  await started.start();
  undo.push(() => started.stop());
  return { pool: started, said, notices };
}

async function socket(): Promise<Socket> {
  const one = createSocket('udp4');
  one.bind(0, host);
  await once(one, 'listening');
  undo.push(async () => one.close());
  return one;
}

function settings(side: AllocatedSide, remote: Socket, changes: Partial<SideSettings> = {}): SideSettings {
  const usual = { takes: true, gives: true, clockRate: 8_000, protection: { kind: 'clear' } } as const;
  return { side: side.side, remote: { address: host, port: remote.address().port }, ...usual, ...changes };
}

describe('the threads of the media relay', () => {
  test('voice goes from socket to socket, SRTP on one side and RTP on the other', async () => {
    const { pool: relay, notices } = await pool();
    const [a, b] = [await socket(), await socket()];
    const one = relay.allocate(undefined) as AllocatedSide;
    const other = relay.allocate(one.side) as AllocatedSide;
    expect([one.port % 2, other.port % 2]).toEqual([0, 0]);
    relay.set(settings(one, a, { protection: srtp(1, 2) }));
    relay.set(settings(other, b));
    relay.bridge(one.side, other.side);
    await relay.counts(); // they have heard it by now
    const secure = new Party(0xa, { address: host, port: a.address().port }, 1, 2);
    const plain = new Party(0xb, { address: host, port: b.address().port });
    a.send(secure.rtp(1), one.port, host);
    const [heard] = await once(b, 'message');
    expect(plain.hears(heard).payload).toBe('voice 1');
    b.send(plain.rtp(1), other.port, host);
    expect(secure.hears((await once(a, 'message'))[0]).payload).toBe('voice 1');

    const moved = await socket();
    moved.send(secure.rtp(2), one.port, host);
    const notice = await eventually('the party is followed', async () => notices[0]);
    expect(notice).toMatchObject({ kind: 'moved', to: { port: moved.address().port } });
    expect((await relay.counts()).get(one.side)).toMatchObject({ received: 2, taken: 2, sent: 1, moved: 1 });
  });

  test('the sides of a call are at one thread; another call goes to the thread with fewer', async () => {
    const { pool: relay } = await pool({ workers: 2 });
    const one = relay.allocate(undefined) as AllocatedSide;
    const beside = relay.allocate(one.side) as AllocatedSide;
    const other = relay.allocate(undefined) as AllocatedSide;
    expect(beside.side % 2).toBe(one.side % 2);
    expect(other.side % 2).not.toBe(one.side % 2);
  });

  test('ports that another program has are passed over; a range that is used up says so, until a side is closed', async () => {
    const taken = createSocket('udp4');
    taken.bind(47_500, host);
    await once(taken, 'listening');
    undo.push(async () => taken.close());
    const { pool: relay, said } = await pool({ firstPort: 47_500, lastPort: 47_505 });
    await eventually('the range is used up', async () => said[0]);
    const [one, other] = [relay.allocate(undefined), relay.allocate(undefined)];
    expect([one?.port, other?.port]).toEqual([47_502, 47_504]);
    expect(relay.allocate(undefined)).toBeUndefined();
    relay.close(one?.side ?? -1);
    const again = await eventually('a port again', async () => relay.allocate(undefined));
    expect(again.port).toBe(47_502);
    expect(relay.size).toBe(2);
  });

  test('a range in which nothing can be bound fails the start', async () => {
    const relay = pool({ firstPort: 47_600, lastPort: 47_600 });
    await expect(relay).rejects.toThrow('too small');
  });
});
