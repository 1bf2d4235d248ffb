import { Redacted } from '@trustline/base';
import {
  createResponse,
  type DigestAlgorithm,
  DigestServer,
  digestHa1,
  headerValue,
  type SipFlow,
  type SipHeader,
  type SipRequest,
} from '@trustline/sip';
import { SeededRandom, VirtualClock } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { description, octets, Simulation } from '../simulation.fixture.ts';
import type { TrunkAccount, TrunkCredentials } from './trunk-accounts.ts';

const secret = 'of the trunk';

/** A trunk that challenges everything by digest, reached over a connection of ours. */
function setUp({
  transport = 'tcp' as SipFlow['transport'],
  algorithm = 'SHA-256' as DigestAlgorithm,
  credentials = {} as Partial<TrunkCredentials> | null,
  account = {} as Partial<TrunkAccount>,
} = {}) {
  const clock = new VirtualClock(1_000);
  const random = new SeededRandom(7).bytes;
  const lab = new Simulation(clock, random, {
    entries: [{ pattern: '0!', target: { kind: 'trunk', devices: ['carrier'], discardAccessCode: false, prefix: '' } }],
    trunkAccounts: [
      {
        device: 'carrier',
        credentials:
          credentials === null
            ? undefined
            : {
                username: 'customer',
                password: new Redacted(secret),
                md5: false,
                clear: true,
                ...credentials,
              },
        registration: { addressOfRecord: 'sip:4930@carrier.test', expires: 600 },
        ...account,
      },
    ],
  });
  const makeServer = () =>
    new DigestServer({
      realm: 'carrier',
      random,
      secret: random(32),
      algorithms: [algorithm],
      nonceLifetime: 200_000,
    });
  const state = { server: makeServer(), headers: [] as readonly SipHeader[] };
  const challenged: string[] = [];
  const judge = (request: SipRequest) => {
    const verdict = state.server.verify(clock.now, request, ({ username, algorithm: wanted }) =>
      username === 'customer' ? { username, ha1: digestHa1(wanted, username, 'carrier', secret) } : undefined,
    );
    challenged.push(`${request.method} ${verdict.kind}`);
    if (verdict.kind === 'verified') return undefined;
    return state.server.challenge(clock.now, { stale: verdict.kind === 'stale' });
  };
  const carrier = lab.phone('carrier', '0', {
    kind: 'trunk',
    securityMode: transport === 'tls' ? 'encrypted' : 'non-secure',
    transport,
    agent: {
      methods: ['REGISTER'],
      authorize: (_now, _flow, request) => {
        if (request.method === 'ACK') return { kind: 'allow' };
        const headers = judge(request);
        return headers === undefined ? { kind: 'allow' } : { kind: 'refuse', status: 401, headers };
      },
    },
  });
  carrier.onRequest = (request) =>
    createResponse(request, 200, {
      toTag: 'x',
      headers: [{ name: 'Contact', value: `${headerValue(request, 'Contact')};expires=600` }, ...state.headers],
    });
  const connect = () => {
    const { id, local, remote } = carrier.flow;
    lab.act((now) => {
      lab.core.trunkConnected(now, { id, transport, local: remote, remote: local }, 'carrier');
      lab.core.trunkSettled(now, 'carrier');
    });
  };
  const alice = lab.phone('SEP000000000001', '1001');
  alice.register();
  return { clock, lab, carrier, alice, connect, challenged, state, makeServer };
}

describe('a trunk that challenges', () => {
  test.each(['SHA-256', 'MD5'] as const)(
    'INVITE and BYE are sent again with credentials of %s (RFC 3261 §22.2)',
    (algorithm) => {
      const { lab, alice, carrier, connect, challenged } = setUp({
        algorithm,
        credentials: { md5: algorithm === 'MD5' },
        account: { registration: undefined },
      });
      connect();
      alice.call('0555', description([]));
      lab.act((now) => carrier.session.accept(now, octets(description([]))));
      lab.act((now) => alice.session.bye(now));
      expect(challenged).toEqual(['INVITE missing', 'INVITE verified', 'BYE missing', 'BYE verified']);
      expect(lab.eventsOf('trunk-credentials-refused')).toEqual([]);
    },
  );

  test('an INVITE whose nonce was stale is sent once more with the new one (RFC 7616 §3.3)', () => {
    const { alice, carrier, connect, challenged, state, makeServer } = setUp({ account: { registration: undefined } });
    connect();
    carrier.alter = (message) => {
      // The nonce of the first challenge is forgotten before it comes back.
      if (challenged.length === 1) state.server = makeServer();
      return [message];
    };
    alice.call('0555', description([]));
    expect(challenged).toEqual(['INVITE missing', 'INVITE stale', 'INVITE verified']);
    expect(carrier.session.phase).toBe('incoming');
  });

  test('a password that is wrong is tried once, the caller is refused, and an event says where to look', () => {
    const { lab, alice, connect, challenged } = setUp({
      credentials: { password: new Redacted('another') },
      account: { registration: undefined },
    });
    connect();
    alice.call('0555', description([]));
    expect(challenged).toEqual(['INVITE missing', 'INVITE refused']);
    expect(alice.happened.at(-1)).toBe('ended');
    const [event] = lab.eventsOf('trunk-credentials-refused');
    expect(event).toMatchObject({ reason: 'refused', device: 'carrier' });
    expect(JSON.stringify(event)).not.toContain('another');
  });

  test.each([
    ['without credentials', { credentials: null }, 'none'],
    ['with MD5, which is not allowed', { algorithm: 'MD5' as const }, 'refused'],
    ['without TLS, which is not allowed', { credentials: { clear: false } }, 'clear'],
  ])('%s gets no answer, which is an event', (_, options, reason) => {
    const { lab, alice, connect, challenged } = setUp({ ...options, account: { registration: undefined } });
    connect();
    alice.call('0555', description([]));
    expect(challenged).toEqual(['INVITE missing']);
    expect(lab.eventsOf('trunk-credentials-refused')).toMatchObject([{ reason }]);
  });

  test('by TLS nothing of this needs to be allowed', () => {
    const { lab, alice, connect, challenged } = setUp({ transport: 'tls', credentials: { clear: false } });
    connect();
    alice.call('0555', description([]));
    expect(challenged).toContain('INVITE verified');
    expect(lab.eventsOf('trunk-credentials-clear')).toEqual([]);
  });
});

describe('a registration with a trunk', () => {
  const contacts = (requests: readonly SipRequest[]) => requests.map((one) => headerValue(one, 'Contact'));

  test('is made, refreshed in time with the nonce that is known, and said once', () => {
    const { clock, lab, carrier, connect, challenged } = setUp();
    connect();
    expect(challenged.splice(0)).toEqual(['REGISTER missing', 'REGISTER verified']);
    const { host, port } = carrier.flow.remote;
    expect(contacts(carrier.requests('REGISTER'))[0]).toBe(`<sip:4930@${host}:${port};transport=tcp>`);
    expect(carrier.requests('REGISTER')[0]?.uri).toBe('sip:carrier.test');
    clock.advance(301_000); // half of the ten minutes that were given
    expect(challenged).toEqual(['REGISTER stale', 'REGISTER verified']);
    expect(lab.eventsOf('trunk-registered')).toHaveLength(1);
    expect(lab.eventsOf('trunk-credentials-clear')).toMatchObject([{ device: 'carrier' }]);
  });

  test('goes on over the next connection, when the one is lost', () => {
    const { lab, carrier, connect, challenged } = setUp();
    connect();
    challenged.length = 0;
    lab.disconnect(carrier.flow.id);
    carrier.connect();
    connect();
    expect(challenged).toEqual(['REGISTER verified']);
  });

  test('that is refused is an event, once, and tried again', () => {
    const { clock, lab, carrier, connect } = setUp();
    carrier.onRequest = (request) => createResponse(request, 503, { toTag: 'x' });
    connect();
    clock.advance(200_000);
    expect(carrier.requests('REGISTER').length).toBeGreaterThan(3);
    expect(lab.eventsOf('trunk-registration-failed')).toMatchObject([{ reason: '503' }]);
  });

  test('calls go by the Service-Route that it was given (RFC 3608 §6.1)', () => {
    const { alice, carrier, connect, state } = setUp();
    state.headers = [{ name: 'Service-Route', value: '<sip:edge.carrier.test;lr>' }];
    connect();
    alice.call('0555', description([]));
    expect(headerValue(carrier.session.invite, 'Route')).toBe('<sip:edge.carrier.test;lr>');
  });

  test('calls of the trunk are believed on our connection where that is allowed, and challenged where not', () => {
    const called = (clear: boolean) => {
      const { alice, carrier, connect } = setUp({ credentials: { clear } });
      connect();
      carrier.call('1001', description([]));
      return { rings: alice.sessions.length, carrier };
    };
    expect(called(true).rings).toBe(1);
    const { rings, carrier } = called(false);
    expect([rings, carrier.answerTo('INVITE').status]).toEqual([0, 401]);
  });
});
