import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encode, heldConfiguration, heldLists, identity, lsc, names, serve, signed, xml } from './cluster.fixture.ts';
import { device, ScriptedNetwork } from './scripted-network.fixture.ts';
import { type PhoneState, parsePhoneState, serializePhoneState } from './state.ts';
import { trustListJudge } from './trust-judge.ts';

const load = 'SIP75.9-4-2SR3-1S';
const file = `${load}.loads`;
const before: Partial<PhoneState> = { lists: heldLists, lsc, configuration: heldConfiguration() };
const loadFile = (change: Parameters<typeof signed>[1] = {}) =>
  signed('jar75sip.sbn', { name: file, signer: 'maker', ...change });

/** A phone whose configuration names a load, with or without its file. */
function phone(octets: Uint8Array | undefined, state: Partial<PhoneState> = {}): ScriptedNetwork {
  const network = serve(new ScriptedNetwork({ ...before, ...state }), { loadInformation: load });
  if (octets !== undefined) network.files.set(file, octets);
  return network.run();
}

const saidOf = (network: ScriptedNetwork) => network.logs.map(({ phone, ours }) => `${phone} | ${ours}`).join('\n');

describe('the load file that a configuration names', () => {
  test('is fetched after the configuration and before the phone registers; the load is noted, and nothing of it is run', () => {
    const network = phone(loadFile());
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed, file]);
    const order = network.outputs.flatMap(({ kind }) => (kind === 'fetch' || kind === 'register' ? [kind] : []));
    expect(order.at(-1)).toBe('register');
    expect(network.boot.state.load).toBe(load);
    expect(saidOf(network)).toContain(`Load ID ${load} | Who signed it stands in no list of the phone`);
    expect(saidOf(network)).toContain('executes nothing');
    expect(network.alarms).toEqual([]);
  });

  test('is known after a power cut, and then not fetched again', () => {
    const kept = parsePhoneState(serializePhoneState(phone(loadFile()).boot.state));
    expect(kept?.load).toBe(load);
    const again = phone(loadFile(), kept);
    expect(again.asked).toEqual([names.ctl, names.itl, names.signed]);
  });

  test('signed by one whom a list names as TFTP: its signature is checked', () => {
    const network = phone(loadFile({ signer: 'cm' }));
    expect(network.boot.state.load).toBe(load);
    expect(saidOf(network)).not.toContain('stands in no list');
  });

  test('is fetched once in a boot, though the configuration is fetched again after CAPF', () => {
    const network = serve(new ScriptedNetwork(before), {
      loadInformation: load,
      capf: { authentication: 'existing-certificate', servers: [{ host: 'cm1', port: 3804 }] },
    });
    network.capf = () => ({ outcome: 'installed', ...identity('lsc 2') });
    network.run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed, file, names.signed]);
    expect(network.registrations).toHaveLength(1);
  });

  test.each([
    ['there is none', undefined],
    ['it is that of the phone', 'SIP75.9-4-2SR3-1S'],
  ])('nothing is fetched where %s', (_, own) => {
    const network = serve(new ScriptedNetwork({ ...before, load: own }), own ? { loadInformation: own } : {}).run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed]);
  });
});

describe('the phone goes on with its present load, and registers, when the load file', () => {
  test.each([
    ['is not there', undefined, 'warning', `File not found: ${file}`],
    ['was altered', loadFile({ signer: 'cm', forged: true }), 'alarm', 'is refused (signature'],
    ['is that of another load', loadFile({ name: 'SIP75.9-9-9.loads' }), 'alarm', 'is refused (file-name'],
    ['is not signed', encode('jar75sip.sbn'), 'alarm', 'is refused (short-input'],
  ] as const)('%s', (_, octets, level, words) => {
    const network = phone(octets, { load: 'SIP75.8-5-2S' });
    const said = network.logs.filter((log) => log.level === level).map(({ phone, ours }) => `${phone} | ${ours}`);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(words);
    expect(said[0]).toContain('goes on with its present load');
    expect(network.boot.state.load).toBe('SIP75.8-5-2S');
    expect(network.registrations).toMatchObject([{ transport: 'tls', configuration: { versionStamp: 'new' } }]);
  });

  test('comes from a server that answers nothing any more', () => {
    const network = serve(new ScriptedNetwork(before), { loadInformation: load });
    network.files.set(file, { kind: 'failed', reason: 'nobody answers' });
    expect(network.run().registrations).toHaveLength(1);
    expect(saidOf(network)).toContain(`TFTP timeout | ${file}: nobody answers.`);
  });

  test.each(['../../etc/passwd', 'a load', 'x'.repeat(65)])('has no name for a file: %s', (name) => {
    const network = serve(new ScriptedNetwork(before), { loadInformation: name }).run();
    expect(network.asked).toEqual([names.ctl, names.itl, names.signed]);
    expect(network.registrations).toHaveLength(1);
    expect(saidOf(network)).toContain('Version error');
  });
});

test('a phone without lists fetches it as well', () => {
  const network = new ScriptedNetwork();
  const plain = xml({ deviceSecurityMode: 'non-secure', transport: 'tcp', loadInformation: load });
  network.files.set(`${device}.cnf.xml`, encode(plain));
  network.files.set(file, loadFile());
  network.run();
  expect(network.boot.state.load).toBe(load);
  expect(network.registrations).toMatchObject([{ transport: 'tcp' }]);
});

test('a load that a maker has signed is taken with its signature unchecked, one octet of its name changed is not', () => {
  const hex = readFileSync(new URL('../../../pki/vectors/trust-files/P0030801SR02.loads.hex', import.meta.url), 'utf8');
  const octets = new Uint8Array(Buffer.from(hex.replace(/^#.*$/gm, '').replace(/\s/g, ''), 'hex'));
  const altered = octets.slice();
  const place = Buffer.from(octets).indexOf('P0030801SR02.loads');
  altered[place] = (altered[place] ?? 0) ^ 1;
  for (const [content, noted] of [
    [octets, 'P0030801SR02'],
    [altered, undefined],
  ] as const) {
    const network = new ScriptedNetwork({}, { judge: trustListJudge });
    const plain = xml({ deviceSecurityMode: 'non-secure', transport: 'tcp', loadInformation: 'P0030801SR02' });
    network.files.set(`${device}.cnf.xml`, encode(plain));
    network.files.set('P0030801SR02.loads', content);
    network.run();
    expect(network.boot.state.load).toBe(noted);
    expect(network.registrations).toHaveLength(1);
  }
});
