import { describe, expect, test } from 'vitest';
import {
  ctl,
  encode,
  encryptedFor,
  heldConfiguration,
  heldLists,
  identity,
  itl,
  lsc,
  names,
  serve,
  signed,
  xml,
} from './cluster.fixture.ts';
import { modelOctets } from './model-judge.fixture.ts';
import { ScriptedNetwork, wallStart } from './scripted-network.fixture.ts';

/** A phone that was here before, in a cluster that serves what it should, but for one file. */
function phoneThatIsServed(name: string, octets: Uint8Array): ScriptedNetwork {
  const network = serve(new ScriptedNetwork({ lists: heldLists, lsc, configuration: heldConfiguration() }));
  network.files.set(name, octets);
  network.tvs = () => ({ outcome: 'invalid' });
  return network.run();
}

const yesterday = wallStart - 86_400_000;
const newer = { ...ctl, made: 200 };

describe('a list is refused: the alarm names it and the rule, and the phone goes on with the one it holds', () => {
  test.each([
    ['a tampered octet in the CTL', names.ctl, modelOctets({ ...newer, forged: true }), 'signature'],
    [
      'a CTL by an unknown signer',
      names.ctl,
      modelOctets({ ...newer, signer: 'mallory', records: ['SAST mallory'] }),
      'signer-unknown',
    ],
    ['a CTL by one whom only the ITL knows', names.ctl, modelOctets({ ...newer, signer: 'cm' }), 'signer-unknown'],
    ['a CTL older than its own', names.ctl, modelOctets({ ...ctl, made: 99 }), 'older-than-held'],
    [
      'a CTL by a certificate that has expired',
      names.ctl,
      modelOctets({ ...newer, signerEnds: yesterday }),
      'signer-expired',
    ],
    ['a CTL made for another phone', names.ctl, modelOctets({ ...newer, name: 'CTLSEP00AABBCCDDEE.tlv' }), 'file-name'],
    ['an ITL in place of the CTL', names.ctl, modelOctets(itl), 'short-input'],
    ['octets that are no list', names.ctl, encode('<html>404</html>'), 'short-input'],
    ['a tampered octet in the ITL', names.itl, modelOctets({ ...itl, made: 200, forged: true }), 'signature'],
    ['an ITL by an unknown signer', names.itl, modelOctets({ ...itl, made: 200, signer: 'mallory' }), 'signer-unknown'],
    ['an ITL older than its own', names.itl, modelOctets({ ...itl, made: 99 }), 'older-than-held'],
  ])('%s', (_, name, octets, rule) => {
    const network = phoneThatIsServed(name, octets);
    expect(network.alarms.length).toBe(1);
    expect(network.alarms[0]).toContain(`${name} is refused (${rule}`);
    expect(network.alarms[0]).toMatch(/^Trust List update failed/);
    expect(network.boot.state.lists).toEqual(heldLists);
    expect(network.registrations).toMatchObject([{ transport: 'tls', configuration: { versionStamp: 'new' } }]);
  });
});

describe('a configuration is refused: the alarm names it and the rule, and the phone goes on with the one it holds', () => {
  const downgrade = xml({ deviceSecurityMode: 'non-secure', managers: [{ host: 'mallory' }] });
  test.each([
    ['a tampered octet', signed(downgrade, { forged: true }), 'signature'],
    ['an unknown signer', signed(downgrade, { signer: 'mallory' }), 'signer-unknown'],
    ['a signer with another role: CAPF signs no files', signed(downgrade, { signer: 'capf' }), 'signer-role'],
    ['a signer with another role: tokens sign lists only', signed(downgrade, { signer: 'token-a' }), 'signer-role'],
    [
      'wrong name in a .sgn: that of another phone',
      signed(downgrade, { name: 'SEP00AABBCCDDEE.cnf.xml.sgn' }),
      'file-name',
    ],
    [
      'wrong name in a .sgn: that of the default file',
      signed(downgrade, { name: 'XMLDefault.cnf.xml.sgn' }),
      'file-name',
    ],
    ['an expired certificate', signed(downgrade, { signerEnds: yesterday }), 'signer-expired'],
    ['no signature at all', encode(downgrade), 'short-input'],
    ['a signature over something that is no configuration', signed('<device><a></device>'), 'Config file error'],
    ['a signature over an entity bomb', signed('<!DOCTYPE device><device/>'), 'Config file error'],
    ['a signature over a default file', signed('<Default/>'), 'Config file error'],
  ])('%s', (_, octets, rule) => {
    const network = phoneThatIsServed(names.signed, octets);
    expect(network.alarms.length).toBe(1);
    expect(network.alarms[0]).toContain(rule);
    expect(network.alarms[0]).toContain(names.signed);
    expect(network.boot.state.configuration?.verified).toBe(true);
    expect(network.registrations).toMatchObject([
      { transport: 'tls', managers: [{ host: 'cm1' }, { host: 'cm2' }], configuration: { versionStamp: 'old' } },
    ]);
  });

  test('a plain file beside the signed one is not even asked for', () => {
    const network = phoneThatIsServed(names.plain, encode(downgrade));
    expect(network.asked).not.toContain(names.plain);
  });

  test('a stub inside an encrypted file, which would lead nowhere', () => {
    const { stub, file } = encryptedFor(lsc);
    const inner = '<device><fullConfig>false</fullConfig><encrConfig>true</encrConfig></device>';
    const nested = signed(inner, { name: names.encrypted, opensWith: 'canary-key lsc' });
    const network = serve(new ScriptedNetwork({ lists: heldLists, lsc }));
    network.files.set(names.signed, stub).set(names.encrypted, nested);
    network.run(5_000);
    expect(network.alarms[0]).toContain('Config file error');
    expect(network.registrations).toEqual([]);
    expect(file.length).toBeGreaterThan(0);
  });

  test('encrypted to another phone', () => {
    const held = heldConfiguration({ encrypted: true });
    const network = serve(new ScriptedNetwork({ lists: heldLists, lsc, configuration: held }));
    network.files.set(names.encrypted, encryptedFor(identity('other')).file);
    network.run();
    expect(network.alarms[0]).toContain(`${names.encrypted} is refused (decryption`);
    expect(network.registrations).toMatchObject([{ configuration: { versionStamp: 'new' } }]); // of the signed file
  });
});
