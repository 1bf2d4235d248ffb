import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from './error.ts';
import {
  type ConfigurationFile,
  type DefaultConfiguration,
  holdsSecret,
  type OtherElement,
  type PhoneConfiguration,
  type StubConfiguration,
  stubOf,
} from './phone-configuration.ts';
import { deskPhone, readFile, revealed, vector } from './samples.fixture.ts';
import { capfAuthentications, securityModes, transports } from './values.ts';
import { serializeConfiguration } from './write.ts';

const text = (file: ConfigurationFile) => new TextDecoder().decode(serializeConfiguration(file));
/** Names of elements in their order. */
const namesIn = (xml: string) => [...xml.matchAll(/<([A-Za-z]\w*)/g)].map(([, name]) => name);

describe('as phones read it', () => {
  test('a SIP phone: elements and order of CUCM, with the numbers that stand for words', () => {
    expect(
      text({ ...deskPhone, others: { root: [], devicePool: [], sipProfile: [] } }),
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<device>
  <fullConfig>true</fullConfig>
  <deviceProtocol>SIP</deviceProtocol>
  <ipAddressMode>0</ipAddressMode>
  <devicePool>
    <callManagerGroup>
      <members>
        <member priority="0">
          <callManager>
            <ports>
              <ethernetPhonePort>2000</ethernetPhonePort>
              <sipPort>5060</sipPort>
              <securedSipPort>5061</securedSipPort>
            </ports>
            <processNodeName>cm1.example</processNodeName>
          </callManager>
        </member>
        <member priority="1">
          <callManager>
            <ports>
              <ethernetPhonePort>2000</ethernetPhonePort>
              <sipPort>5060</sipPort>
              <securedSipPort>5061</securedSipPort>
            </ports>
            <processNodeName>192.0.2.12</processNodeName>
          </callManager>
        </member>
      </members>
    </callManagerGroup>
  </devicePool>
  <sipProfile>
    <phoneLabel>Reception</phoneLabel>
    <sipLines>
      <line button="1">
        <featureLabel>Desk &quot;1&quot;</featureLabel>
        <proxy>USECALLMANAGER</proxy>
        <port>5060</port>
        <name>1001</name>
        <displayName>Zoë &amp; &lt;Ann&gt; 🎉</displayName>
        <authName>1001</authName>
        <authPassword>canary-digest&amp;&lt;</authPassword>
        <contact>1001</contact>
        <featureID>9</featureID>
      </line>
    </sipLines>
  </sipProfile>
  <loadInformation>SIP75.9-4-2SR3-1S</loadInformation>
  <versionStamp>1767225600-7</versionStamp>
  <deviceSecurityMode>3</deviceSecurityMode>
  <transportLayerProtocol>3</transportLayerProtocol>
  <TLSResumptionTimer>3600</TLSResumptionTimer>
  <TVS>
    <members>
      <member priority="0">
        <port>2445</port>
        <address>cm1.example</address>
      </member>
    </members>
  </TVS>
  <capfAuthMode>1</capfAuthMode>
  <capfList>
    <capf>
      <phonePort>3804</phonePort>
      <processNodeName>cm1.example</processNodeName>
    </capf>
  </capfList>
  <certHash>e9d83d81e50437211efebc2d37e52ee3</certHash>
  <encrConfig>false</encrConfig>
</device>
`);
  });

  test('the stub has exactly the elements that Cisco shows, in their order, and nothing of the lines', () => {
    const sample = new TextDecoder().decode(vector('stub.cnf.xml'));
    expect(namesIn(text(stubOf(deskPhone)))).toEqual(namesIn(sample));
    expect(text(stubOf(deskPhone))).not.toMatch(/1001|canary|deviceSecurityMode/);
    expect(stubOf(deskPhone)).toMatchObject({ encrypted: true, certificateHash: deskPhone.certificateHash });
  });

  test('the stub that public tools make is written octet for octet as they do', () => {
    const sample = vector('stub-of-certutils.cnf.xml');
    expect(text(readFile(sample))).toBe(new TextDecoder().decode(sample));
  });
});

describe('which file holds a secret', () => {
  const withoutPassword = { ...deskPhone, lines: deskPhone.lines.map(({ authentication: _, ...line }) => line) };
  const nested = (name: string, value: string): OtherElement[] => [
    {
      name: 'commonProfile',
      attributes: {},
      text: '',
      children: [{ name, attributes: {}, children: [], text: value }],
    },
  ];
  test.each<[string, ConfigurationFile, boolean]>([
    ['a digest password', deskPhone, true],
    ['none', withoutPassword, false],
    [
      'an empty digest password',
      {
        ...deskPhone,
        lines: [{ button: 1, name: '1', others: [], authentication: { name: '1', password: new Redacted('') } }],
      },
      false,
    ],
    [
      'the password of the settings menu',
      { ...withoutPassword, others: { ...deskPhone.others, root: nested('phonePassword', '1234') } },
      true,
    ],
    ['an empty one', { ...withoutPassword, others: { ...deskPhone.others, root: nested('phonePassword', '') } }, false],
    [
      'one of a VPN, in a line of the file that nobody looks at',
      { ...withoutPassword, others: { ...deskPhone.others, devicePool: nested('sharedSecret', 'x') } },
      true,
    ],
    ['the stub', stubOf(deskPhone), false],
    ['a default file with passwords', readFile(vector('default.cnf.xml')), true],
  ])('%s: %s', (_, file, expected) => {
    expect(holdsSecret(file)).toBe(expected);
  });

  test('no secret shows in JSON of the value', () => {
    expect(JSON.stringify(deskPhone)).not.toContain('canary');
  });
});

describe('refuses to write what no phone could read', () => {
  const line = { button: 1, name: '1001', others: [] };
  const server = { host: 'cm.example', port: 5061 };
  const other = (name: string, value = ''): OtherElement => ({ name, attributes: {}, children: [], text: value });
  test.each<[string, Partial<PhoneConfiguration>]>([
    ['six call managers', { managers: Array.from({ length: 6 }, () => ({ host: 'cm.example' })) }],
    ['six TVS servers', { trustVerification: Array.from({ length: 6 }, () => server) }],
    ['a host with markup', { managers: [{ host: '<cm>' }] }],
    ['an empty host', { managers: [{ host: '' }] }],
    ['port 0', { managers: [{ host: 'cm', sipPort: 0 }] }],
    ['a port that is no number', { trustVerification: [{ host: 'cm', port: Number.NaN }] }],
    ['a line break in a name', { lines: [{ ...line, displayName: 'a\nb' }] }],
    ['NUL in a password', { lines: [{ ...line, authentication: { name: '1', password: new Redacted('a\0') } }] }],
    ['half a character', { lines: [{ ...line, displayName: '\ud83d' }] }],
    ['button 0', { lines: [{ ...line, button: 0 }] }],
    ['a button twice', { lines: [line, line] }],
    ['a hash that is none', { certificateHash: 'E9D8' }],
    ['a timer of two days', { tlsResumptionTimer: 172_800 }],
    [
      'the security mode among the others',
      { others: { ...deskPhone.others, root: [other('deviceSecurityMode', '1')] } },
    ],
    ['a second list of managers', { others: { ...deskPhone.others, devicePool: [other('callManagerGroup')] } }],
    ['an element whose name is markup', { others: { ...deskPhone.others, root: [other('a><b')] } }],
    ['a control character in an unknown element', { others: { ...deskPhone.others, root: [other('a', '\x01')] } }],
  ])('%s', (_, change) => {
    expect(() => serializeConfiguration({ ...deskPhone, ...change })).toThrow(ConfigurationError);
  });

  test('and its reason quotes no text of the device', () => {
    const password = new Redacted('canary\0');
    const file = { ...deskPhone, lines: [{ ...line, authentication: { name: '1', password } }] };
    expect(() => serializeConfiguration(file)).toThrow(/^(?!.*canary)/);
  });
});

describe('what is written is read the same', () => {
  const shown = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((value) => /^[^\p{C}]+$/u.test(value));
  const host = fc.oneof(
    fc.domain().filter((name) => name.length < 200),
    fc.ipV4(),
    fc.ipV6(),
  );
  const port = fc.integer({ min: 1, max: 65_535 });
  const optional = <Value>(key: string, value: fc.Arbitrary<Value>) =>
    fc.option(
      value.map((each) => ({ [key]: each })),
      { nil: {} },
    );
  const several = (...parts: readonly fc.Arbitrary<object>[]) =>
    fc.tuple(...parts).map((each) => Object.assign({}, ...each));
  const leaf = fc
    .record({
      name: fc.constantFrom('webAccess', 'sshPassword', 'x'),
      attributes: fc.dictionary(fc.constantFrom('a', 'b'), shown),
      text: shown,
    })
    .map(({ text: value, ...rest }) => ({
      ...rest,
      children: [],
      text: rest.name === 'sshPassword' && value.trim() !== '' ? new Redacted(value) : value,
    }));
  const others: fc.Arbitrary<OtherElement[]> = fc.array(
    fc.oneof(
      leaf,
      fc.record({
        name: fc.constant('vendorConfig'),
        attributes: fc.constant({}),
        children: fc.array(leaf, { minLength: 1, maxLength: 3 }),
        text: fc.constant(''),
      }),
    ),
    { maxLength: 3 },
  );
  const server = fc.record({ host, port });
  const common = several(
    fc.record({
      capf: fc.record({
        authentication: fc.constantFrom(...Object.keys(capfAuthentications)),
        servers: fc.array(server, { maxLength: 3 }),
      }),
      encrypted: fc.boolean(),
    }),
    optional('loadInformation', shown),
    optional('ipAddressMode', fc.nat({ max: 2 })),
    optional(
      'certificateHash',
      fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => Buffer.from(octets).toString('hex')),
    ),
  );
  const manager = several(
    host.map((name) => ({ host: name })),
    optional('ethernetPhonePort', port),
    optional('securedEthernetPhonePort', port),
    optional('sipPort', port),
    optional('securedSipPort', port),
  );
  const telephony = several(
    common,
    fc.record({ managers: fc.array(manager, { maxLength: 5 }) }),
    optional('deviceSecurityMode', fc.constantFrom(...Object.keys(securityModes))),
    optional('transport', fc.constantFrom(...Object.keys(transports))),
  );
  const line = several(
    fc.record({ name: shown, others }),
    optional('displayName', shown),
    optional('label', shown),
    optional('proxy', shown),
    optional('port', port),
    optional('contact', shown),
    optional('authentication', fc.record({ name: shown, password: shown.map((value) => new Redacted(value)) })),
  );
  const lines = fc.array(line, { maxLength: 4 }).map((each) => each.map((value, at) => ({ ...value, button: at + 1 })));
  const full = several(
    fc.record({
      kind: fc.constant('full'),
      lines,
      trustVerification: fc.array(server, { maxLength: 5 }),
      others: fc.record({ root: others, devicePool: others, sipProfile: others }),
    }),
    telephony,
    optional('deviceProtocol', fc.constantFrom('SIP', 'SCCP')),
    optional('phoneLabel', shown),
    optional('versionStamp', shown),
    optional('tlsResumptionTimer', fc.nat({ max: 86_400 })),
  ) as fc.Arbitrary<PhoneConfiguration>;
  const stub = several(fc.constant({ kind: 'stub' }), common) as fc.Arbitrary<StubConfiguration>;
  const load = several(fc.record({ deviceType: fc.nat({ max: 999_999 }), load: shown }), optional('model', shown));
  const defaults = several(
    fc.record({
      kind: fc.constant('default'),
      loads: fc.uniqueArray(load, { maxLength: 4, selector: ({ deviceType }) => deviceType }),
      others: fc.record({ root: others, devicePool: others }),
    }),
    telephony,
  ) as fc.Arbitrary<DefaultConfiguration>;

  test.each<[string, fc.Arbitrary<ConfigurationFile>]>([
    ['full', full],
    ['stub', stub],
    ['default', defaults],
  ])('%s: every value', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (file) => {
        expect(revealed(readFile(serializeConfiguration(file)))).toEqual(revealed(file));
      }),
    );
  });

  test.each(['stub.cnf.xml', 'stub-of-certutils.cnf.xml', 'plain.cnf.xml', 'default.cnf.xml'])(
    'the sample %s means the same',
    (name) => {
      const file = readFile(vector(name));
      expect(revealed(readFile(serializeConfiguration(file)))).toEqual(revealed(file));
    },
  );
});
