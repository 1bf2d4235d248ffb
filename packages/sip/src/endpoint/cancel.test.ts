import { simulateEndpoints } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { headerValue, withHeader } from '../message/headers.ts';
import { toTag } from '../message/name-addr.ts';
import { createResponse } from '../message/response.ts';

describe('CANCEL', () => {
  test('is held until a provisional response has come (RFC 3261 §9.1)', () => {
    const { clock, left, pair, send, answer } = simulateEndpoints();
    const invite = send('INVITE');
    clock.advance(10);
    pair.act(() => left.cancel(clock.now, invite, 'Q.850;cause=16'));
    expect(pair.left.sentNames).toEqual(['INVITE']);
    answer(180);
    clock.advance(10);
    expect(pair.left.sentNames).toEqual(['INVITE', 'CANCEL']);
    const [sent, cancel] = pair.left.sent.map(({ message }) => message);
    if (sent === undefined || cancel?.kind !== 'request') throw new Error('no CANCEL was sent');
    for (const name of ['Via', 'From', 'To', 'Call-ID'])
      expect(headerValue(cancel, name)).toBe(headerValue(sent, name));
    expect(headerValue(cancel, 'CSeq')).toBe('1 CANCEL');
    expect(headerValue(cancel, 'Reason')).toBe('Q.850;cause=16');
  });

  test('is answered by the endpoint, and the INVITE by its user with 487', () => {
    const { clock, left, pair, send, answer, statuses, transactionsLeft } = simulateEndpoints();
    const invite = send('INVITE');
    clock.advance(10);
    answer(180);
    clock.advance(10);
    pair.act(() => left.cancel(clock.now, invite));
    pair.act(() => left.cancel(clock.now, invite));
    clock.advance(10);
    expect(pair.left.sentNames).toEqual(['INVITE', 'CANCEL']);
    expect(pair.right.outputsOf('cancelled')).toHaveLength(1);
    expect(pair.right.sentNames).toEqual([180, 200]);
    // "The To tag of the response to the CANCEL and [...] to the original request SHOULD be the same" (§9.2).
    const ok = pair.right.sent.at(-1)?.message;
    expect(ok && toTag(ok)).toBe('b2');
    answer(487);
    clock.advance(10);
    expect(statuses()).toEqual([180, 487]);
    expect(transactionsLeft()).toBe(0);
  });

  test('is dropped when the final response is quicker', () => {
    const { clock, left, pair, send, answer, transactionsLeft } = simulateEndpoints();
    const invite = send('INVITE');
    pair.act(() => left.cancel(clock.now, invite));
    clock.advance(10);
    answer(486);
    clock.advance(10);
    pair.act(() => left.cancel(clock.now, invite));
    expect(transactionsLeft()).toBe(0);
    expect(pair.left.sentNames).not.toContain('CANCEL');
  });

  test('that meets a 200 on the way is answered 200 and changes nothing: the user hangs up instead (RFC 3261 §9.2)', () => {
    const { clock, left, pair, send, answer, statuses, transactionsLeft } = simulateEndpoints();
    const invite = send('INVITE');
    clock.advance(10);
    answer(180);
    clock.advance(10);
    answer(200);
    pair.act(() => left.cancel(clock.now, invite));
    clock.advance(10);
    expect(pair.right.sentNames).toEqual([180, 200, 200]);
    expect(pair.right.outputsOf('cancelled')).toEqual([]);
    expect(statuses()).toEqual([180, 200]);
    expect(transactionsLeft()).toBe(0);
  });

  test('gives the INVITE up after 64*T1 without a final response (RFC 3261 §9.1)', () => {
    const { clock, left, pair, send, answer, deaf, transactionsLeft } = simulateEndpoints();
    const invite = send('INVITE');
    clock.advance(10);
    answer(180);
    clock.advance(90);
    deaf();
    pair.act(() => left.cancel(clock.now, invite));
    clock.advance(31_999);
    expect(pair.left.outputsOf('timeout')).toEqual([]);
    clock.advance(1);
    expect(pair.left.outputsOf('timeout')).toEqual([{ kind: 'timeout', transaction: invite }]);
    answer(487);
    expect(transactionsLeft()).toBe(0);
  });

  test('of anything but an INVITE does nothing', () => {
    const { clock, left, pair, send } = simulateEndpoints();
    const options = send('OPTIONS');
    clock.advance(10);
    pair.act(() => left.cancel(clock.now, options));
    expect(pair.left.sentNames).toEqual(['OPTIONS']);
  });

  test('that matches nothing is answered 481, the same again when it is repeated', () => {
    const { clock, pair, send, answer } = simulateEndpoints();
    send('INVITE');
    clock.advance(10);
    answer(180);
    const [invite] = pair.left.sent;
    if (invite?.message.kind !== 'request') throw new Error('no INVITE was sent');
    const stray = withHeader(
      { ...invite.message, method: 'CANCEL' },
      'Via',
      'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother',
    );
    const cancel = withHeader(stray, 'CSeq', '1 CANCEL');
    pair.inject(pair.right, cancel);
    pair.inject(pair.right, cancel);
    expect(pair.right.sentNames).toEqual([180, 481, 481]);
    expect(pair.right.sent[1]?.message).toBe(pair.right.sent[2]?.message);
    expect(pair.right.outputsOf('cancelled')).toEqual([]);
  });

  test('on one connection never touches an INVITE that came on another', () => {
    const { clock, pair, right, send, answer } = simulateEndpoints('tls');
    send('INVITE');
    clock.advance(10);
    answer(180);
    const [invite] = pair.left.sent;
    if (invite?.message.kind !== 'request') throw new Error('no INVITE was sent');
    const cancel = withHeader({ ...invite.message, method: 'CANCEL' }, 'CSeq', '1 CANCEL');
    pair.act(() => right.receive(clock.now, { ...pair.right.flow, id: 'right-of-somebody-else' }, cancel));
    expect(pair.right.sentNames).toEqual([180, 481]);
    expect(pair.right.outputsOf('cancelled')).toEqual([]);
    pair.inject(pair.right, cancel);
    expect(pair.right.outputsOf('cancelled')).toHaveLength(1);
  });
});

test('a response that comes by another connection than its request went is not believed', () => {
  const { clock, pair, left, send, statuses } = simulateEndpoints('tls');
  send('INVITE');
  clock.advance(10);
  const [arrived] = pair.right.outputsOf('request');
  if (arrived === undefined) throw new Error('no INVITE came');
  const forged = createResponse(arrived.request, 200, { toTag: 'forged' });
  pair.act(() => left.receive(clock.now, { ...pair.left.flow, id: 'left-of-somebody-else' }, forged));
  expect(statuses()).toEqual([]);
  pair.inject(pair.left, forged);
  expect(statuses()).toEqual([200]);
});
