import { preferredSuites, type SdesSuiteName } from '@trustline/keying';
import {
  createResponse,
  type InviteSession,
  parseSdp,
  type SipFlow,
  type SipMessage,
  SipUserAgent,
  type SipUserAgentOutput,
  serializeSdp,
} from '@trustline/sip';
import { SeededRandom, SipPair, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { type CallEvent, SILENCE_PATIENCE } from '../call/phone-call.ts';
import type { PhoneOutput } from './outputs.ts';
import { PhoneCore, type PhoneCoreOptions } from './phone-core.ts';

const bothOf128: readonly SdesSuiteName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

const endpoints = { left: { address: '192.0.2.1', port: 40_000 }, right: { address: '192.0.2.2', port: 50_000 } };

function seeded(seed: number): (length: number) => Uint8Array {
  const random = new SeededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
}

function phone(line: string, more: Partial<PhoneCoreOptions> = {}): PhoneCore {
  const server = { host: 'cm.example', port: 5061 };
  return new PhoneCore({ line, server, random: seeded(Number(line)), suites: bothOf128, ...more });
}

/** Two phones with nothing between them: what one sends the other takes for its manager's. */
function twoPhones(
  left: Partial<PhoneCoreOptions> = {},
  right: Partial<PhoneCoreOptions> = {},
  transport: SipFlow['transport'] = 'tls',
) {
  const [near, far] = [phone('1001', left), phone('1002', right)];
  const pair = new SipPair<PhoneOutput>(new VirtualClock(), near, far, { transport });
  pair.right.onOutput = (output) => {
    if (output.kind === 'incoming') far.answer(pair.clock.now, output.call, endpoints.right);
  };
  pair.act(() => near.connected(0, pair.left.flow));
  pair.act(() => far.connected(0, pair.right.flow));
  pair.clock.advance(100);
  const call = () => {
    const id = pair.act(() => near.place(pair.clock.now, '1002', endpoints.left));
    pair.clock.advance(500);
    return id;
  };
  return { near, far, pair, call };
}

function eventsOf(outputs: readonly { readonly kind: string }[]): CallEvent[] {
  return (outputs as readonly PhoneOutput[]).filter((output) => output.kind === 'call').map(({ event }) => event);
}

function lastOf<Kind extends CallEvent['kind']>(outputs: readonly { readonly kind: string }[], kind: Kind) {
  return eventsOf(outputs).findLast((event) => event.kind === kind) as Extract<CallEvent, { kind: Kind }> | undefined;
}

function keysOf(outputs: readonly { readonly kind: string }[]) {
  const protection = lastOf(outputs, 'media')?.media?.agreement.protection;
  if (protection === undefined || protection === 'clear') return undefined;
  const { send, receive } = protection;
  if (send === undefined || receive === undefined) throw new Error('an answer of SIP has keys of both directions');
  return { send, receive };
}

function bodies(sent: readonly { readonly message: SipMessage }[]): string[] {
  return sent.map(({ message }) => new TextDecoder().decode(message.body)).filter((body) => body !== '');
}

describe('a call between two phones over TLS', () => {
  test('offers RTP/SAVP with every suite, each with a key of its own, and agrees on keys both ways', () => {
    const { pair, call } = twoPhones({ suites: preferredSuites });
    call();
    const [offer = ''] = bodies(pair.left.sent);
    expect(offer).toMatch(/^m=audio 40000 RTP\/SAVP 8 0 101\r$/m);
    const lines = [...offer.matchAll(/a=crypto:(\d) (\S+) inline:(\S+)/g)];
    expect(lines.map(([, tag, suite]) => `${tag} ${suite}`)).toEqual(
      preferredSuites.map((suite, at) => `${at + 1} ${suite}`),
    );
    expect(new Set(lines.map(([, , , key]) => key)).size).toBe(preferredSuites.length);
    const [near, far] = [keysOf(pair.left.outputs), keysOf(pair.right.outputs)];
    expect(near?.send).toEqual(far?.receive);
    expect(near?.receive).toEqual(far?.send);
    expect(near?.send.fingerprint).not.toBe(near?.receive.fingerprint);
    expect(lastOf(pair.left.outputs, 'media')?.media).toMatchObject({
      rtp: { host: '192.0.2.2', port: 50_000 },
      rtcp: { host: '192.0.2.2', port: 50_001 },
      agreement: {
        codec: 'PCMA',
        payloadType: 8,
        telephoneEvents: { send: 101, receive: 101 },
        sends: true,
        receives: true,
      },
    });
    expect(lastOf(pair.left.outputs, 'level')?.level).toBe('encrypted');
    expect(lastOf(pair.right.outputs, 'level')?.level).toBe('encrypted');
  });

  test('declares how often its own keys are derived anew, and takes what the far end declares (RFC 4568 §6.3.1)', () => {
    const { pair, call } = twoPhones({ keyDerivationRate: 256 }, { keyDerivationRate: 0 });
    call();
    const [offer = ''] = bodies(pair.left.sent);
    expect(offer.match(/ KDR=8\r$/gm)).toHaveLength(bothOf128.length);
    const [answer = ''] = bodies(pair.right.sent);
    expect(answer).not.toContain('KDR');
    const [near, far] = [keysOf(pair.left.outputs), keysOf(pair.right.outputs)];
    expect([near?.send.keyDerivationRate, near?.receive.keyDerivationRate]).toEqual([256, 0]);
    expect([far?.send, far?.receive]).toEqual([near?.receive, near?.send]);
  });

  test('meets in the suite that the far end has', () => {
    const { pair, call } = twoPhones({}, { suites: ['AES_CM_128_HMAC_SHA1_32'] });
    call();
    expect(keysOf(pair.left.outputs)?.send.profile).toBe('AES_CM_128_HMAC_SHA1_32');
    expect(keysOf(pair.left.outputs)?.send).toEqual(keysOf(pair.right.outputs)?.receive);
  });

  test('holds and resumes under the same keys', () => {
    const { near, pair, call } = twoPhones();
    const id = call();
    const before = keysOf(pair.left.outputs);
    expect(pair.act(() => near.hold(pair.clock.now, id, true))).toBe(true);
    pair.clock.advance(500);
    expect(lastOf(pair.right.outputs, 'hold')).toMatchObject({ local: false, remote: true });
    expect(lastOf(pair.right.outputs, 'media')?.media?.agreement).toMatchObject({ sends: false, receives: true });
    expect(lastOf(pair.left.outputs, 'media')?.media?.agreement).toMatchObject({ sends: true, receives: false });
    expect(pair.act(() => near.hold(pair.clock.now, id, false))).toBe(true);
    pair.clock.advance(500);
    expect(lastOf(pair.right.outputs, 'hold')).toMatchObject({ local: false, remote: false });
    expect(keysOf(pair.left.outputs)).toEqual(before);
  });

  test('makes new keys for its own direction when asked', () => {
    const { near, pair, call } = twoPhones();
    const id = call();
    const before = keysOf(pair.left.outputs);
    pair.act(() => near.renewKeys(pair.clock.now, id));
    pair.clock.advance(500);
    const after = keysOf(pair.left.outputs);
    expect(after?.send.fingerprint).not.toBe(before?.send.fingerprint);
    expect(after?.receive).toEqual(before?.receive);
    expect(keysOf(pair.right.outputs)?.receive).toEqual(after?.send);
  });

  test('ends at both ends, with who ended it', () => {
    const { far, near, pair, call } = twoPhones();
    const id = call();
    pair.act(() => near.hangUp(pair.clock.now, id));
    pair.clock.advance(500);
    expect(lastOf(pair.left.outputs, 'ended')).toMatchObject({ ending: 'completed', by: 'local' });
    expect(lastOf(pair.right.outputs, 'ended')).toMatchObject({ ending: 'completed', by: 'remote' });
    expect([near.calls, far.calls]).toEqual([[], []]);
  });

  test('more calls than the phone takes are busy', () => {
    const { pair, call } = twoPhones({}, { maximumCalls: 1 });
    call();
    call();
    expect(lastOf(pair.left.outputs, 'ended')).toMatchObject({ ending: 'busy', status: 486 });
  });
});

describe('protection', () => {
  test('`require` against a phone that takes no SRTP: the call is refused, never clear', () => {
    const { pair, call } = twoPhones({ security: 'require' }, { security: 'clear' });
    call();
    expect(lastOf(pair.left.outputs, 'ended')).toMatchObject({ ending: 'refused-for-security', status: 488 });
    expect(bodies(pair.left.sent).every((body) => body.includes('RTP/SAVP'))).toBe(true);
    expect(lastOf(pair.left.outputs, 'media')).toBeUndefined();
  });

  test('`prefer` offers RTP/AVP after a 488 with a Warning, and shows the call as not secure', () => {
    const { pair, call } = twoPhones({ security: 'prefer' }, { security: 'clear' });
    call();
    expect(lastOf(pair.left.outputs, 'downgraded')).toBeDefined();
    expect(lastOf(pair.left.outputs, 'media')?.media?.agreement.protection).toBe('clear');
    expect(lastOf(pair.left.outputs, 'established')).toBeDefined();
    expect(lastOf(pair.left.outputs, 'level')?.level).toBe('authenticated');
    expect(bodies(pair.left.sent).at(-1)).not.toContain('crypto');
  });

  test('`require` refuses a clear offer with 488 and says why', () => {
    const { pair, call } = twoPhones({ security: 'clear' }, { security: 'require' });
    call();
    expect(lastOf(pair.left.outputs, 'ended')).toMatchObject({ ending: 'refused-for-security', status: 488 });
    expect(lastOf(pair.left.outputs, 'ended')?.reason).toBe('This phone takes encrypted media only');
    expect(lastOf(pair.right.outputs, 'ended')?.ending).toBe('refused-for-security');
  });

  test('keys are never told over signalling without TLS: `require` does not call, `prefer` calls in the clear', () => {
    const strict = twoPhones({ security: 'require' }, {}, 'udp');
    strict.call();
    expect(lastOf(strict.pair.left.outputs, 'ended')?.ending).toBe('refused-for-security');
    expect(strict.pair.left.sentNames).not.toContain('INVITE');
    const lenient = twoPhones({ security: 'prefer' }, { security: 'prefer' }, 'udp');
    lenient.call();
    expect(lastOf(lenient.pair.left.outputs, 'established')).toBeDefined();
    expect(bodies(lenient.pair.left.sent).join()).not.toContain('crypto');
    expect(lastOf(lenient.pair.left.outputs, 'level')?.level).toBe('non-secure');
  });
});

/** A phone at a user agent that the test plays the manager with. */
function managed(options: Partial<PhoneCoreOptions> = {}) {
  const near = phone('1001', options);
  const manager = new SipUserAgent({
    random: seeded(7),
    contact: () => '<sip:cm.example;transport=tls>',
    methods: ['REGISTER'],
  });
  const clock = new VirtualClock();
  /** The connection in use, once it is not the pair's own. */
  const connection: { flow?: SipFlow } = {};
  const machine = {
    receive: (now: number, flow: SipFlow, message: SipMessage) => near.receive(now, connection.flow ?? flow, message),
    flowClosed: (now: number, flowId: string) => near.flowClosed(now, flowId),
    handleTime: (now: number) => near.handleTime(now),
    nextDeadline: () => near.nextDeadline(),
    poll: () => near.poll(),
  };
  const pair = new SipPair<PhoneOutput | SipUserAgentOutput>(clock, machine, manager, { transport: 'tls' });
  const sessions: InviteSession[] = [];
  const received: string[] = [];
  pair.right.onOutput = (output) => {
    if (output.kind === 'request') {
      const headers = [{ name: 'Expires', value: '600' }];
      manager.respond(clock.now, output.transaction, createResponse(output.request, 200, { toTag: 'r', headers }));
    }
    if (output.kind === 'incoming' && 'session' in output) {
      sessions.push(output.session);
      received.push(new TextDecoder().decode(output.session.initialOffer));
    }
    if (output.kind === 'session' && output.event.kind === 'reoffer-answered') {
      received.push(new TextDecoder().decode(output.event.answer));
    }
  };
  pair.act(() => near.start(0));
  expect(pair.left.outputs.map(({ kind }) => kind)).toEqual(['connect']);
  pair.act(() => near.connected(0, pair.left.flow));
  clock.advance(100);
  const place = () => {
    const id = pair.act(() => near.place(clock.now, '1002', endpoints.left));
    clock.advance(100);
    const [session] = sessions;
    if (session === undefined) throw new Error('no INVITE came');
    return { id, session };
  };
  return { near, manager, pair, clock, received, connection, place };
}

const foreignKey = (fill: number) => Buffer.alloc(30, fill).toString('base64');

function description(media: string, version = 1, address = '192.0.2.9'): Uint8Array {
  const text = `v=0\r\no=- 5 ${version} IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n${media}`;
  const parsed = parseSdp(new TextEncoder().encode(text));
  if (!parsed.ok) throw parsed.error;
  return serializeSdp(parsed.session);
}

const secure = (fill: number, suite = 'AES_CM_128_HMAC_SHA1_80', tag = 1) =>
  `m=audio 6000 RTP/SAVP 8\r\na=crypto:${tag} ${suite} inline:${foreignKey(fill)}\r\n`;

describe('a phone at its manager', () => {
  test('registers, and registers anew over a new connection; the call that ran goes on there', () => {
    const { near, pair, clock, connection, place } = managed();
    expect(pair.left.outputsOf('registered')).toMatchObject([{ expires: 600 }]);
    const { session } = place();
    pair.act(() => session.accept(clock.now, description(secure(1))));
    clock.advance(100);
    pair.act(() => near.flowClosed(clock.now, pair.left.flow.id));
    expect(pair.left.outputs.at(-2)).toEqual({ kind: 'disconnected' });
    clock.advance(60_000);
    expect(pair.left.outputs.filter(({ kind }) => kind === 'connect')).toHaveLength(2);
    const flow = { ...pair.left.flow, id: 'left-2' };
    connection.flow = flow;
    pair.act(() => near.connected(clock.now, flow));
    clock.advance(100);
    expect(near.isRegistered).toBe(true);
    expect(pair.left.sent.at(-1)?.message).toMatchObject({ method: 'UPDATE' });
    expect(lastOf(pair.left.outputs, 'ended')).toBeUndefined();
  });

  test('shows the level that the manager shows, and never more than its own leg is worth', () => {
    const { pair, clock, place } = managed();
    const { session } = place();
    const level = (word: string) => [
      { name: 'Call-Info', value: `<urn:x-cisco-remotecc:callinfo>; orientation=to; security=${word}` },
    ];
    pair.act(() => session.accept(clock.now, description(secure(1)), { headers: level('NotAuthenticated') }));
    clock.advance(100);
    expect(lastOf(pair.left.outputs, 'level')?.level).toBe('non-secure');
    pair.act(() => session.update(clock.now, { headers: level('Encrypted') }));
    clock.advance(100);
    expect(lastOf(pair.left.outputs, 'level')?.level).toBe('encrypted');
  });

  test('survives a stream that is refused for now and offered at once under another suite', () => {
    const { pair, clock, received, place } = managed({
      suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
    });
    const { session } = place();
    pair.act(() => session.accept(clock.now, description('m=audio 0 RTP/SAVP 8\r\n')));
    clock.advance(20);
    expect(lastOf(pair.left.outputs, 'media')).toEqual({ kind: 'media', media: undefined });
    pair.act(() => session.reoffer(clock.now, description(secure(1, 'AES_CM_128_HMAC_SHA1_32'), 2)));
    clock.advance(SILENCE_PATIENCE + 100);
    expect(keysOf(pair.left.outputs)?.send.profile).toBe('AES_CM_128_HMAC_SHA1_32');
    expect(lastOf(pair.left.outputs, 'ended')).toBeUndefined();
    // Its key for that suite is the one that it offered, which the far end has been told.
    const offered = /HMAC_SHA1_32 inline:(\S+)/.exec(received[0] ?? '')?.[1];
    expect(received[1]).toContain(`a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${offered}`);
  });

  test('hangs up when no stream of audio comes', () => {
    const { pair, clock, place } = managed();
    const { session } = place();
    pair.act(() => session.accept(clock.now, description('m=audio 0 RTP/SAVP 8\r\n')));
    clock.advance(SILENCE_PATIENCE + 100);
    expect(lastOf(pair.left.outputs, 'ended')).toMatchObject({ ending: 'failed', by: 'local' });
  });

  test.each([
    ['without the crypto line', 'm=audio 6000 RTP/SAVP 8\r\n'],
    ['in RTP/AVP', 'm=audio 6000 RTP/AVP 8\r\n'],
    ['under a tag that was not offered', secure(1, 'AES_CM_128_HMAC_SHA1_80', 7)],
    ['with encryption switched off', secure(1).replace(/\r\n$/, ' UNENCRYPTED_SRTP\r\n')],
  ])('hangs up on an answer %s', (_, media) => {
    for (const security of ['require', 'prefer'] as const) {
      const { pair, clock, place } = managed({ security });
      const { session } = place();
      pair.act(() => session.accept(clock.now, description(media)));
      clock.advance(500);
      expect(lastOf(pair.left.outputs, 'ended')).toMatchObject({ ending: 'refused-for-security', by: 'local' });
      expect(lastOf(pair.left.outputs, 'media')).toBeUndefined();
      expect(pair.left.sentNames).toContain('BYE');
    }
  });

  test('refuses to become clear by a re-INVITE, and the call goes on as it was', () => {
    const { pair, clock, place } = managed({ security: 'require' });
    const { session } = place();
    pair.act(() => session.accept(clock.now, description(secure(1))));
    clock.advance(100);
    const before = keysOf(pair.left.outputs);
    pair.act(() => session.reoffer(clock.now, description('m=audio 6000 RTP/AVP 8\r\n', 2)));
    clock.advance(500);
    expect(lastOf(pair.left.outputs, 'refused-offer')).toBeDefined();
    expect(pair.left.sentNames).toContain(488);
    expect(keysOf(pair.left.outputs)).toEqual(before);
    expect(lastOf(pair.left.outputs, 'ended')).toBeUndefined();
  });

  test.each([
    ['with fewer streams', 'm=audio 6000 RTP/AVP 8\r\n', '192.0.2.9'],
    ['with a name for an address', 'm=video 0 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 8\r\n', 'media.example'],
  ])('refuses a re-offer %s, and the call goes on', (_, media, address) => {
    const { near, manager, pair, clock } = managed({ security: 'clear' });
    pair.left.onOutput = (output) => {
      if (output.kind === 'incoming' && 'call' in output) near.answer(clock.now, output.call, endpoints.left);
    };
    const session = pair.act(() =>
      manager.place(clock.now, pair.right.flow, {
        requestUri: 'sip:1001@192.0.2.1',
        from: '<sip:9@cm.example>',
        to: '<sip:1001@cm.example>',
        offer: description('m=video 7000 RTP/AVP 31\r\nm=audio 65535 RTP/AVP 8\r\n'),
      }),
    );
    clock.advance(100);
    expect(lastOf(pair.left.outputs, 'media')?.media?.rtcp.port).toBe(65_535);
    pair.act(() => session.reoffer(clock.now, description(media, 2, address)));
    clock.advance(500);
    expect(lastOf(pair.left.outputs, 'refused-offer')).toBeDefined();
    expect(lastOf(pair.left.outputs, 'ended')).toBeUndefined();
  });

  test('refuses an offer that sends its own key back', () => {
    const { pair, clock, received, place } = managed();
    const { session } = place();
    pair.act(() => session.accept(clock.now, description(secure(1))));
    clock.advance(100);
    const own = /HMAC_SHA1_80 inline:(\S+)/.exec(received[0] ?? '')?.[1] ?? '';
    pair.act(() => session.reoffer(clock.now, description(secure(1).replace(foreignKey(1), own), 2)));
    clock.advance(500);
    expect(pair.left.sentNames).toContain(488);
  });

  test('answers an offer that changes nothing with a new key: the one it had was told to others', () => {
    const { pair, clock, received, place } = managed();
    const { session } = place();
    pair.act(() => session.accept(clock.now, description(secure(1))));
    clock.advance(100);
    const before = keysOf(pair.left.outputs);
    pair.act(() => session.reoffer(clock.now, description(secure(1))));
    clock.advance(500);
    expect(keysOf(pair.left.outputs)?.send.fingerprint).not.toBe(before?.send.fingerprint);
    expect(keysOf(pair.left.outputs)?.receive).toEqual(before?.receive);
    // A hold is no such offer.
    const renewed = keysOf(pair.left.outputs)?.send;
    pair.act(() => session.reoffer(clock.now, description(`${secure(1)}a=sendonly\r\n`, 2)));
    clock.advance(500);
    expect(received).toHaveLength(3);
    expect(keysOf(pair.left.outputs)?.send).toEqual(renewed);
  });

  test('takes a call without an offer, offers, and uses the answer of the ACK (RFC 3261 §13.3.1)', () => {
    const { near, manager, pair, clock } = managed();
    pair.left.onOutput = (output) => {
      if (output.kind === 'incoming' && 'call' in output) near.answer(clock.now, output.call, endpoints.left);
    };
    const session = pair.act(() =>
      manager.place(clock.now, pair.right.flow, {
        requestUri: 'sip:1001@192.0.2.1',
        from: '<sip:9@cm.example>',
        to: '<sip:1001@cm.example>',
      }),
    );
    clock.advance(100);
    expect(lastOf(pair.left.outputs, 'media')).toBeUndefined();
    pair.act(() => session.answerOffer(clock.now, description(secure(3))));
    clock.advance(100);
    expect(keysOf(pair.left.outputs)?.receive.masterKeys[0]?.key).toEqual(new Uint8Array(16).fill(3));
    expect(lastOf(pair.left.outputs, 'established')).toBeDefined();
  });

  test('takes digits by INFO, and no request from anybody but its manager', () => {
    const { near, pair, clock, place } = managed();
    const { session } = place();
    pair.act(() => session.accept(clock.now, description(secure(1))));
    clock.advance(100);
    const body = new TextEncoder().encode('Signal=5\r\nDuration=160\r\n');
    pair.act(() => session.info(clock.now, { contentType: 'application/dtmf-relay', body }));
    clock.advance(100);
    expect(lastOf(pair.left.outputs, 'digit')).toEqual({ kind: 'digit', digit: '5' });
    const stranger = { ...pair.left.flow, id: 'stranger' };
    const invite = pair.left.sent.find(({ message }) => message.kind === 'request' && message.method === 'INVITE');
    if (invite === undefined) throw new Error('no INVITE');
    near.receive(clock.now, stranger, invite.message);
    expect(near.poll()).toMatchObject({ kind: 'transmit', message: { status: 403 } });
  });

  test('what its manager refuses for good is not tried again', () => {
    const near = phone('1001');
    const manager = new SipUserAgent({ random: seeded(7), contact: () => '<sip:cm.example>' });
    const pair = new SipPair<PhoneOutput | SipUserAgentOutput>(new VirtualClock(), near, manager, { transport: 'tls' });
    pair.act(() => near.connected(0, pair.left.flow));
    pair.clock.advance(3_600_000);
    expect(pair.left.outputs).toMatchObject([{ kind: 'registration-failed', status: 405, retryAt: undefined }]);
  });
});
