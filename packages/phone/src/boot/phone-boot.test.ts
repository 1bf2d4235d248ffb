import { ConfigurationError } from '@trustline/provisioning';
import { describe, expect, test } from 'vitest';
import {
  configuration,
  ctl,
  decode,
  encode,
  encryptedFor,
  heldConfiguration,
  heldLists,
  identity,
  itl,
  lsc,
  mic,
  names,
  serve,
  signed,
  xml,
} from './cluster.fixture.ts';
import type { EnrolmentResult, TvsAnswer } from './messages.ts';
import { modelJudge, modelOctets } from './model-judge.fixture.ts';
import { PhoneBoot } from './phone-boot.ts';
import { device, ScriptedNetwork } from './scripted-network.fixture.ts';
import { blankState } from './state.ts';

const installed = (name: string): EnrolmentResult => ({ outcome: 'installed', ...identity(name) });
const vouches = (name: string): TvsAnswer => ({
  outcome: 'valid',
  certificate: encode(name),
  roles: [0, 3],
  timeToLive: 86_400,
});

describe('the order of a real phone', () => {
  test('without security: CTL, ITL of the phone, ITL of the cluster, configuration; the same as in the log of a real tftpd', () => {
    const network = new ScriptedNetwork();
    network.files.set(names.plain, encode(xml({ deviceSecurityMode: 'non-secure', transport: 'tcp-and-udp' })));
    network.run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.clusterItl, names.plain]);
    expect(network.registrations).toMatchObject([
      {
        device,
        protocol: 'SIP',
        transport: 'tcp',
        securityMode: 'non-secure',
        identity: undefined,
        managers: [
          { host: 'cm1', port: 5060 },
          { host: 'cm2', port: 5060 },
        ],
      },
    ]);
    expect(network.logs).toContainEqual(expect.objectContaining({ level: 'warning', phone: names.plain }));
  });

  test('into mixed mode: the first CTL blindly, the ITL by it, a certificate from CAPF, then TLS', () => {
    const network = serve(new ScriptedNetwork({}, { hasAuthenticationString: true }), {
      capf: { authentication: 'string', servers: [{ host: 'cm1', port: 3804 }] },
    });
    network.capf = () => installed('lsc');
    network.run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed, names.signed]);
    expect(network.of('enrol')).toMatchObject([
      { proof: 'string', reason: 'operation-pending', servers: [{ host: 'cm1', port: 3804 }] },
    ]);
    expect(network.registrations).toMatchObject([
      {
        transport: 'tls',
        securityMode: 'encrypted',
        identity: 'LSC',
        managers: [
          { host: 'cm1', port: 5061 },
          { host: 'cm2', port: 5061 },
        ],
      },
    ]);
    const blind = network.logs.filter(({ ours }) => ours.includes('blindly'));
    expect(blind).toEqual([
      {
        kind: 'log',
        level: 'warning',
        phone: 'Trust List Updated',
        ours: `${names.ctl}: The first CTL was taken blindly.`,
      },
    ]);
    expect(network.boot.state.lists).toEqual(heldLists);
    expect(network.boot.state.configuration?.verified).toBe(true);
    expect(decode(network.boot.state.lsc?.privateKey.reveal() ?? new Uint8Array())).toBe('canary-key lsc');
  });

  test('what it keeps is saved before the next step, and lists that have not changed are not saved again', () => {
    const first = serve(new ScriptedNetwork({ lsc }));
    first.run();
    const kinds = first.outputs.map(({ kind }) => kind).filter((kind) => kind !== 'log');
    expect(kinds).toEqual(['fetch', 'save', 'fetch', 'save', 'fetch', 'save', 'register']);
    const again = serve(new ScriptedNetwork(first.boot.state)).run();
    expect(again.of('save').length).toBe(1); // the configuration
    expect(again.logs.some(({ ours }) => ours.includes('blindly'))).toBe(false);
  });

  test('a phone without a trust list that is told to use TLS tries four times and stops', () => {
    const network = new ScriptedNetwork({ lsc });
    network.files.set(names.plain, encode(xml()));
    network.run();
    expect(network.asked.filter((name) => name === names.ctl).length).toBe(4);
    expect(network.of('stopped')).toMatchObject([{ reason: expect.stringContaining('try 4 of 4') }]);
    expect(network.registrations).toEqual([]);
    expect(network.boot.nextDeadline()).toBe(undefined);
    serve(network).input({ kind: 'reset' });
    expect(network.registrations).toMatchObject([{ transport: 'tls' }]);
  });

  test('files without octets stand for none: hobby servers serve such lists', () => {
    const network = new ScriptedNetwork();
    for (const name of [names.ctl, names.itl, names.clusterItl]) network.files.set(name, new Uint8Array());
    network.files.set(names.plain, encode(xml({ deviceSecurityMode: 'non-secure' })));
    network.run();
    expect(network.registrations.length).toBe(1);
    expect(network.alarms).toEqual([]);
  });

  test('the default file is for a phone that never had a configuration, signed where lists are held', () => {
    const defaults =
      '<Default><devicePool><callManagerGroup><members><member priority="0"><callManager><processNodeName>cm9</processNodeName></callManager></member></members></callManagerGroup></devicePool></Default>';
    const fresh = new ScriptedNetwork();
    fresh.files.set('XMLDefault.cnf.xml', encode(defaults));
    fresh.run();
    expect(fresh.asked.slice(-2)).toEqual([names.plain, 'XMLDefault.cnf.xml']);
    expect(fresh.registrations).toMatchObject([
      { managers: [{ host: 'cm9', port: 5060 }], securityMode: 'non-secure' },
    ]);
    const trusting = new ScriptedNetwork({ lists: heldLists });
    trusting.files.set('XMLDefault.cnf.xml', encode(defaults));
    trusting.files.set('XMLDefault.cnf.xml.sgn', signed(defaults, { name: 'XMLDefault.cnf.xml.sgn' }));
    trusting.run();
    expect(trusting.asked.slice(-2)).toEqual([names.signed, 'XMLDefault.cnf.xml.sgn']);
    expect(trusting.registrations.length).toBe(1);
    const known = new ScriptedNetwork({ lists: heldLists, lsc, configuration: heldConfiguration() }).run();
    expect(known.asked).not.toContain('XMLDefault.cnf.xml.sgn');
  });
});

describe('encrypted configurations', () => {
  test('the stub leads to the encrypted file, and the next time the phone asks for that at once', () => {
    const network = serve(new ScriptedNetwork({ lsc }));
    const { stub, file } = encryptedFor(lsc);
    network.files.set(names.signed, stub).set(names.encrypted, file);
    network.run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed, names.encrypted]);
    expect(network.registrations).toMatchObject([{ transport: 'tls', configuration: { encrypted: true } }]);
    const again = new ScriptedNetwork(network.boot.state);
    again.files.set(names.encrypted, file);
    again.run();
    expect(again.asked.slice(-1)).toEqual([names.encrypted]);
  });

  test('it is not there: the signed file else', () => {
    const network = serve(
      new ScriptedNetwork({ lists: heldLists, lsc, configuration: heldConfiguration({ encrypted: true }) }),
    );
    network.run();
    expect(network.asked.slice(-2)).toEqual([names.encrypted, names.signed]);
  });

  test('encrypted to another certificate, or none: the phone goes to CAPF by itself, and then fetches again', () => {
    for (const held of [{ lsc: identity('earlier') }, {}]) {
      const network = serve(new ScriptedNetwork(held));
      const { stub, file } = encryptedFor(lsc);
      network.files.set(names.signed, stub).set(names.encrypted, file);
      network.capf = () => installed('lsc');
      network.run();
      const reason = 'lsc' in held ? 'public-key-mismatch' : 'certificate-missing';
      const proof = 'lsc' in held ? 'LSC' : 'null-string';
      expect(network.of('enrol')).toMatchObject([{ reason, proof }]);
      expect(network.registrations).toMatchObject([{ transport: 'tls', identity: 'LSC' }]);
    }
  });

  test('a file that does not open with the key that the stub names: to CAPF, once', () => {
    const network = serve(new ScriptedNetwork({ lsc }));
    const { stub } = encryptedFor(lsc);
    const forOther = encryptedFor(identity('other')).file;
    network.files.set(names.signed, stub).set(names.encrypted, forOther);
    network.capf = () => ({ outcome: 'no-action', reason: 'nothing is pending' });
    network.run(15_000);
    expect(network.of('enrol')[0]).toMatchObject({ reason: 'decryption-failed' });
    expect(network.registrations).toEqual([]);
    expect(network.alarms.join('\n')).toContain('Unprovisioned | The phone has no configuration that it may use.');
  });

  test("a file for the manufacturer's certificate opens with its key", () => {
    const network = serve(new ScriptedNetwork({ lsc, mic }));
    const { stub, file } = encryptedFor(mic);
    network.files.set(names.signed, stub).set(names.encrypted, file);
    network.run();
    expect(network.registrations.length).toBe(1);
  });
});

describe('CAPF', () => {
  const servers = [{ host: 'cm1', port: 3804 }];
  const nothing: EnrolmentResult = { outcome: 'no-action', reason: 'nothing is pending' };
  test.each([
    ['string', { hasAuthenticationString: true }, {}, ['string']],
    ['string', {}, { lsc }, []],
    ['null-string', {}, { lsc }, ['null-string']],
    ['existing-certificate', {}, { lsc, mic }, ['LSC']],
    ['existing-certificate', {}, { mic }, ['MIC']],
    ['existing-certificate', {}, {}, []],
    ['manufactured', {}, { lsc, mic }, ['MIC']],
    ['manufactured', {}, { lsc }, []],
    ['none-pending', {}, { lsc }, []],
    ['none-pending', {}, { mic }, ['MIC']],
    ['none-pending', { hasAuthenticationString: true }, { mic }, ['string']],
    ['none-pending', {}, {}, ['null-string']],
  ] as const)('capfAuthMode %s, %j, holding %j: by %j', (authentication, options, held, proofs) => {
    const network = serve(new ScriptedNetwork(held, options), { capf: { authentication, servers } });
    network.capf = () => nothing;
    network.run(5_000);
    expect(network.of('enrol').map(({ proof }) => proof)).toEqual(proofs);
    expect(network.registrations.length).toBe('lsc' in held || 'mic' in held ? 1 : 0);
  });

  test('declined by LSC: by MIC, and what it issues replaces the LSC', () => {
    const network = serve(new ScriptedNetwork({ lsc: identity('expired'), mic }), {
      capf: { authentication: 'existing-certificate', servers },
    });
    network.capf = ({ proof }) => (proof === 'LSC' ? { outcome: 'declined', reason: 'it expired' } : installed('new'));
    network.run();
    expect(network.of('enrol').map(({ proof }) => proof)).toEqual(['LSC', 'MIC']);
    expect(decode(network.boot.state.lsc?.certificate ?? new Uint8Array())).toBe('certificate new');
    expect(network.registrations).toMatchObject([{ identity: 'LSC' }]);
  });

  test('an operation that is said to be pending after it was carried out is not begun again in the same boot', () => {
    const network = serve(new ScriptedNetwork({ lsc }), { capf: { authentication: 'null-string', servers } });
    network.capf = () => installed('new');
    network.run();
    expect(network.of('enrol').length).toBe(1);
    expect(network.registrations.length).toBe(1);
  });

  test('a deleted certificate is forgotten with its key, and a phone that must use TLS does not register without', () => {
    const network = serve(new ScriptedNetwork({ lsc }), { capf: { authentication: 'null-string', servers } });
    network.capf = () => ({ outcome: 'deleted' });
    network.run(5_000);
    expect(network.boot.state.lsc).toBe(undefined);
    expect(network.registrations).toEqual([]);
    expect(network.alarms.join('\n')).toContain('LSC: not installed');
  });

  test('no server of CAPF is known: it registers with what it has', () => {
    const network = serve(new ScriptedNetwork({ mic }), { capf: { authentication: 'none-pending', servers: [] } });
    network.run();
    expect(network.of('enrol')).toEqual([]);
    expect(network.registrations).toMatchObject([{ identity: 'MIC', transport: 'tls' }]);
  });
});

describe('TVS', () => {
  const renewed = {
    ...itl,
    signer: 'cm-renewed',
    made: 200,
    records: ['SAST cm-renewed', 'TFTP cm-renewed', 'TVS tvs'],
  };
  const held = {
    lists: { ctl: undefined, itl: heldLists.itl },
    lsc,
    configuration: heldConfiguration({ deviceSecurityMode: 'non-secure' }),
  };

  test('heals a phone whose ITL was signed by a new certificate', () => {
    const network = new ScriptedNetwork(held);
    network.files.set(names.itl, modelOctets(renewed));
    network.files.set(names.signed, signed(xml({ deviceSecurityMode: 'non-secure' }), { signer: 'cm-renewed' }));
    network.tvs = () => vouches('cm-renewed');
    network.run();
    expect(network.of('ask-tvs')).toMatchObject([
      { servers: [{ host: 'cm1', port: 2445 }], question: { kind: 'query', signer: { name: 'cm-renewed' } } },
    ]);
    expect(network.boot.state.lists.itl).toEqual(modelOctets(renewed));
    expect(network.registrations.length).toBe(1);
  });

  test('its word is remembered for as long as it says, at most a day', () => {
    const network = new ScriptedNetwork(held);
    const bySigner = (made: number) => modelOctets({ ...renewed, records: itl.records, made });
    network.files.set(names.itl, bySigner(200));
    network.tvs = () => vouches('cm-renewed');
    network.run();
    network.files.set(names.itl, bySigner(201));
    network.input({ kind: 'reset' }, 100_000_000);
    const before = network.of('ask-tvs').filter(({ question }) => question.kind === 'query').length;
    network.files.set(names.itl, bySigner(202));
    network.input({ kind: 'reset' });
    const after = network.of('ask-tvs').filter(({ question }) => question.kind === 'query').length;
    expect([before, after]).toEqual([1, 2]);
    expect(network.boot.state.lists.itl).toEqual(bySigner(202));
  });

  test.each<[string, TvsAnswer]>([
    ['does not know it', { outcome: 'invalid' }],
    ['does not answer', { outcome: 'failed', reason: 'timeout' }],
    ['vouches for somebody else', vouches('mallory')],
  ])('%s: the list is refused', (_, answer) => {
    const network = new ScriptedNetwork(held);
    network.files.set(names.itl, modelOctets(renewed));
    network.tvs = () => answer;
    network.run();
    expect(network.of('ask-tvs').filter(({ question }) => question.kind === 'query').length).toBe(1);
    expect(network.boot.state.lists.itl).toEqual(heldLists.itl);
    expect(network.alarms[0]).toMatch(
      /^Trust List update failed \(ITL\) \| ITLSEP001122334455\.tlv is refused \(signer-unknown/,
    );
  });
});

describe('the servers that it talks to', () => {
  const present = (service: 'CCM' | 'CAPF' | 'TVS' | 'TFTP', name: string) =>
    ({ kind: 'server-presented', handshake: 'one', service, certificate: encode(name) }) as const;
  test.each([
    ['the call manager of the CTL', present('CCM', 'cm'), true],
    ['CAPF of the CTL', present('CAPF', 'capf'), true],
    ['wrong role for a port: the TFTP server of the ITL as CAPF', present('CAPF', 'cm'), false],
    ['wrong role for a port: CAPF as call manager', present('CCM', 'capf'), false],
    ['a token as call manager', present('CCM', 'token-a'), false],
    ['a stranger', present('CCM', 'mallory'), false],
    ['a stranger for whom TVS vouches', present('CCM', 'friend'), true],
    ['a TVS that no list names is never vouched for', present('TVS', 'friend'), false],
  ])('%s', (_, input, accepted) => {
    const network = serve(new ScriptedNetwork({ lists: heldLists, lsc })).run();
    network.tvs = ({ kind }) => (kind === 'verify' ? vouches('friend') : { outcome: 'invalid' });
    network.input(input);
    expect(network.of('server-judged')).toMatchObject([{ handshake: 'one', accepted }]);
    expect(network.alarms.length).toBe(accepted ? 0 : 1);
  });
});

describe('what it does when it cannot go on', () => {
  test('nobody answers: the last configuration, which was verified when it was taken', () => {
    const network = new ScriptedNetwork({ lists: heldLists, lsc, configuration: heldConfiguration() });
    for (const name of Object.values(names)) network.files.set(name, { kind: 'failed', reason: 'no answer' });
    network.run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed]);
    expect(network.registrations).toMatchObject([{ transport: 'tls', configuration: { versionStamp: 'old' } }]);
  });

  test('it has nothing: it begins again after growing waits', () => {
    const network = new ScriptedNetwork().run(100_000);
    expect(network.alarms.map((alarm) => /again in (\d+) s/.exec(alarm)?.[1])).toEqual(['10', '20', '40', '80']);
    network.files.set(names.plain, encode(xml({ deviceSecurityMode: 'non-secure' })));
    network.clock.advance(300_000);
    expect(network.registrations.length).toBe(1);
  });

  test('the cluster left mixed mode: a CTL of known signers says so, and the phone follows', () => {
    const left = { ...ctl, made: 200, records: ['SAST token-a', 'SAST token-b', 'CCM -'] };
    const network = serve(new ScriptedNetwork({ lists: heldLists, lsc }));
    network.files.set(names.ctl, modelOctets(left));
    network.run();
    expect(network.registrations).toMatchObject([
      { transport: 'tcp', securityMode: 'non-secure', identity: undefined },
    ]);
    expect(network.logs).toContainEqual(expect.objectContaining({ level: 'warning', phone: 'Non-secure' }));
  });

  test('a CTL that says nothing of call managers is no leave to register in the clear', () => {
    const tokensOnly = { ...ctl, made: 200, records: ['SAST token-a', 'SAST token-b', 'TFTP cm'] };
    const network = serve(new ScriptedNetwork({ lists: heldLists, lsc }));
    network.files.set(names.ctl, modelOctets(tokensOnly));
    network.run();
    expect(network.registrations).toEqual([]);
    expect(network.of('stopped').length).toBe(1);
  });

  test('lists deleted by hand: the next are taken blindly again', () => {
    const other = { ...ctl, signer: 'other-token', records: ['SAST other-token', 'CCM cm', 'TFTP cm'] };
    const network = serve(new ScriptedNetwork({ lists: heldLists, lsc }));
    network.files.set(names.ctl, modelOctets(other));
    network.run();
    expect(network.boot.state.lists.ctl).toEqual(heldLists.ctl);
    network.input({ kind: 'erase-trust-lists' });
    expect(network.boot.state.lists.ctl).toEqual(modelOctets(other));
  });

  test('a configuration taken unsigned is forgotten once a list asks for signatures', () => {
    const configuration = heldConfiguration({ deviceSecurityMode: 'non-secure' }, false);
    const network = new ScriptedNetwork({ lsc, configuration });
    network.files.set(names.ctl, modelOctets(ctl));
    network.run(5_000);
    expect(network.asked).toEqual([names.ctl, names.itl, names.clusterItl, names.signed, 'XMLDefault.cnf.xml.sgn']);
    expect(network.registrations).toEqual([]);
  });
});

test('answers that nobody waits for any more are passed over', () => {
  const boot = new PhoneBoot({ device, state: blankState, judge: modelJudge, wallClock: (now) => now });
  boot.start();
  boot.handle(0, { kind: 'reset' });
  while (boot.poll() !== undefined);
  boot.handle(1, { kind: 'fetched', id: 1, answer: { kind: 'found', content: modelOctets(ctl) } });
  boot.handle(1, { kind: 'enrolled', id: 2, result: { outcome: 'deleted' } });
  boot.handle(1, { kind: 'tvs-answered', id: 2, answer: { outcome: 'invalid' } });
  expect(boot.poll()).toBe(undefined);
  expect(boot.state).toEqual(blankState);
});

test('a late answer to a file of the boot before is no answer to the same file now', () => {
  const boot = new PhoneBoot({ device, state: blankState, judge: modelJudge, wallClock: (now) => now });
  const untilConfiguration = () => {
    for (let output = boot.poll(); output !== undefined; output = boot.poll()) {
      if (output.kind !== 'fetch') continue;
      if (output.name === names.plain) return output.id;
      boot.handle(0, { kind: 'fetched', id: output.id, answer: { kind: 'not-found' } });
    }
    throw new Error('the configuration was never asked for');
  };
  const answer = { kind: 'found', content: encode(xml({ deviceSecurityMode: 'non-secure' })) } as const;
  boot.start();
  const late = untilConfiguration();
  boot.handle(1, { kind: 'reset' });
  const current = untilConfiguration();
  boot.handle(2, { kind: 'fetched', id: late, answer });
  expect(boot.poll()).toBe(undefined);
  boot.handle(2, { kind: 'fetched', id: current, answer });
  expect(boot.state.configuration?.verified).toBe(false);
});

test('a device that is not named like a phone does not boot', () => {
  expect(
    () => new PhoneBoot({ device: 'trunk', state: blankState, judge: modelJudge, wallClock: (now) => now }),
  ).toThrow(ConfigurationError);
});

test('no key and no password in anything that is said', () => {
  const network = serve(new ScriptedNetwork({ lsc, mic }), {
    lines: [{ ...configuration.lines[0], button: 1, name: '1001', others: [] }],
    capf: { authentication: 'existing-certificate', servers: [{ host: 'cm1', port: 3804 }] },
  });
  network.capf = () => installed('new');
  network.run();
  expect(network.outputs.length).toBeGreaterThan(10);
  expect(JSON.stringify(network.outputs)).not.toContain('canary');
  expect(JSON.stringify(network.logs)).not.toContain('certificate lsc');
});

describe('a phone that cannot register says what it lacks', () => {
  test.each([
    ['no-configuration', new ScriptedNetwork()],
    ['no-trust-list', trustless()],
    ['no-certificate', serve(new ScriptedNetwork())],
    ['no-managers', serve(new ScriptedNetwork({ lsc }), { managers: [] })],
  ])('%s', (cause, network) => {
    network.run(1_000);
    expect(network.of('waiting')).toEqual([{ kind: 'waiting', cause }]);
  });
});

describe('a phone that goes on with what it holds', () => {
  test('registers without asking for a file', () => {
    const { boot } = new ScriptedNetwork({ lists: heldLists, configuration: heldConfiguration(), lsc });
    expect(boot.resume(0)).toBe(true);
    const outputs = [];
    for (let output = boot.poll(); output !== undefined; output = boot.poll()) outputs.push(output);
    expect(outputs.filter(({ kind }) => kind !== 'log')).toMatchObject([{ kind: 'register', transport: 'tls' }]);
  });

  test.each([
    ['holds none', {}],
    [
      'holds one without a signature, and lists that ask for one',
      { lists: heldLists, configuration: heldConfiguration({}, false) },
    ],
  ])('does nothing when it %s', (_, state) => {
    const { boot } = new ScriptedNetwork(state);
    expect(boot.resume(0)).toBe(false);
    expect(boot.poll()).toBeUndefined();
  });
});

/** It must use TLS and takes its configuration unsigned, since there is no list. */
function trustless(): ScriptedNetwork {
  const network = new ScriptedNetwork();
  network.files.set(names.plain, encode(xml()));
  return network;
}
