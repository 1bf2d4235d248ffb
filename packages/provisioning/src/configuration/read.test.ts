import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from './read.ts';
import { deskPhone, readFile, vector } from './samples.fixture.ts';
import { serializeConfiguration } from './write.ts';
import { MAXIMUM_CONFIGURATION_LENGTH, MAXIMUM_DEPTH, MAXIMUM_ELEMENTS } from './xml.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const device = (inner: string) => encode(`<device>${inner}</device>`);

describe('samples', () => {
  test('the stub as Cisco shows it: its "False" is false, an empty certHash is none', () => {
    expect(readFile(vector('stub.cnf.xml'))).toEqual({
      kind: 'stub',
      loadInformation: 'SIP75.9-3-1SR2-1S',
      ipAddressMode: 0,
      capf: { authentication: 'none-pending', servers: [{ host: '10.48.46.4', port: 3804 }] },
      encrypted: true,
    });
  });

  test('a plain configuration that says little has nothing made up', () => {
    expect(readFile(vector('plain.cnf.xml'))).toEqual({
      kind: 'full',
      deviceProtocol: 'SCCP',
      loadInformation: 'SCCP75.9-4-2SR4-3S',
      deviceSecurityMode: 'encrypted',
      managers: [],
      lines: [],
      trustVerification: [],
      capf: { authentication: 'none-pending', servers: [{ host: '192.0.2.10', port: 3804 }] },
      encrypted: false,
      others: { root: [], devicePool: [], sipProfile: [] },
    });
  });

  test('the default file: managers by priority, firmwares by device type, what is unknown is kept, passwords redacted', () => {
    const file = readFile(vector('default.cnf.xml'));
    if (file.kind !== 'default') throw new Error('it is another kind');
    expect(file.managers).toEqual([
      { host: '192.0.2.1', ethernetPhonePort: 2000 },
      { host: '192.0.2.2', ethernetPhonePort: 2000 },
    ]);
    expect(file.loads).toEqual([
      { deviceType: 7, model: 'Cisco IP Phone 7960', load: 'P0030801SR02' },
      { deviceType: 436, model: 'Cisco IP Phone 7965', load: 'SCCP45.9-4-2SR3-1S' },
      { deviceType: 30016, model: 'Cisco IP Communicator', load: '' },
    ]);
    expect(file).toMatchObject({ deviceSecurityMode: 'non-secure', transport: 'tcp-and-udp', encrypted: false });
    expect(file.capf).toEqual({ authentication: 'none-pending', servers: [] });
    const names = file.others.root.map(({ name }) => name);
    expect(names).toEqual([
      'allowAutoConfig',
      'commonProfile',
      'vendorConfig',
      'userLocale',
      'sshPassword',
      'useEnblocDialing',
      'messagesURL',
    ]);
    expect(file.others.root[1]?.children[0]?.text).toBeInstanceOf(Redacted);
    expect(JSON.stringify(file)).not.toContain('1234');
  });
});

describe('refused, with the place', () => {
  const bomb = `<!DOCTYPE device [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><device>&b;</device>`;
  const external =
    '<!DOCTYPE device [<!ENTITY x SYSTEM "file:///etc/passwd">]><device><versionStamp>&x;</versionStamp></device>';
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  test.each<[string, Uint8Array, string, number]>([
    ['nothing', new Uint8Array(), 'malformed', 0],
    ['octets that are no text', Uint8Array.of(0x3c, 0xff, 0xfe), 'encoding', 0],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x3c, 0, 0x61, 0), 'encoding', 0],
    ['ISO 8859-1 by its declaration', encode('<?xml version="1.0" encoding="ISO-8859-1"?><device/>'), 'encoding', 0],
    [
      'ISO 8859-1 by its octets',
      Uint8Array.of(...encode('<device><a>'), 0xe9, ...encode('</a></device>')),
      'encoding',
      0,
    ],
    ['NUL', device('<a>\0</a>'), 'malformed', 11],
    ['an entity bomb', encode(bomb), 'document-type', 0],
    ['an external entity', encode(external), 'document-type', 0],
    [
      'a document type from elsewhere',
      encode('<!DOCTYPE device SYSTEM "http://192.0.2.1/x.dtd"><device/>'),
      'document-type',
      0,
    ],
    ['an entity that nobody declared', device('<a>&x;</a>'), 'malformed', 11],
    ['a name of an element that ends another', device('<a></b>'), 'malformed', 11],
    ['two roots', encode('<device/><device/>'), 'malformed', 9],
    ['something after the root', encode('<device/>x'), 'malformed', 9],
    ['an attribute twice', device('<a b="1" b="2"/>'), 'malformed', 22],
    [
      'more elements within each other than phones know',
      device(nested(MAXIMUM_DEPTH)),
      'too-deep',
      8 + 3 * (MAXIMUM_DEPTH - 1),
    ],
    ['more elements than any file has', device('<a/>'.repeat(MAXIMUM_ELEMENTS)), 'too-large', 0],
    ['depth that would use up the stack', encode(nested(30_000)), 'too-large', 0],
    [
      'a file too long',
      new Uint8Array(MAXIMUM_CONFIGURATION_LENGTH + 1).fill(0x20),
      'too-large',
      MAXIMUM_CONFIGURATION_LENGTH,
    ],
    ['text beside elements', device('é<a/>'), 'mixed-content', 0],
    ['another root', encode('<CiscoIPPhoneText/>'), 'root', 0],
    [
      'the security mode twice',
      device('<deviceSecurityMode>3</deviceSecurityMode><deviceSecurityMode>1</deviceSecurityMode>'),
      'duplicate-element',
      50,
    ],
    ['a security mode that does not exist', device('<deviceSecurityMode>4</deviceSecurityMode>'), 'bad-value', 8],
    ['a security mode in words', device('<deviceSecurityMode>encrypted</deviceSecurityMode>'), 'bad-value', 8],
    ['a security mode with elements in it', device('<deviceSecurityMode><a/></deviceSecurityMode>'), 'bad-value', 8],
    ['a capfAuthMode that does not exist', device('<capfAuthMode>9</capfAuthMode>'), 'bad-value', 8],
    ['neither true nor false', device('<encrConfig>yes</encrConfig>'), 'bad-value', 8],
    ['a hash that is none', device('<certHash>xyz</certHash>'), 'bad-value', 8],
    ['a protocol that is none', device('<deviceProtocol>H323</deviceProtocol>'), 'bad-value', 8],
    ['a port past the end', device('<capfList><capf><phonePort>65536</phonePort></capf></capfList>'), 'bad-value', 24],
    ['a line without a button', device('<sipProfile><sipLines><line/></sipLines></sipProfile>'), 'bad-value', 30],
    [
      'six call managers',
      device(
        `<devicePool><callManagerGroup><members>${'<member/>'.repeat(6)}</members></callManagerGroup></devicePool>`,
      ),
      'bad-value',
      92,
    ],
    [
      'the place is counted in octets',
      encode('<device><a>é🎉</a><encrConfig>no</encrConfig></device>'),
      'bad-value',
      21,
    ],
    [
      'also after a byte order mark and CR LF',
      encode('\ufeff<device>\r\n<encrConfig>no</encrConfig></device>'),
      'bad-value',
      13,
    ],
    ['and where the parser stops', encode('<device><a>é🎉</a><b></device>'), 'malformed', 24],
  ])('%s', (_, octets, code, offset) => {
    expect(parseConfiguration(octets)).toMatchObject({ ok: false, code, offset });
  });

  test('a file cut short anywhere', () => {
    const whole = serializeConfiguration(deskPhone);
    for (let length = 0; length < whole.length - 1; length += 1) {
      const result = parseConfiguration(whole.subarray(0, length));
      if (result.ok) throw new Error(`the first ${length} octets of ${whole.length} were taken`);
      expect(['malformed', 'encoding']).toContain(result.code); // encoding: cut within a character
      expect(result.offset).toBeLessThanOrEqual(length);
    }
  });

  test('no message quotes the file: it may hold a password', () => {
    const damaged = device('<authPassword>canary&canary;canary</authPassword>');
    const bad = device('<capfAuthMode>canary</capfAuthMode>');
    for (const octets of [damaged, bad]) expect(JSON.stringify(parseConfiguration(octets))).not.toContain('canary');
  });
});

test('any octets give a value or the typed reject', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string().map(encode)), (octets) => {
      const result = parseConfiguration(octets);
      if (!result.ok) expect(result.offset).toBeLessThanOrEqual(octets.length);
    }),
  );
});

test('a byte order mark, comments, CDATA, character references and white space change nothing', () => {
  const file = readFile(
    '\ufeff<device>\r\n<!-- x --><versionStamp><![CDATA[a<b]]>&#38;&lt;</versionStamp>\t<encrConfig> TRUE </encrConfig></device>',
  );
  expect(file).toMatchObject({ kind: 'full', versionStamp: 'a<b&<', encrypted: true });
});
