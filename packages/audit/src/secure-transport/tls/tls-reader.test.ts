import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { StreamBudget } from '@trustline/capture';
import { makeTestCertificates } from '@trustline/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOON, readSaid, secretsOf } from './reading.fixture.ts';
import { type Conversation, type Recording, recordTls, type Said } from './recorded-tls.fixture.ts';
import { TlsReader } from './tls-reader.ts';

const certificates = await makeTestCertificates(NOON / 1_000);
const { rsa, ecdsa } = certificates.callManager;
const phone = await certificates.device('SEP001122334455');
const proof = ({ certificatePem, privateKeyPem }: typeof rsa) => ({ cert: certificatePem, key: privateKeyPem });
const server = {
  cert: [rsa.certificatePem, ecdsa.certificatePem],
  key: [rsa.privateKeyPem, ecdsa.privateKeyPem],
};

const words = ['REGISTER', '200 OK', 'INVITE', '180 Ringing', 'BYE'];
const spoken = { client: 'REGISTERINVITEBYE', server: '200 OK180 Ringing' };

/** Options of OpenSSL that Node has no names for. */
const without = { extendedMasterSecret: 1, encryptThenMac: 1 << 19 };

function record(terms: SecureContextOptions, more: Partial<Conversation> = {}): Promise<Recording> {
  return recordTls({ server: { ...server, ...terms }, client: terms, words, alpn: ['sip/2'], ...more });
}

const only12 = (ciphers: string, secureOptions = 0): SecureContextOptions => ({
  maxVersion: 'TLSv1.2',
  ciphers: `${ciphers}:@SECLEVEL=0`,
  secureOptions,
});
const older = (version: 'TLSv1' | 'TLSv1.1', ciphers: string, secureOptions = 0): SecureContextOptions => ({
  minVersion: version,
  maxVersion: version,
  ciphers: `${ciphers}:@SECLEVEL=0`,
  secureOptions,
});

const kinds: readonly (readonly [version: string, suite: string, terms: SecureContextOptions])[] = [
  ['TLS 1.3', 'TLS_AES_256_GCM_SHA384', { ciphers: 'TLS_AES_256_GCM_SHA384' }],
  ['TLS 1.3', 'TLS_AES_128_GCM_SHA256', { ciphers: 'TLS_AES_128_GCM_SHA256' }],
  ['TLS 1.3', 'TLS_CHACHA20_POLY1305_SHA256', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
  ['TLS 1.3', 'TLS_AES_128_CCM_SHA256', { ciphers: 'TLS_AES_128_CCM_SHA256' }],
  ['TLS 1.3', 'TLS_AES_128_CCM_8_SHA256', { ciphers: 'TLS_AES_128_CCM_8_SHA256:DEFAULT:@SECLEVEL=0' }],
  ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', only12('ECDHE-ECDSA-AES256-GCM-SHA384')],
  ['TLS 1.2', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', only12('ECDHE-RSA-CHACHA20-POLY1305')],
  ['TLS 1.2', 'TLS_RSA_WITH_AES_128_GCM_SHA256', only12('AES128-GCM-SHA256')],
  ['TLS 1.2', 'TLS_RSA_WITH_AES_256_CCM', only12('AES256-CCM')],
  ['TLS 1.2', 'TLS_RSA_WITH_AES_128_CCM_8', only12('AES128-CCM8')],
  ['TLS 1.2', 'TLS_RSA_WITH_AES_256_CBC_SHA256', only12('AES256-SHA256')],
  ['TLS 1.2', 'TLS_RSA_WITH_AES_256_CBC_SHA256', only12('AES256-SHA256', without.encryptThenMac)],
  ['TLS 1.2', 'TLS_RSA_WITH_AES_128_CBC_SHA', only12('AES128-SHA', without.extendedMasterSecret)],
  ['TLS 1.2', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', only12('ECDHE-RSA-AES256-SHA384')],
  ['TLS 1.2', 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256', only12('CAMELLIA128-SHA256')],
  ['TLS 1.2', 'TLS_RSA_WITH_ARIA_256_GCM_SHA384', only12('ARIA256-GCM-SHA384')],
  ['TLS 1.1', 'TLS_RSA_WITH_AES_128_CBC_SHA', older('TLSv1.1', 'AES128-SHA')],
  ['TLS 1.1', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', older('TLSv1.1', 'ECDHE-RSA-AES256-SHA')],
  ['TLS 1.0', 'TLS_RSA_WITH_AES_256_CBC_SHA', older('TLSv1', 'AES256-SHA')],
  ['TLS 1.0', 'TLS_RSA_WITH_AES_128_CBC_SHA', older('TLSv1', 'AES128-SHA', without.encryptThenMac)],
];

describe.each(kinds)('%s with %s', (version, suite, terms) => {
  const recording = record(terms);

  test('a key log opens it, and without one its handshake is all that is read', async () => {
    const { said, keyLog } = await recording;
    const { facts, heard, gaps } = readSaid(said, secretsOf(keyLog));
    expect(heard).toEqual(spoken);
    expect(gaps).toEqual({ client: 0, server: 0 });
    expect(facts).toMatchObject({ version, suite, handshake: 'complete', applicationProtocol: 'sip/2' });
    expect(facts.opening).toEqual({ kind: 'opened', by: 'key-log' });
    expect(facts.recordsNotOpened).toBe(0);
    const [own] = facts.serverCertificates;
    expect([rsa, ecdsa].map(({ certificate }) => certificate.fingerprint)).toContain(own?.certificate?.fingerprint);

    const blind = readSaid(said, secretsOf(''));
    expect(blind.heard).toEqual({ client: '', server: '' });
    expect(blind.facts).toMatchObject({ version, suite, handshake: 'complete', opening: { kind: 'no-keys' } });
  });

  test('the private key of the server opens it exactly where the suite has no forward secrecy', async () => {
    const { said } = await recording;
    const { facts, heard } = readSaid(said, secretsOf(ecdsa.privateKeyPem, rsa.privateKeyPem));
    const isRsa = suite.startsWith('TLS_RSA');
    expect(facts.forwardSecrecy).toBe(!isRsa);
    expect(facts.weaknesses.some(({ code }) => code === 'no-forward-secrecy')).toBe(isRsa);
    expect(heard).toEqual(isRsa ? spoken : { client: '', server: '' });
    expect(facts.opening).toEqual(isRsa ? { kind: 'opened', by: 'private-key' } : { kind: 'no-keys' });
    expect(readSaid(said, secretsOf(phone.privateKeyPem)).heard).toEqual({ client: '', server: '' });
  });

  test('after a part that was lost it goes on with the next record that verifies', async () => {
    const { said, keyLog } = await recording;
    const secrets = secretsOf(keyLog);
    const whole = readSaid(said, secrets);
    expect(whole.byPart.size).toBe(words.length);
    for (const [part, word] of whole.byPart) {
      const { byPart, gaps } = readSaid(said, secrets, { lost: [part] });
      const missing = [...whole.byPart].filter(([at]) => !byPart.has(at)).map(([, text]) => text);
      expect(gaps.client + gaps.server).toBeGreaterThan(0);
      expect(missing[0]).toBe(word);
      // Of TLS 1.0 the next record cannot be told from chance without the one before it.
      expect(missing.length).toBeLessThanOrEqual(version === 'TLS 1.0' ? 2 : 1);
    }
  });

  test('cut anyhow into segments it says the same', async () => {
    const { said, keyLog } = await recording;
    const whole = readSaid(said, secretsOf(keyLog));
    const single: Said[] = said.flatMap(({ from, octets }) =>
      [...octets].map((octet) => ({ from, octets: Uint8Array.of(octet) })),
    );
    const cut = readSaid(single, secretsOf(keyLog));
    expect(cut.heard).toEqual(whole.heard);
    const timeless = ({ version, suite, handshake, weaknesses }: typeof cut.facts) => ({
      version,
      suite,
      handshake,
      weaknesses: weaknesses.map(({ code }) => code),
    });
    expect(timeless(cut.facts)).toEqual(timeless(whole.facts));
  });
});

describe('what a handshake shows', () => {
  test('names that are asked for and offered, groups, and the certificate at the moment of the capture', async () => {
    const { said } = await record(only12('ECDHE-RSA-AES128-GCM-SHA256'), {
      client: { maxVersion: 'TLSv1.2', servername: 'sip.example.net', ecdhCurve: 'P-384:P-256' },
    });
    const { facts } = readSaid(said);
    expect(facts).toMatchObject({
      serverName: 'sip.example.net',
      offeredApplicationProtocols: ['sip/2'],
      offeredGroups: ['secp384r1', 'secp256r1'],
      group: 'secp384r1',
      resumed: 'no',
      encrypts: true,
      authenticates: true,
      forwardSecrecy: true,
      mutual: 'no',
      renegotiations: 0,
    });
    expect(facts.weaknesses.map(({ code }) => code)).toEqual(['certificate-name-mismatch']);
    expect(facts.serverCertificates[0]?.der).toEqual(rsa.certificate.der);
    const years = 20 * 365 * 86_400_000_000;
    const later = readSaid(said, undefined, { microseconds: NOON + years });
    expect(later.facts.weaknesses.map(({ code }) => code)).toContain('certificate-expired');
    const earlier = readSaid(said, undefined, { microseconds: NOON - years });
    expect(earlier.facts.weaknesses.map(({ code }) => code)).toContain('certificate-not-yet-valid');
    const without = readSaid(said, undefined, { microseconds: 0 });
    expect(without.facts.weaknesses.map(({ code }) => code)).toEqual(['certificate-name-mismatch']);
  });

  test('a client that proves who it is, one that declines, and one that is not asked', async () => {
    for (const terms of [only12('ECDHE-RSA-AES128-GCM-SHA256'), {}]) {
      const asking = { server: { ...server, ...terms, requestCert: true } };
      const proven = await record(terms, { ...asking, client: { ...terms, ...proof(phone) } });
      const declined = await record(terms, asking);
      const unasked = await record(terms);
      const mutual = (recording: Recording) => readSaid(recording.said, secretsOf(recording.keyLog)).facts.mutual;
      expect([proven, declined, unasked].map(mutual)).toEqual(['yes', 'declined', 'no']);
      const { facts } = readSaid(proven.said, secretsOf(proven.keyLog));
      expect(facts.clientCertificates[0]?.certificate?.subject).toBe(phone.certificate.subject);
      // Since TLS 1.3 it is encrypted.
      const blind = readSaid(proven.said).facts;
      expect(blind.mutual).toBe('maxVersion' in terms ? 'yes' : undefined);
    }
  });

  test('a certificate that is signed by itself, and a small key', async () => {
    const own = await certificates.selfSignedDevice('SEP001122334455');
    const { said } = await record(only12('ECDHE-RSA-AES128-GCM-SHA256'), {
      server: { ...proof(own), maxVersion: 'TLSv1.2' },
    });
    expect(readSaid(said).facts.weaknesses.map(({ code }) => code)).toContain('certificate-self-signed');
  });

  test('a retry request (RFC 8446 §4.1.4)', async () => {
    const recording = await record(
      {},
      { server: { ...server, ecdhCurve: 'P-384' }, client: { ecdhCurve: 'X25519:P-384' } },
    );
    const { facts, heard } = readSaid(recording.said, secretsOf(recording.keyLog));
    expect(facts).toMatchObject({ askedForRetry: true, group: 'secp384r1', offeredKeyShares: ['secp384r1'] });
    expect(heard).toEqual(spoken);
  });

  test('a handshake that fails ends with an alert', async () => {
    const said: Said[] = [];
    const client = { maxVersion: 'TLSv1.2' as const };
    await expect(record({ minVersion: 'TLSv1.3' }, { client, into: said })).rejects.toThrow();
    const { facts } = readSaid(said);
    expect(facts.handshake).toBe('failed');
    expect(facts.alerts[0]).toMatchObject({ from: 'server', isFatal: true, name: 'protocol version' });
    expect(facts.opening).toEqual({ kind: 'no-data' });
  });

  test('keys that are negotiated anew open what follows (RFC 5246 §7.4.1.1)', async () => {
    const recording = await record(only12('AES128-SHA'), {
      midway: (client) => new Promise((resolve) => client.renegotiate({ rejectUnauthorized: false }, () => resolve())),
    });
    const { facts, heard } = readSaid(recording.said, secretsOf(rsa.privateKeyPem));
    expect(facts.renegotiations).toBe(1);
    expect(heard).toEqual(spoken);
  });
});

test('before TLS 1.3 a private key opens connections that resume another, by the handshake that came first', async () => {
  const terms = only12('AES128-GCM-SHA256');
  const context = createSecureContext({ ...server, ...terms });
  const first = await record(terms, { context });
  const { session } = first;
  expect(session).toBeDefined();
  const second = await record(terms, { context, client: { ...terms, ...(session === undefined ? {} : { session }) } });
  const secrets = secretsOf(rsa.privateKeyPem);
  expect(readSaid(first.said, secrets).heard).toEqual(spoken);
  const { facts, heard } = readSaid(second.said, secrets);
  expect(facts).toMatchObject({ resumed: 'ticket', opening: { kind: 'opened', by: 'session' }, mutual: undefined });
  expect(heard).toEqual(spoken);
  expect(readSaid(second.said, secretsOf(rsa.privateKeyPem)).facts.opening).toEqual({ kind: 'no-keys' });
});

describe('what is not whole', () => {
  const terms = {};
  const recording = record(terms);

  test('of a connection that was joined late the version is known, the suite is not', async () => {
    const { said, keyLog } = await recording;
    const { facts, heard } = readSaid(said.slice(-6), secretsOf(keyLog));
    expect(facts).toMatchObject({
      handshake: 'not-seen',
      version: undefined,
      recordVersion: 'TLS 1.2 or 1.3',
      suite: undefined,
      opening: { kind: 'suite-not-known' },
    });
    expect(heard).toEqual({ client: '', server: '' });
  });

  test('joined within a record, it goes on with the next', async () => {
    const { said } = await recording;
    const late = said.slice(-5);
    const { facts } = readSaid(
      [{ from: late[0]?.from ?? 'client', octets: Uint8Array.of(9, 9, 9) }, ...late],
      undefined,
      {
        joinedLate: true,
      },
    );
    expect(facts).toMatchObject({ handshake: 'not-seen', recordVersion: 'TLS 1.2 or 1.3' });
    // Where the hello is there after all, nothing is missed.
    const whole = readSaid(said, secretsOf((await recording).keyLog), { joinedLate: true });
    expect(whole.heard).toEqual(spoken);
    expect(whole.facts).toMatchObject({ version: 'TLS 1.3', handshake: 'complete', renegotiations: 0 });
  });

  test('cut after any octet, what is heard is a beginning of what was said', async () => {
    const { said, keyLog } = await recording;
    const total = said.reduce((sum, { octets }) => sum + octets.byteLength, 0);
    const secrets = secretsOf(keyLog);
    for (let length = 0; length < total; length += 3) {
      let left = length;
      const cut = said.map(({ from, octets }) => {
        const kept = octets.subarray(0, Math.min(left, octets.byteLength));
        left -= kept.byteLength;
        return { from, octets: kept };
      });
      const { heard } = readSaid(cut, secrets);
      expect(spoken.client.startsWith(heard.client)).toBe(true);
      expect(spoken.server.startsWith(heard.server)).toBe(true);
    }
  });

  test('with octets changed or parts lost nothing is heard that was not said', async () => {
    const { said, keyLog } = await recording;
    const secrets = secretsOf(keyLog);
    const change = fc.record({
      part: fc.nat({ max: said.length - 1 }),
      at: fc.nat({ max: 2_000 }),
      octet: fc.nat({ max: 255 }),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 4 }),
        fc.array(fc.nat({ max: said.length - 1 }), { maxLength: 3 }),
        (changes, lost) => {
          const damaged = said.map(({ from, octets }, part) => {
            const copy = octets.slice();
            for (const one of changes) if (one.part === part) copy[one.at % copy.byteLength] = one.octet;
            return { from, octets: copy };
          });
          const { heard } = readSaid(damaged, secrets, { lost });
          for (const side of ['client', 'server'] as const) {
            const rest = words.filter((_, turn) => (turn % 2 === 0) === (side === 'client'));
            expect(rest.reduce((text, word) => text.replace(word, ''), heard[side])).toBe('');
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('any octets are read without an exception, and what claims much is not waited for', () => {
    const side = fc.constantFrom('client' as const, 'server' as const);
    const part = fc.record({ from: side, octets: fc.uint8Array({ maxLength: 120 }) });
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => void readSaid(parts)));
    // Many connections that begin a record and never end it: what they hold together is bounded.
    const budget = new StreamBudget(100_000);
    const begun = new Uint8Array(9_000);
    begun.set([22, 3, 3, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3]);
    const readers = Array.from({ length: 100 }, () => new TlsReader({ budget }));
    for (const one of readers) one.data('client', begun, { number: 1, microseconds: NOON });
    expect(budget.used).toBeLessThanOrEqual(budget.limit);
    expect(budget.used).toBeGreaterThan(budget.limit - begun.byteLength);
    for (const one of readers) one.ended('client', { number: 2, microseconds: NOON });
    expect(budget.used).toBe(0);
    // A hello that claims 16 MB, in records of 16 KB, and then another.
    const reader = new TlsReader();
    const place = { number: 1, microseconds: NOON };
    const filler = new Uint8Array(5 + 16_384);
    filler.set([22, 3, 3, 0x40, 0]);
    const bomb = filler.slice();
    bomb.set([1, 0xff, 0xff, 0xff, 3, 3], 5);
    reader.data('client', bomb, place);
    for (let count = 0; count < 1_100; count++) reader.data('client', filler, place);
    expect(reader.facts().handshake).toBe('not-seen');
  });
});
