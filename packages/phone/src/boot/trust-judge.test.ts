import { createPublicKey, randomBytes, sign } from 'node:crypto';
import { Redacted } from '@trustline/base';
import {
  buildEncryptedFile,
  buildSignedFile,
  buildTrustList,
  type RecordRequest,
  type SignOctets,
  signFile,
  type TrustListRequest,
  trustRoles,
} from '@trustline/pki';
import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { encode, heldConfiguration, names, xml } from './cluster.fixture.ts';
import { ScriptedNetwork, wallStart } from './scripted-network.fixture.ts';
import type { PhoneState } from './state.ts';
import { trustListJudge } from './trust-judge.ts';

/** The machine with the real rules and real files: what the model of the other tests stands for. */

const signer =
  ({ privateKey }: TestIdentity): SignOctets =>
  async (digest, octets) =>
    new Uint8Array(sign(digest === 'SHA-1' ? 'sha1' : 'sha512', octets, privateKey));

function list(
  kind: 'CTL' | 'ITL',
  by: TestIdentity,
  records: readonly RecordRequest[],
  more: Partial<TrustListRequest> = {},
) {
  const sast: RecordRequest = { role: 'SAST', certificate: by.certificate };
  const request = {
    kind,
    timestamp: 1000,
    digest: 'SHA-1',
    signer: by.certificate,
    records: [sast, ...records],
    ...more,
  } as const;
  return signFile(buildTrustList(request), signer(by));
}

function file(by: TestIdentity, plain: string, fileName = names.signed) {
  const request = {
    fileName,
    timestamp: 1000,
    digest: 'SHA-512',
    signer: by.certificate,
    payload: encode(plain),
  } as const;
  return signFile(buildSignedFile(request), signer(by));
}

function encrypted(by: TestIdentity, plain: string, to: TestIdentity) {
  const request = {
    fileName: names.encrypted,
    timestamp: 1000,
    digest: 'SHA-512',
    signer: by.certificate,
    payload: encode(plain),
  } as const;
  const recipient = createPublicKey(to.privateKey);
  return signFile(buildEncryptedFile({ ...request, recipient, random: randomBytes }), signer(by));
}

const identityOf = ({ certificate, privateKey }: TestIdentity) => ({
  certificate: certificate.der,
  privateKey: new Redacted<Uint8Array>(new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))),
});

let cast: Readonly<
  Record<'token' | 'second' | 'node' | 'renewed' | 'capf' | 'tvs' | 'stranger' | 'expired' | 'phone', TestIdentity>
>;
let servers: readonly RecordRequest[];
let held: Pick<PhoneState, 'lists' | 'lsc' | 'configuration'>;

beforeAll(async () => {
  const certificates = await makeTestCertificates(wallStart);
  cast = {
    token: await certificates.device('token-1'),
    second: await certificates.device('token-2'),
    node: await certificates.device('node-1'),
    renewed: await certificates.device('node-1-renewed'),
    capf: await certificates.device('capf-1'),
    tvs: await certificates.device('tvs-1'),
    stranger: await certificates.strangerDevice('token-9'),
    expired: await certificates.expiredDevice('token-old'),
    phone: await certificates.device('SEP001122334455'),
  };
  servers = [
    { role: 'SAST', certificate: cast.second.certificate },
    { role: 'CCM+TFTP', dnsName: 'node-1', certificate: cast.node.certificate },
    { role: 'CAPF', dnsName: 'node-1', certificate: cast.capf.certificate },
  ];
  const itlRecords: readonly RecordRequest[] = [
    { role: 'TFTP', certificate: cast.node.certificate },
    { role: 'TVS', certificate: cast.tvs.certificate },
  ];
  held = {
    lists: { ctl: await list('CTL', cast.token, servers), itl: await list('ITL', cast.node, itlRecords) },
    lsc: identityOf(cast.phone),
    configuration: heldConfiguration(),
  };
});

async function phone(state: Partial<PhoneState> = held): Promise<ScriptedNetwork> {
  const network = new ScriptedNetwork(state, { judge: trustListJudge });
  network.files.set(names.ctl, held.lists.ctl ?? new Uint8Array());
  network.files.set(names.itl, held.lists.itl ?? new Uint8Array());
  network.files.set(names.signed, await file(cast.node, xml()));
  return network;
}

describe('a cluster in mixed mode', () => {
  test('from the box: lists taken, the first one blindly, signed configuration, certificate by CAPF, TLS', async () => {
    const network = await phone({});
    network.capf = () => ({ outcome: 'installed', ...identityOf(cast.phone) });
    network.run();
    expect(network.logs.filter(({ ours }) => ours.includes('blindly')).map(({ phone: words }) => words)).toEqual([
      'Trust List Updated',
    ]);
    expect(network.boot.state.lists).toEqual(held.lists);
    expect(network.alarms).toEqual([]);
    expect(network.registrations).toMatchObject([{ transport: 'tls', identity: 'LSC' }]);
  });

  test('an encrypted configuration opens with the key of the LSC', async () => {
    const network = await phone({ ...held, configuration: heldConfiguration({ encrypted: true }) });
    network.files.set(
      names.encrypted,
      await encrypted(cast.node, xml({ encrypted: true, versionStamp: 'hidden' }), cast.phone),
    );
    network.run();
    expect(network.registrations).toMatchObject([{ configuration: { versionStamp: 'hidden' } }]);
  });

  test('TVS heals a phone whose file server has a new certificate', async () => {
    const network = await phone();
    network.files.set(names.signed, await file(cast.renewed, xml({ versionStamp: 'renewed' })));
    network.tvs = () => ({
      outcome: 'valid',
      certificate: cast.renewed.certificate.der,
      roles: [trustRoles.TFTP],
      timeToLive: 60,
    });
    network.run();
    expect(network.of('ask-tvs')[0]?.question).toMatchObject({
      kind: 'query',
      signer: { name: expect.stringContaining('node-1-renewed') },
    });
    expect(network.registrations).toMatchObject([{ configuration: { versionStamp: 'renewed' } }]);
  });

  test('it leaves mixed mode by a CTL of a known token, and the phone with it', async () => {
    const network = await phone();
    const left: readonly RecordRequest[] = [{ role: 'CCM+TFTP', dnsName: 'node-1', ipAddress: '192.0.2.1' }];
    network.files.set(names.ctl, await list('CTL', cast.second, left, { timestamp: 2000 }));
    network.run();
    expect(network.registrations).toMatchObject([{ transport: 'tcp', securityMode: 'non-secure' }]);
  });
});

describe('refused, with the phone left as it was', () => {
  const evil = () => xml({ deviceSecurityMode: 'non-secure', managers: [{ host: 'mallory' }], versionStamp: 'evil' });
  const flipped = (octets: Uint8Array, at = octets.length - 9) => octets.with(at, (octets.at(at) ?? 0) ^ 1);
  const newer = { timestamp: 2000 };
  test.each<[string, string, () => Promise<Uint8Array>, string]>([
    [
      'a tampered octet in the CTL',
      names.ctl,
      async () => flipped(await list('CTL', cast.token, servers, newer)),
      'signature',
    ],
    ['a CTL by an unknown signer', names.ctl, () => list('CTL', cast.stranger, servers, newer), 'signer-unknown'],
    [
      'a CTL by one who is in it as call manager',
      names.ctl,
      () => list('CTL', cast.node, servers, newer),
      'signer-role',
    ],
    [
      'a CTL older than its own',
      names.ctl,
      () => list('CTL', cast.token, servers, { timestamp: 999 }),
      'older-than-held',
    ],
    [
      'a CTL for another phone',
      names.ctl,
      () => list('CTL', cast.token, servers, { ...newer, fileName: 'CTLSEP00AABBCCDDEE.tlv' }),
      'file-name',
    ],
    [
      'a CTL by a certificate that has expired',
      names.ctl,
      () => list('CTL', cast.expired, servers, newer),
      'signer-expired',
    ],
    ['an ITL by an unknown signer', names.itl, () => list('ITL', cast.stranger, [], newer), 'signer-unknown'],
    [
      'a tampered octet in the configuration',
      names.signed,
      async () => flipped(await file(cast.node, evil())),
      'signature',
    ],
    ['a configuration by an unknown signer', names.signed, () => file(cast.stranger, evil()), 'signer-unknown'],
    ['a configuration by a token', names.signed, () => file(cast.token, evil()), 'signer-role'],
    ['a configuration by CAPF', names.signed, () => file(cast.capf, evil()), 'signer-role'],
    ['wrong name in a .sgn', names.signed, () => file(cast.node, evil(), 'SEP00AABBCCDDEE.cnf.xml.sgn'), 'file-name'],
    ['a configuration without a signature', names.signed, async () => encode(evil()), 'version'],
  ])('%s', async (_, name, make, rule) => {
    const network = await phone();
    network.files.set(name, await make());
    network.tvs = () => ({ outcome: 'invalid' });
    network.run();
    expect(network.alarms.length).toBe(1);
    expect(network.alarms[0]).toContain(`${name} is refused (${rule},`);
    expect(network.boot.state.lists).toEqual(held.lists);
    const stamp = name === names.signed ? 'old' : 'new';
    expect(network.registrations).toMatchObject([{ transport: 'tls', configuration: { versionStamp: stamp } }]);
  });

  test('every single octet of a CTL and of a configuration, changed', async () => {
    const ctl = await list('CTL', cast.token, servers, newer);
    const configuration = await file(cast.node, evil());
    const step = 61; // every octet is tried where the rules live; here it is whether the machine listens to them
    for (let at = 0; at < Math.max(ctl.length, configuration.length); at += step) {
      const network = await phone();
      if (at < ctl.length) network.files.set(names.ctl, flipped(ctl, at));
      network.files.set(names.signed, flipped(configuration, Math.min(at, configuration.length - 1)));
      network.run(1_000);
      expect(network.boot.state.lists).toEqual(held.lists);
      expect(network.registrations).toMatchObject([{ transport: 'tls', configuration: { versionStamp: 'old' } }]);
    }
  });

  test.each([
    ['the call manager of the CTL', 'CCM', () => cast.node, true],
    ['wrong role for a port: CAPF as call manager', 'CCM', () => cast.capf, false],
    ['wrong role for a port: the call manager as CAPF', 'CAPF', () => cast.node, false],
    ['a stranger as TVS', 'TVS', () => cast.stranger, false],
  ] as const)('%s', async (_, service, who, accepted) => {
    const network = (await phone()).run();
    network.input({ kind: 'server-presented', handshake: 'one', service, certificate: who().certificate.der });
    expect(network.of('server-judged')).toMatchObject([{ accepted }]);
  });
});

test('a list in the state that cannot be read stops the phone: it must not take the next one blindly', async () => {
  const network = await phone({ lists: { ctl: encode('damaged'), itl: undefined } });
  expect(() => network.run()).toThrow(/The CTL that the phone holds cannot be read/);
});

test('a list without CCM records leaves a phone that must use TLS without a way in', async () => {
  const tokens: readonly RecordRequest[] = [
    { role: 'SAST', certificate: cast.second.certificate },
    { role: 'TFTP', certificate: cast.node.certificate },
  ];
  const network = await phone();
  network.files.set(names.ctl, await list('CTL', cast.token, tokens, { timestamp: 2000 }));
  network.run();
  expect(network.registrations).toEqual([]);
  expect(network.of('stopped').length).toBe(1);
});
