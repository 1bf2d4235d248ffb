import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import {
  type Craft,
  type Crafted,
  craft,
  craftAuthority,
  craftedNow,
  newRsaKey,
} from './crafted-certificate.fixture.ts';
import { type JudgeOptions, judgeDeviceCertificate, judgeOperatorCertificate, judgeTrunkCertificate } from './judge.ts';
import { type LabTrustDocument, LabTrustSource } from './lab-trust-source.ts';
import { keyPurpose } from './profiles.ts';
import { describeTrustSource } from './trust-source.contract.ts';
import { Extension } from './x509-library.ts';

const now = craftedNow;
const DAY = 86_400_000;
const device = 'SEP001122334455';

interface World {
  readonly capf: Crafted;
  readonly manufacturer: Crafted;
  readonly operators: Crafted;
  readonly callManager: Crafted;
  readonly outside: Crafted;
  readonly document: LabTrustDocument;
}

let world: World;

beforeAll(async () => {
  const capf = await craftAuthority('CAPF CA', { pathLength: 0, notAfter: now + 3650 * DAY });
  const manufacturer = await craftAuthority('Manufacturing CA');
  const operators = await craftAuthority('Operator CA');
  const callManager = await craftAuthority('CallManager CA');
  const outside = await craftAuthority('Outside CA');
  const document: LabTrustDocument = {
    securityMode: 'mixed',
    notice: 'lab trust',
    issuers: {
      'locally-significant': [capf.certificate],
      manufacturer: [manufacturer.certificate],
      operator: [operators.certificate],
      trunk: [callManager.certificate],
      callmanager: [callManager.certificate],
      'outside-lsc': [],
    },
    registrationProofs: ['LSC', 'pinned'],
    pins: [],
    revocations: [],
    phoneTrustBundle: [callManager.certificate],
  };
  world = { capf, manufacturer, operators, callManager, outside, document };
});

function trustWith(change: Partial<LabTrustDocument> = {}): LabTrustSource {
  return new LabTrustSource({ ...world.document, ...change });
}

const trusting = (...issuers: Crafted[]) =>
  trustWith({
    issuers: { ...world.document.issuers, 'locally-significant': issuers.map(({ certificate }) => certificate) },
  });

function judge(chain: readonly Crafted[], options?: JudgeOptions, trust = trustWith()) {
  return judgeDeviceCertificate(
    trust,
    chain.map(({ certificate }) => certificate.der),
    now,
    options,
  );
}

const client = { ca: false, keyUsage: ['digitalSignature'], extendedKeyUsage: [keyPurpose.clientAuth] } as const;

describeTrustSource('LabTrustSource', async () => {
  const pinned = await craft({ ...client, commonName: 'room-7', issuer: world.outside });
  const revoked = await craft({ ...client, commonName: 'SEP0000000000FF', issuer: world.capf });
  const { issuerHash, serialNumber } = revoked.certificate;
  const certificateBy = async (issuer: Crafted, commonName: string) =>
    (await craft({ ...client, commonName, issuer })).certificate;
  return {
    trust: trustWith({
      pins: [{ device: 'ROOM7', fingerprint: pinned.certificate.fingerprint }],
      revocations: [{ issuerHash, serialNumber, at: now - DAY, reason: 'stolen' }],
    }),
    now,
    device: { name: device, certificate: await certificateBy(world.capf, device) },
    manufacturerInstalled: await certificateBy(world.manufacturer, `CP-8861-${device}`),
    operator: { name: 'alice', certificate: await certificateBy(world.operators, 'alice') },
    pinned: {
      device: 'ROOM7',
      certificate: pinned.certificate,
      sibling: await certificateBy(world.outside, 'room-8'),
    },
    revoked: revoked.certificate,
    callManager: await certificateBy(world.callManager, 'localhost'),
  };
});

describe('a device certificate is refused for a reason that an operator understands', () => {
  const rows: readonly [title: string, how: () => Craft | Promise<Craft>, code: string, reason: RegExp][] = [
    [
      'that ended yesterday',
      () => ({ notAfter: Date.UTC(2026, 10, 22, 10) }),
      'expired',
      /^expired yesterday \(2026-11-22 10:00 UTC\)$/,
    ],
    ['that ended today', () => ({ notAfter: now - 1000 }), 'expired', /^expired today \(2026-11-23 11:59 UTC\)$/],
    ['that ended long ago', () => ({ notAfter: now - 40 * DAY }), 'expired', /^expired 40 days ago/],
    ['that begins tomorrow', () => ({ notBefore: now + DAY }), 'not-yet-valid', /^not yet valid, begins tomorrow/],
    [
      'of an unknown issuer',
      async () => ({ issuer: await craftAuthority('Nobody CA') }),
      'unknown-issuer',
      /^unknown issuer CN=Nobody CA$/,
    ],
    [
      "whose issuer has the trusted one's name but another key",
      async () => ({ issuer: await craftAuthority('CAPF CA') }),
      'bad-signature',
      /^claims issuer CN=CAPF CA, but its key did not sign it$/,
    ],
    ['with a key of RSA-1024', () => ({ privateKey: newRsaKey(1024) }), 'weak-key', /^RSA-1024 is below the smallest/],
    ['signed with SHA-1', () => ({ hash: 'SHA-1' as const }), 'weak-signature', /^signed with SHA-1/],
    [
      'for servers only (RFC 5280 §4.2.1.12)',
      () => ({ extendedKeyUsage: [keyPurpose.serverAuth] }),
      'wrong-purpose',
      /^not for TLS client authentication$/,
    ],
    [
      'whose key may not sign (RFC 5280 §4.2.1.3)',
      () => ({ keyUsage: ['keyEncipherment'] as const }),
      'wrong-purpose',
      /^not for TLS client authentication$/,
    ],
    ['that is an authority itself', () => ({ ca: true }), 'wrong-purpose', /is a certificate authority, not a peer$/],
    [
      'with a critical extension that nobody knows (RFC 5280 §4.2)',
      () => ({ extensions: [new Extension('1.2.3.4', true, Uint8Array.of(5, 0))] }),
      'unknown-critical-extension',
      /1\.2\.3\.4/,
    ],
    ['without a name', () => ({ commonName: [''] }), 'no-device-name', /does not name one device$/],
    [
      'with two names',
      () => ({ commonName: [device, 'SEP000000000001'] }),
      'no-device-name',
      /does not name one device$/,
    ],
    [
      'of the operators',
      () => ({ issuer: world.operators }),
      'wrong-issuer-for-purpose',
      /CN=Operator CA vouches for operators, not for devices$/,
    ],
    [
      'of the CallManager CA',
      () => ({ issuer: world.callManager }),
      'wrong-issuer-for-purpose',
      /CN=CallManager CA vouches for trunks, not for devices$/,
    ],
    [
      'of the manufacturer, at registration',
      () => ({ issuer: world.manufacturer }),
      'proof-not-allowed',
      /enrols a device but does not register it/,
    ],
    [
      'made by another device',
      async () => ({ issuer: await craft({ ...client, commonName: 'SEP000000000001', issuer: world.capf }) }),
      'unknown-issuer',
      /^unknown issuer CN=SEP000000000001$/,
    ],
  ];

  test.each(rows)('%s', async (_title, how, code, reason) => {
    const bad = await craft({ ...client, issuer: world.capf, ...(await how()) });
    const judgment = judge([bad]);
    expect(judgment).toMatchObject({ accepted: false, code, fingerprint: bad.certificate.fingerprint });
    expect(judgment.accepted ? '' : judgment.reason).toMatch(reason);
  });

  test('that is self-signed', async () => {
    const reason = `self-signed: nobody vouches for CN=${device}`;
    expect(judge([await craft(client)])).toMatchObject({ accepted: false, code: 'self-signed', reason });
  });

  test('no certificate at all', () => {
    expect(judge([])).toMatchObject({ accepted: false, code: 'no-certificate', subject: undefined });
  });

  test('more certificates than anybody needs', async () => {
    const one = await craft({ ...client, issuer: world.capf });
    expect(judge(Array.from({ length: 11 }, () => one))).toMatchObject({ code: 'path-too-long' });
  });

  test('control characters of a stranger never reach the reason', async () => {
    const bad = await craft({ ...client, claimedIssuer: 'x\u001b[31m\nfake line', issuer: world.outside });
    const judgment = judge([bad]);
    expect(JSON.stringify(judgment)).not.toMatch(/\\u001b|\\n/);
    expect(judgment).toMatchObject({ reason: 'unknown issuer CN=x\\u{1b}[31m\\u{a}fake line' });
  });
});

describe('certification paths (RFC 5280 §6.1)', () => {
  async function chainThrough(how: Craft, root: Craft = {}) {
    const top = await craftAuthority('Root', root);
    const middle = await craftAuthority('Middle', { issuer: top, ...how });
    return { top, middle, leaf: await craft({ ...client, issuer: middle }) };
  }

  test('lead through an intermediate authority, whatever the order it is sent in', async () => {
    const { top, middle, leaf } = await chainThrough({});
    const noise = await craftAuthority('Noise');
    expect(judge([leaf, noise, middle, top], {}, trusting(top))).toMatchObject({ accepted: true, device });
    expect(judge([leaf], {}, trusting(top))).toMatchObject({
      code: 'unknown-issuer',
      reason: 'unknown issuer CN=Middle',
    });
  });

  test('may end at an authority that is no root', async () => {
    const { middle, leaf } = await chainThrough({});
    expect(judge([leaf], {}, trusting(middle))).toMatchObject({ accepted: true });
  });

  test('pass no certificate that is not an authority (§6.1.4 k)', async () => {
    const { top, middle, leaf } = await chainThrough({ ca: false });
    expect(judge([leaf, middle], {}, trusting(top))).toMatchObject({ code: 'issuer-not-an-authority' });
  });

  test('pass no authority whose key may not sign certificates (§6.1.4 n)', async () => {
    const { top, middle, leaf } = await chainThrough({ keyUsage: ['digitalSignature'] });
    expect(judge([leaf, middle], {}, trusting(top))).toMatchObject({ code: 'issuer-not-an-authority' });
  });

  test('keep to the path length of each authority (§6.1.4 l, m)', async () => {
    const { top, middle, leaf } = await chainThrough({}, { pathLength: 0 });
    expect(judge([leaf, middle], {}, trusting(top))).toMatchObject({ code: 'path-too-long' });
    const allowed = await chainThrough({ pathLength: 0 }, { pathLength: 1 });
    expect(judge([allowed.leaf, allowed.middle], {}, trusting(allowed.top))).toMatchObject({ accepted: true });
  });

  test('pass no expired issuer, trusted or not', async () => {
    const expired = await chainThrough({ notAfter: now - DAY });
    expect(judge([expired.leaf, expired.middle], {}, trusting(expired.top))).toMatchObject({ code: 'issuer-expired' });
    const old = await chainThrough({}, { notAfter: now - DAY });
    expect(judge([old.leaf, old.middle], {}, trusting(old.top))).toMatchObject({
      code: 'issuer-expired',
      reason: 'its issuer CN=Root expired yesterday (2026-11-22 12:00 UTC)',
    });
  });

  test('pass no issuer with a weak key', async () => {
    const { top, middle, leaf } = await chainThrough({ privateKey: newRsaKey(1024) });
    expect(judge([leaf, middle], {}, trusting(top))).toMatchObject({ code: 'weak-key' });
  });

  test('pass no revoked intermediate', async () => {
    const { top, middle, leaf } = await chainThrough({});
    const { issuerHash, serialNumber } = middle.certificate;
    const trust = trustWith({
      issuers: { ...world.document.issuers, 'locally-significant': [top.certificate] },
      revocations: [{ issuerHash, serialNumber, at: now, reason: 'key lost' }],
    });
    expect(judge([leaf, middle], {}, trust)).toMatchObject({
      code: 'revoked',
      reason: expect.stringMatching(/^its issuer CN=Middle was revoked today .*: key lost$/),
    });
  });

  test('a loop of issuers ends', async () => {
    const first = await craftAuthority('First');
    const second = await craftAuthority('Second', { issuer: first });
    const loop = await craftAuthority('First', { issuer: second, privateKey: first.privateKey });
    const leaf = await craft({ ...client, issuer: loop });
    expect(judge([leaf, loop, second])).toMatchObject({ accepted: false, code: 'unknown-issuer' });
  });

  test('the proof ends when the first of those who give it ends', async () => {
    const { top, middle, leaf } = await chainThrough({ notAfter: now + DAY });
    expect(judge([leaf, middle], {}, trusting(top))).toMatchObject({ notAfter: now + DAY });
  });
});

describe('judging devices', () => {
  test('a phone is found behind its model name, in either case of hex', async () => {
    const lower = await craft({ ...client, commonName: 'CP-8861-SEPaabbccddeeff', issuer: world.capf });
    expect(judge([lower])).toMatchObject({ accepted: true, device: 'SEPAABBCCDDEEFF' });
  });

  test('legacy listeners believe RSA-1024 and SHA-1, others do not', async () => {
    const old = await craft({ ...client, privateKey: newRsaKey(1024), hash: 'SHA-1', issuer: world.capf });
    expect(judge([old]).accepted).toBe(false);
    expect(judge([old], { legacy: true })).toMatchObject({ accepted: true });
    const older = await craft({ ...client, privateKey: newRsaKey(512), issuer: world.capf });
    expect(judge([older], { legacy: true })).toMatchObject({ code: 'weak-key' });
  });

  test('a certificate without usage extensions is for any use (RFC 5280 §4.2.1.12)', async () => {
    expect(judge([await craft({ issuer: world.capf })])).toMatchObject({ accepted: true });
  });

  test('a pinned certificate is still judged by its dates', async () => {
    const { certificate } = await craft({
      ...client,
      commonName: 'room-7',
      issuer: world.outside,
      notAfter: now - DAY,
    });
    const trust = trustWith({ pins: [{ device: 'ROOM7', fingerprint: certificate.fingerprint }] });
    expect(judgeDeviceCertificate(trust, [certificate.der], now)).toMatchObject({ code: 'expired' });
  });

  test('a clock that gives no time refuses', async () => {
    const { certificate } = await craft({ ...client, issuer: world.capf });
    expect(judgeDeviceCertificate(trustWith(), [certificate.der], Number.NaN).accepted).toBe(false);
  });

  test('a trunk may go by every name of its certificate', async () => {
    const { certificate } = await craft({
      ...client,
      commonName: 'node2',
      dnsNames: ['node2.example'],
      issuer: world.callManager,
    });
    expect(judgeTrunkCertificate(trustWith(), [certificate.der], now)).toMatchObject({
      accepted: true,
      names: ['node2', 'node2.example'],
    });
    expect(judgeOperatorCertificate(trustWith(), [certificate.der], now)).toMatchObject({
      code: 'wrong-issuer-for-purpose',
    });
  });

  test('the phone bundle is never made with an issuer of devices in it', () => {
    const phoneTrustBundle: readonly Certificate[] = [world.capf.certificate];
    expect(() => trustWith({ phoneTrustBundle })).toThrow(/vouches for devices and cannot prove servers/);
  });

  test('a certificate with any single octet changed is never accepted, and nothing but a judgment comes back', async () => {
    const { certificate } = await craft({ ...client, issuer: world.capf });
    const trust = trustWith();
    for (let at = 0; at < certificate.der.length; at += 1) {
      const changed = Uint8Array.from(certificate.der);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(judgeDeviceCertificate(trust, [changed], now).accepted, `octet ${at}`).toBe(false);
      if (at % 5 === 0)
        expect(judgeDeviceCertificate(trust, [certificate.der.subarray(0, at)], now).accepted).toBe(false);
    }
    expect(judgeDeviceCertificate(trust, [Uint8Array.of(...certificate.der, 0)], now)).toMatchObject({
      code: 'malformed-certificate',
    });
  });

  test('any octets are judged without an exception', () => {
    const trust = trustWith();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }), (chain) => {
        expect(judgeDeviceCertificate(trust, chain, now).accepted).toBe(false);
      }),
    );
  });
});
