import { sampleRequest, simulateEndpoints } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { headerValue } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import { SipEndpoint } from './endpoint.ts';
import type { ServerTransactionId } from './outputs.ts';

describe('INVITE client transaction', () => {
  test('retransmits by timer A, doubling without bound, until timer B ends it at 64*T1 (RFC 3261 §17.1.1.2)', () => {
    const { clock, pair, send, deaf, timesOf, transactionsLeft } = simulateEndpoints();
    deaf();
    const transaction = send('INVITE');
    clock.advance(31_999);
    expect(timesOf(pair.left, 'INVITE')).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(pair.left.outputs).toEqual([]);
    clock.advance(1);
    expect(pair.left.outputs).toEqual([{ kind: 'timeout', transaction }]);
    expect(transactionsLeft()).toBe(0);
  });

  test('never retransmits on a connection, where timer B still ends it (RFC 3261 §17.1.1.2)', () => {
    const { clock, pair, left, send, timesOf } = simulateEndpoints('tls');
    // A far end that never says a word, not even 100.
    pair.disconnect();
    const transaction = send('INVITE');
    clock.advance(32_000);
    expect(timesOf(pair.left, 'INVITE')).toEqual([0]);
    expect(pair.left.outputs).toEqual([{ kind: 'timeout', transaction }]);
    expect(left.transactions.client).toBe(0);
  });

  test('stops retransmitting at the first provisional response, and waits in Proceeding without limit', () => {
    const { clock, pair, send, answer, timesOf, statuses, transactionsLeft } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    answer(180);
    clock.advance(600_000);
    expect(timesOf(pair.left, 'INVITE')).toEqual([0]);
    expect(statuses()).toEqual([180]);
    answer(486);
    expect(transactionsLeft()).toBe(0);
    expect(statuses()).toEqual([180, 486]);
  });

  test('acknowledges 300 to 699 again for each retransmission until timer D, and passes it up once (RFC 3261 §17.1.1.2)', () => {
    const { clock, pair, left, send, answer, timesOf, statuses, transactionsLeft } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    answer(486);
    clock.advance(10);
    const final = pair.right.sent.findLast(({ message }) => message.kind === 'response' && message.status === 486);
    if (final === undefined) throw new Error('no 486 was sent');
    pair.inject(pair.left, final.message);
    expect(timesOf(pair.left, 'ACK')).toHaveLength(2);
    expect(statuses()).toEqual([486]);
    clock.advance(31_900);
    expect(left.transactions.client).toBe(1);
    clock.advance(200);
    expect(left.transactions.client).toBe(0);
    expect(transactionsLeft()).toBe(0);
  });

  test('builds the ACK of a rejection from the INVITE and the response (RFC 3261 §17.1.1.3)', () => {
    const { clock, pair, left, answer } = simulateEndpoints();
    const routed = sampleRequest('INVITE', [{ name: 'Route', value: '<sip:proxy.example.net;lr>' }]);
    pair.act(() => left.sendRequest(clock.now, pair.left.flow, routed));
    clock.advance(10);
    answer(486);
    clock.advance(10);
    const [invite, ack] = pair.left.sent.map(({ message }) => message);
    if (invite === undefined || ack?.kind !== 'request') throw new Error('no ACK was sent');
    expect(ack.method).toBe('ACK');
    expect(ack.uri).toBe('sip:1002@example.net');
    for (const name of ['Via', 'From', 'Call-ID', 'Route'])
      expect(headerValue(ack, name)).toBe(headerValue(invite, name));
    expect(headerValue(ack, 'To')).toBe('<sip:1002@example.net>;tag=b2');
    expect(headerValue(ack, 'CSeq')).toBe('1 ACK');
    expect(pair.right.outputsOf('ack')).toHaveLength(1);
  });

  test('passes up every 2xx of every fork in Accepted until timer M (RFC 6026 §7.2)', () => {
    const { clock, pair, left, send, answer, statuses, transactionsLeft } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    answer(200);
    clock.advance(10);
    const [invite] = pair.right.outputsOf('request');
    if (invite === undefined) throw new Error('no INVITE came');
    pair.inject(pair.left, createResponse(invite.request, 200, { toTag: 'b2' }));
    pair.inject(pair.left, createResponse(invite.request, 200, { toTag: 'another-fork' }));
    pair.inject(pair.left, createResponse(invite.request, 486, { toTag: 'a-late-rejection' }));
    expect(statuses()).toEqual([200, 200, 200]);
    clock.advance(31_900);
    expect(left.transactions.client).toBe(1);
    expect(transactionsLeft()).toBe(0);
  });
});

describe('non-INVITE client transaction', () => {
  test('retransmits by timer E, doubling up to T2, until timer F ends it at 64*T1 (RFC 3261 §17.1.2.2)', () => {
    const { clock, pair, send, deaf, timesOf, transactionsLeft } = simulateEndpoints();
    deaf();
    const transaction = send('OPTIONS');
    clock.advance(32_000);
    expect(timesOf(pair.left, 'OPTIONS')).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(pair.left.outputs).toEqual([{ kind: 'timeout', transaction }]);
    expect(transactionsLeft()).toBe(0);
  });

  test('goes on every T2 in Proceeding, where timer F runs on from the first transmission (RFC 3261 §17.1.2.2)', () => {
    const { clock, pair, send, answer, timesOf, transactionsLeft } = simulateEndpoints();
    send('OPTIONS');
    clock.advance(10);
    answer(100);
    clock.advance(31_989);
    expect(pair.left.outputsOf('timeout')).toEqual([]);
    expect(timesOf(pair.left, 'OPTIONS')).toEqual([0, 500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500]);
    clock.advance(1);
    expect(pair.left.outputsOf('timeout')).toHaveLength(1);
    answer(200);
    expect(transactionsLeft()).toBe(0);
  });

  test('absorbs late responses for T4 on UDP and not at all on a connection (timer K)', () => {
    for (const [transport, lives] of [
      ['udp', 1],
      ['tls', 0],
    ] as const) {
      const { clock, left, send, answer, statuses, transactionsLeft } = simulateEndpoints(transport);
      send('OPTIONS');
      clock.advance(10);
      answer(200);
      clock.advance(4_900);
      expect(left.transactions.client).toBe(lives);
      expect(statuses()).toEqual([200]);
      expect(transactionsLeft()).toBe(0);
    }
  });
});

describe('INVITE server transaction', () => {
  test('sends 100 (Trying) when the user takes longer than 200 ms, and not when it is quicker (RFC 3261 §17.2.1)', () => {
    const slow = simulateEndpoints();
    slow.send('INVITE');
    slow.clock.advance(200);
    expect(slow.pair.right.sentNames).toEqual([]);
    slow.clock.advance(1);
    expect(slow.pair.right.sentNames).toEqual([100]);
    const quick = simulateEndpoints();
    quick.send('INVITE');
    quick.clock.advance(100);
    quick.answer(180);
    quick.clock.advance(1_000);
    expect(quick.pair.right.sentNames).toEqual([180]);
  });

  test('answers a retransmitted INVITE with the latest provisional response, unseen by the user', () => {
    const { clock, pair, send, answer } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    answer(180);
    answer(183);
    const [invite] = pair.left.sent;
    if (invite === undefined) throw new Error('no INVITE was sent');
    pair.inject(pair.right, invite.message);
    expect(pair.right.sentNames).toEqual([180, 183, 183]);
    expect(pair.right.outputsOf('request')).toHaveLength(1);
  });

  test('retransmits a rejection by timer G up to T2 until timer H says that no ACK came (RFC 3261 §17.2.1)', () => {
    const { clock, pair, send, answer, deaf, timesOf, transactionsLeft } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    deaf();
    answer(486);
    clock.advance(32_000);
    expect(timesOf(pair.right, 486).map((at) => at - 10)).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(pair.right.outputsOf('no-ack')).toHaveLength(1);
    expect(transactionsLeft()).toBe(0);
  });

  test('on a connection sends a rejection once, and timer H still watches for the ACK', () => {
    const { clock, pair, right, left, send, timesOf } = simulateEndpoints('tls');
    send('INVITE');
    clock.advance(10);
    const [arrived] = pair.right.outputsOf('request');
    if (arrived?.transaction === undefined) throw new Error('no INVITE came');
    // Answered behind the pair's back: the answer is never carried, so no ACK comes.
    right.respond(clock.now, arrived.transaction, createResponse(arrived.request, 486, { toTag: 'b2' }));
    while (right.poll() !== undefined);
    clock.advance(32_000);
    expect(timesOf(pair.right, 486)).toEqual([]);
    expect(pair.right.outputsOf('no-ack')).toHaveLength(1);
    expect([left.transactions.client, right.transactions.server]).toEqual([0, 0]);
  });

  test('absorbs ACKs in Confirmed for T4 (timer I) and none on a connection', () => {
    for (const [transport, lives] of [
      ['udp', 1],
      ['tls', 0],
    ] as const) {
      const { clock, pair, right, send, answer, transactionsLeft } = simulateEndpoints(transport);
      send('INVITE');
      clock.advance(10);
      answer(486);
      clock.advance(10);
      expect(pair.right.outputsOf('ack')).toHaveLength(1);
      expect(right.transactions.server).toBe(lives);
      const ack = pair.left.sent.at(-1);
      if (ack === undefined) throw new Error('no ACK was sent');
      if (transport === 'udp') pair.inject(pair.right, ack.message);
      expect(pair.right.outputsOf('ack')).toHaveLength(1);
      expect(pair.right.outputsOf('request')).toHaveLength(1);
      expect(transactionsLeft()).toBe(0);
    }
  });

  test('in Accepted absorbs INVITEs, sends the 2xx only when the user repeats it, and hands up the ACK (RFC 6026 §7.1)', () => {
    const { clock, pair, left, right, send, answer, statuses, transactionsLeft } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    expect(answer(200)).toBe(true);
    const [invite] = pair.left.sent;
    if (invite === undefined) throw new Error('no INVITE was sent');
    pair.inject(pair.right, invite.message);
    clock.advance(5_000);
    expect(pair.right.sentNames).toEqual([200]);
    expect(answer(200)).toBe(true);
    expect(answer(486)).toBe(false);
    clock.advance(10);
    expect(pair.right.sentNames).toEqual([200, 200]);
    expect(statuses()).toEqual([200, 200]);
    pair.act(() => left.sendAck(clock.now, pair.left.flow, sampleRequest('ACK')));
    clock.advance(10);
    const ack = pair.right.outputsOf('request').at(-1);
    expect(ack?.transaction).toBeUndefined();
    expect(ack?.request.method).toBe('ACK');
    expect(right.transactions.server).toBe(1);
    expect(transactionsLeft()).toBe(0);
    expect(answer(200)).toBe(false);
  });
});

describe('non-INVITE server transaction', () => {
  test('is silent in Trying, repeats the provisional in Proceeding and the final in Completed (RFC 3261 §17.2.2)', () => {
    const { clock, pair, right, send, answer } = simulateEndpoints();
    send('OPTIONS');
    clock.advance(10);
    const [options] = pair.left.sent;
    if (options === undefined) throw new Error('no OPTIONS was sent');
    pair.inject(pair.right, options.message);
    expect(pair.right.sentNames).toEqual([]);
    answer(100);
    pair.inject(pair.right, options.message);
    expect(pair.right.sentNames).toEqual([100, 100]);
    answer(200);
    pair.inject(pair.right, options.message);
    expect(pair.right.sentNames).toEqual([100, 100, 200, 200]);
    expect(answer(500)).toBe(false);
    expect(pair.right.outputsOf('request')).toHaveLength(1);
    clock.advance(31_999);
    expect(right.transactions.server).toBe(1);
    clock.advance(1);
    expect(right.transactions.server).toBe(0);
  });

  test('is over with its answer on a connection (timer J is zero)', () => {
    const { clock, right, send, answer } = simulateEndpoints('tls');
    send('OPTIONS');
    clock.advance(10);
    answer(200);
    expect(right.transactions.server).toBe(0);
  });
});

describe('closed flows', () => {
  test('end every transaction on them, and tell the user of those that were still open', () => {
    const { clock, pair, left, right, send, answer } = simulateEndpoints('tls');
    const waiting = send('INVITE');
    clock.advance(10);
    const asked = send('OPTIONS');
    clock.advance(10);
    pair.disconnect();
    expect(pair.left.outputsOf('transport-error').map(({ transaction }) => transaction)).toEqual([waiting, asked]);
    expect(pair.right.outputsOf('transport-error')).toHaveLength(2);
    expect([left.transactions, right.transactions]).toEqual([
      { client: 0, server: 0 },
      { client: 0, server: 0 },
    ]);
    expect(answer(200)).toBe(false);
  });

  test('end an answered INVITE without a word to the client, whose user has its answer', () => {
    const { clock, pair, send, answer } = simulateEndpoints('tls');
    send('INVITE');
    clock.advance(10);
    answer(200);
    clock.advance(10);
    pair.disconnect();
    expect(pair.left.outputsOf('transport-error')).toEqual([]);
  });
});

test('T1, T2 and T4 are settings, and only positive ones', () => {
  const timers = { t1: 100, t2: 200, t4: 300 };
  const { clock, pair, send, deaf, timesOf } = simulateEndpoints('udp', { timers });
  deaf();
  send('OPTIONS');
  clock.advance(1_000);
  expect(timesOf(pair.left, 'OPTIONS')).toEqual([0, 100, 300, 500, 700, 900]);
  clock.advance(5_400);
  expect(pair.left.outputsOf('timeout')).toHaveLength(1);
  expect(() => new SipEndpoint({ random: () => new Uint8Array(16), timers: { ...timers, t1: 0 } })).toThrow(
    expect.objectContaining({ code: 'sip.bad-timers' }) as Error,
  );
});

test('a server transaction is known by its number alone', () => {
  const { clock, right } = simulateEndpoints();
  const unknown: ServerTransactionId = 'server:99';
  expect(right.respond(clock.now, unknown, createResponse(sampleRequest('OPTIONS'), 200))).toBe(false);
});
