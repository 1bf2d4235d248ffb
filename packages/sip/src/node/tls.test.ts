import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, type SecureContextOptions } from 'node:tls';
import { type Certificate, encodeCertificatesPem, judgeDeviceCertificate, readCertificate } from '@trustline/pki';
import { makeTestCertificates, sampleRequest, type TestCertificates, type TestIdentity } from '@trustline/testing';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SipFlow } from '../flow.ts';
import { prependHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import { serializeMessage } from '../message/serialize.ts';
import type { SipMessage, SipRequest } from '../message/types.ts';
import type { FlowCloseReason, SipTransportEvent } from './events.ts';
import { type FlowIdentity, SipTransportHub } from './hub.ts';
import type { SipTransportLimits } from './limits.ts';
import type { TlsJudge } from './tls-judgement.ts';

let certificates: TestCertificates;
let rsaServer: TlsIdentity;
let ecdsaServer: TlsIdentity;
let phone: TlsIdentity;

/** As node:tls takes it: a certificate with its issuers, and its key. */
interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

function tlsIdentity({ certificatePem, privateKeyPem }: TestIdentity, ...issuers: readonly Certificate[]): TlsIdentity {
  return { key: privateKeyPem, cert: certificatePem + encodeCertificatesPem(issuers) };
}

beforeAll(async () => {
  certificates = await makeTestCertificates();
  rsaServer = tlsIdentity(certificates.callManager.rsa);
  ecdsaServer = tlsIdentity(certificates.callManager.ecdsa);
  const device = await certificates.device('SEP001122334455');
  phone = tlsIdentity(device, ...certificates.document.issuers['locally-significant']);
});

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

/** What a hub reported, with a way to wait for more of it. */
function startHub(limits: Partial<SipTransportLimits> = {}) {
  const messages: { flow: SipFlow; message: SipMessage }[] = [];
  const flows: { flow: SipFlow; identity: FlowIdentity<string> }[] = [];
  const closed: { flow: SipFlow; reason: FlowCloseReason }[] = [];
  const events: SipTransportEvent[] = [];
  const hub = new SipTransportHub<string>({
    onMessage: (flow, message) => messages.push({ flow, message }),
    onFlowOpen: (flow, identity) => flows.push({ flow, identity }),
    onFlowClosed: (flow, reason) => closed.push({ flow, reason }),
    onEvent: (event) => events.push(event),
    limits,
  });
  opened.push(hub);
  const refusals = (): string[] =>
    events.flatMap((event) => (event.kind === 'handshake-refused' ? [event.reason] : []));
  return { hub, messages, flows, closed, events, refusals };
}

/** Accepts whoever shows a certificate, by its common name. */
const byName: TlsJudge<string> = (chain) => {
  const [leaf] = chain;
  if (leaf === undefined) return { accepted: false, reason: 'it showed no certificate' };
  return { accepted: true, peer: readCertificate(leaf).commonNames[0] ?? '' };
};

async function listen(
  { hub }: ReturnType<typeof startHub>,
  judge: TlsJudge<string> = byName,
  secureContextOptions: SecureContextOptions = rsaServer,
): Promise<number> {
  const listener = await hub.listenTls({ host: '127.0.0.1', port: 0, secureContextOptions, judge });
  return listener.local.port;
}

/** A TLS client that is not ours. It notes what it hears and how it ends. */
function client(port: number, options: ConnectionOptions = {}) {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...phone, ...options });
  opened.push({ close: () => socket.destroy() });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  socket.on('error', () => {});
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const text = (): string => Buffer.concat(heard).toString();
  return { socket, text, ended, ready: once(socket, 'secureConnect') };
}

const options: SipRequest = prependHeader(
  sampleRequest('OPTIONS'),
  'Via',
  'SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKa;rport',
);

describe('a TLS client', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'with a good certificate is let in, known and answered (%s)',
    async (version) => {
      const server = startHub();
      const port = await listen(server);
      const { socket, text, ready } = client(port, { minVersion: version, maxVersion: version });
      await ready;
      socket.write(serializeMessage(options));
      await expect.poll(() => server.messages.length).toBe(1);
      expect(server.flows[0]?.identity).toMatchObject({
        kind: 'judged',
        peer: 'SEP001122334455',
        tls: { protocol: version, resumed: false },
      });
      const { flow } = server.messages[0] ?? {};
      if (flow === undefined) throw new Error('no message came');
      expect(flow).toMatchObject({ transport: 'tls', local: { host: '127.0.0.1', port } });
      expect(server.hub.send(flow.id, serializeMessage(createResponse(options, 200, { toTag: 'b' })))).toBe(true);
      await expect.poll(text).toMatch(/^SIP\/2\.0 200 OK/);
      socket.destroy();
      await expect.poll(() => server.closed.length).toBe(1);
      expect(server.hub.send(flow.id, new Uint8Array(1))).toBe(false);
      expect(server.hub.status).toEqual({ flows: 0, connections: 0, badMessages: 0 });
    },
  );

  test('is judged by the certificates it sent, leaf first', async () => {
    const chains: (readonly string[])[] = [];
    const server = startHub();
    const port = await listen(server, (chain) => {
      chains.push(chain.map((der) => readCertificate(der).commonNames[0] ?? ''));
      return { accepted: false, reason: 'enough seen' };
    });
    await client(port).ended;
    expect(chains).toEqual([['SEP001122334455', 'Test CAPF CA']]);
  });

  test('without a certificate, or refused by the judge, hears nothing and is heard by nobody', async () => {
    for (const [options, reason] of [
      [{ key: '', cert: '' }, 'it showed no certificate'],
      [{}, 'its certificate expired yesterday'],
    ] as const) {
      const server = startHub();
      const port = await listen(server, async (chain) => {
        // A judge that takes its time: meanwhile the client has long sent its request.
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { accepted: false, reason: chain.length === 0 ? 'it showed no certificate' : reason };
      });
      const { socket, text, ended } = client(port, options.cert === '' ? { key: undefined, cert: undefined } : {});
      socket.write(serializeMessage(sampleRequest('REGISTER')));
      await ended;
      expect(text()).toBe('');
      expect(server.messages).toEqual([]);
      expect(server.flows).toEqual([]);
      expect(server.events).toMatchObject([
        { kind: 'handshake-refused', reason, local: { port }, remote: { host: '127.0.0.1' } },
      ]);
      expect(server.hub.status.connections).toBe(0);
    }
  });

  test('is judged by the house: expired, unknown and self-signed devices hear nothing, each for its own reason', async () => {
    const server = startHub();
    const port = await listen(server, (chain) => {
      const judgment = judgeDeviceCertificate(certificates.trust, chain, certificates.now);
      return judgment.accepted ? { accepted: true, peer: judgment.device } : judgment;
    });
    const name = 'SEP001122334455';
    for (const [bad, reason] of [
      [await certificates.expiredDevice(name), /expired/],
      [await certificates.strangerDevice(name), /unknown|not trusted|no trusted|issuer/i],
      [await certificates.selfSignedDevice(name), /./],
    ] as const) {
      const { text, ended } = client(port, tlsIdentity(bad));
      await ended;
      expect(text()).toBe('');
      expect(server.refusals().at(-1)).toMatch(reason);
    }
    expect(new Set(server.refusals()).size).toBe(3);
    const good = client(port);
    await good.ready;
    await expect.poll(() => server.flows).toMatchObject([{ identity: { peer: name } }]);
  });

  test('is refused when the judge itself fails', async () => {
    const server = startHub();
    const port = await listen(server, () => {
      throw new Error('trust list unreadable');
    });
    await client(port).ended;
    expect(server.refusals()).toEqual(['the certificate could not be judged (trust list unreadable)']);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'that offers to resume its session is judged afresh (%s)',
    async (version) => {
      const server = startHub();
      let judged = 0;
      const port = await listen(server, (chain, facts) => {
        judged += 1;
        expect(facts.resumed).toBe(false);
        return byName(chain, facts);
      });
      const first = client(port, { maxVersion: version });
      const sessions: Buffer[] = [];
      first.socket.on('session', (session: Buffer) => sessions.push(session));
      await first.ready;
      await expect.poll(() => judged).toBe(1);
      await expect.poll(() => sessions.length).toBeGreaterThan(0);
      const session = sessions.at(-1);
      first.socket.destroy();
      const again = client(port, { maxVersion: version, session });
      await again.ready;
      await expect.poll(() => judged).toBe(2);
      expect(again.socket.isSessionReused()).toBe(false);
    },
  );

  test('gets the certificate it can use: RSA and ECDSA stand side by side', async () => {
    const server = startHub();
    const both = {
      cert: [rsaServer.cert, ecdsaServer.cert],
      key: [rsaServer.key, ecdsaServer.key],
    };
    const port = await listen(server, byName, both);
    for (const [sigalgs, type] of [
      ['RSA-PSS+SHA256:RSA+SHA256', 'rsa'],
      ['ECDSA+SHA256:RSA-PSS+SHA256', 'ec'],
    ] as const) {
      const { socket, ready } = client(port, { sigalgs });
      await ready;
      expect(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType).toBe(type);
    }
  });

  test('sees new certificates from the next connection on', async () => {
    const server = startHub();
    const listener = await server.hub.listenTls({
      host: '127.0.0.1',
      port: 0,
      secureContextOptions: rsaServer,
      judge: byName,
    });
    listener.setSecureContext(ecdsaServer);
    const { socket, ready } = client(listener.local.port);
    await ready;
    expect(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType).toBe('ec');
  });
});

describe('what cannot be a TLS client of ours is refused, and the event says why', () => {
  test.each([
    [
      'TLS 1.1',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const,
      'the two ends have no TLS version in common (the far end may be older than TLS 1.2)',
    ],
    [
      'a weak cipher',
      { maxVersion: 'TLSv1.2', ciphers: 'NULL-SHA256:@SECLEVEL=0' } as const,
      'the two ends have no cipher suite or signature algorithm in common',
    ],
  ])('%s', async (_what, options, reason) => {
    const server = startHub();
    const port = await listen(server);
    const refused = client(port, options);
    refused.ready.catch(() => {});
    await refused.ended;
    await expect.poll(server.refusals).toEqual([reason]);
  });

  test.each([
    ['REGISTER sip:example.net SIP/2.0\r\n', 'the far end speaks plain SIP (REGISTER) on a TLS port'],
    ['GET / HTTP/1.1\r\n\r\n', 'the far end speaks HTTP without TLS'],
    ['\0\x01\x02\x03 garbage', 'the far end sent something that is not TLS'],
    ['\x16\x03\x01\x00\x05garbage', undefined],
  ])('%j', async (octets, reason) => {
    const server = startHub();
    const port = await listen(server);
    const socket = connectTcp(port, '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => {});
    socket.write(Buffer.from(octets, 'latin1'));
    await once(socket, 'close');
    await expect.poll(() => server.refusals().length).toBe(1);
    if (reason !== undefined) {
      expect(server.refusals()).toEqual([reason]);
      expect(heard).toEqual([]);
    }
  });

  test('silence', async () => {
    const server = startHub({ handshakeTimeout: 100 });
    const port = await listen(server);
    const socket = connectTcp(port, '127.0.0.1');
    await once(socket, 'close');
    expect(server.refusals()).toEqual(['it did not finish the TLS handshake within 0.1 s']);
  });

  test('a client that goes away in the middle', async () => {
    const server = startHub();
    const port = await listen(server);
    const socket = connectTcp(port, '127.0.0.1', () => socket.destroy());
    await expect.poll(server.refusals).toEqual(['the far end closed the connection before the TLS handshake was over']);
    expect(server.hub.status.connections).toBe(0);
  });
});

describe('limits', () => {
  test('fifty handshakes at once all come through a gate of four', async () => {
    const server = startHub({ handshakes: 4 });
    const port = await listen(server);
    await Promise.all(Array.from({ length: 50 }, () => client(port).ready));
    await expect.poll(() => server.flows.length).toBe(50);
    expect(server.events).toEqual([]);
  });

  test('when the connections are full the oldest unauthenticated goes first, and those who proved themselves stay', async () => {
    const server = startHub({ connections: 3 });
    const port = await listen(server);
    const proven = client(port);
    await proven.ready;
    await expect.poll(() => server.flows.length).toBe(1);
    const idlers: { readonly socket: ReturnType<typeof connectTcp>; closed: boolean }[] = [];
    for (let number = 0; number < 3; number += 1) {
      const socket = connectTcp(port, '127.0.0.1');
      opened.push({ close: () => socket.destroy() });
      const idler = { socket, closed: false };
      socket.on('error', () => {});
      socket.once('close', () => {
        idler.closed = true;
      });
      idlers.push(idler);
      await once(socket, 'connect');
    }
    await expect.poll(() => idlers.map(({ closed }) => closed)).toEqual([true, false, false]);
    expect(server.hub.status.connections).toBe(3);
    const late = client(port);
    await late.ready;
    await expect.poll(() => idlers.map(({ closed }) => closed)).toEqual([true, true, false]);
    const last = client(port);
    await last.ready;
    await expect.poll(() => server.flows.length).toBe(3);
    const turnedAway = client(port);
    turnedAway.ready.catch(() => {});
    await turnedAway.ended;
    expect(server.closed).toEqual([]);
    expect(server.refusals()).toEqual([]);
    expect(server.events.at(-1)).toMatchObject({
      kind: 'connection-refused',
      reason: 'the limit of 3 connections is reached and all of them are authenticated, or about to be',
    });
  });
});

describe('our own TLS client', () => {
  const trustAll: TlsJudge<string> = (chain) => byName(chain, {} as never);

  test('judges the server, says which group was agreed', async () => {
    const server = startHub();
    const port = await listen(server);
    const caller = startHub();
    const flow = await caller.hub.connectTls({
      host: '127.0.0.1',
      port,
      secureContextOptions: phone,
      judge: trustAll,
    });
    expect(caller.flows[0]?.identity).toMatchObject({ peer: 'localhost', tls: { group: 'X25519MLKEM768' } });
    caller.hub.send(flow.id, serializeMessage(options));
    await expect.poll(() => server.messages.length).toBe(1);
    server.hub.close();
    await expect.poll(() => caller.closed).toMatchObject([{ reason: 'closed-by-peer' }]);
  });

  test('says nothing to a server that it does not trust', async () => {
    const server = startHub();
    const port = await listen(server);
    const caller = startHub();
    const judge: TlsJudge<string> = () => ({ accepted: false, reason: 'its issuer is unknown' });
    await expect(
      caller.hub.connectTls({ host: '127.0.0.1', port, secureContextOptions: phone, judge }),
    ).rejects.toMatchObject({ code: 'sip.server-refused' });
    expect(server.messages).toEqual([]);
  });

  test('that finds nobody says so', async () => {
    const caller = startHub();
    const probe = await caller.hub.listenTcp({ host: '127.0.0.1', port: 0 });
    probe.close();
    await expect(caller.hub.connectTcp(probe.local)).rejects.toMatchObject({ code: 'sip.connect-refused' });
  });
});
