import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Redacted } from '@trustline/base';
import { capfCommand, capfElement, element, encodeCapfMessage, encodeTftpPacket } from '@trustline/provisioning';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fuzz } from '../../../fuzz/provisioning.ts';
import { clear } from '../../model/exposure.ts';
import { Observations } from '../../model/observations.ts';
import { readConversation, type Said } from '../conversation.fixture.ts';
import type { SignallingProtocolReaders } from '../reader.ts';
import { isInteresting } from './files.ts';
import { provisioningReaders } from './readers.ts';
import { findSecrets, namesSecret } from './secrets.ts';
import { type Datagram, fileServer, phone, readTransfer, transferPort } from './transfers.fixture.ts';

function readersOf(name: string): SignallingProtocolReaders {
  const found = provisioningReaders.find((readers) => readers.name === name);
  if (found === undefined) throw new Error(`nothing reads ${name}`);
  return found;
}
const [tftp, http, capf] = [readersOf('tftp'), readersOf('http'), readersOf('capf')];
const octetsOf = (text: string) => new TextEncoder().encode(text);
const trustFile = (name: string) => {
  const path = fileURLToPath(new URL(`../../../../pki/vectors/trust-files/${name}`, import.meta.url));
  return new Uint8Array(readFileSync(path));
};

/** Reads datagrams as the recogniser gives them on: each that says what it is, or that a reader expects. */
function heard(said: readonly Datagram[]): Observations {
  const observations = new Observations();
  const reader = tftp.openDatagrams?.({ observations, exposure: clear });
  for (const [at, [from, to, octets]] of said.entries()) {
    if (tftp.recogniseDatagram?.(octets) !== true && reader?.expects?.(from, to, octets) !== true) continue;
    reader?.datagram(from, to, octets, { number: at + 1, microseconds: at }, false);
  }
  reader?.end?.();
  return observations;
}

const told = (observations: Observations) =>
  observations.disclosures().map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`);
const secrets = (observations: Observations) => observations.disclosures().flatMap(({ secret }) => secret ?? []);

const configuration = octetsOf(`<?xml version="1.0"?>
<device>
  <deviceProtocol>SIP</deviceProtocol>
  <sshUserId>cisco</sshUserId><sshPassword>let me in</sshPassword>
  <sipProfile><sipLines><line button="1"><authName>2001</authName><authPassword>4711&amp;</authPassword></line></sipLines></sipProfile>
  <vendorConfig><webAccess>0</webAccess></vendorConfig>
  <deviceSecurityMode>1</deviceSecurityMode><transportLayerProtocol>2</transportLayerProtocol>
  <phonePassword></phonePassword><passwordMinLength>8</passwordMinLength>
</device>
`);
const name = 'SEP001122334455.cnf.xml';
const ofConfiguration = [
  `phone-configuration ${name}: device security mode non-secure, SIP by UDP, web access on, 2 secrets`,
  `clear-password ${name}: sshPassword, user cisco`,
  `clear-password ${name}: authPassword, user 2001`,
];

describe('a file that is read by TFTP', () => {
  test.each([
    ['in blocks of 512', {}],
    ['in blocks of another size that was agreed', { blockSize: 100 }],
    ['in one block', { blockSize: 1_428 }],
  ])('%s is put together, and its secrets are told by name', (_, options) => {
    const observations = heard(readTransfer(name, configuration, options));
    expect(told(observations)).toEqual(ofConfiguration);
    expect(secrets(observations)).toEqual(['let me in', '4711&']);
    expect(observations.disclosures()[0]).toMatchObject({ from: fileServer, to: phone, place: { number: 1 } });
  });

  test('with blocks that come again, and late, is the same', () => {
    const said = readTransfer(name, configuration, { blockSize: 100 });
    const [request, first, second] = [said[0], said[3], said[5]];
    if (request === undefined || first === undefined || second === undefined) throw new Error('it is longer');
    const again = [request, request, ...said.slice(1, 3), second, first, first, ...said.slice(4)];
    expect(told(heard(again))).toEqual(ofConfiguration);
  });

  test('of which the capture has not all is told as far as it goes, also where it ends before', () => {
    const said = readTransfer(name, configuration, { blockSize: 100 });
    const blocks = said.flatMap(([from], at) => (from === transferPort ? [at] : []));
    const observations = heard(said.filter((_, at) => at !== blocks.at(-2)));
    expect(told(observations)[0]).toContain('the capture has not all of it');
    expect(secrets(observations)).toContain('let me in');
    const cut = heard(said.slice(0, 6));
    expect(told(cut)[0]).toContain('the capture has not all of it');
    expect(secrets(cut)).toEqual(['let me in']);
  });

  test('beside another at the same time is kept apart from it', () => {
    const other = { client: { ...phone, port: 49_002 }, server: { ...transferPort, port: 34_568 }, blockSize: 100 };
    const one = readTransfer(name, configuration, { blockSize: 100 });
    const two = readTransfer(
      'y000000000028.cfg',
      octetsOf('account.1.auth_name = 7\naccount.1.password = seven\n'),
      other,
    );
    const mixed = one.flatMap((datagram, at) => [datagram, ...(two[at] === undefined ? [] : [two[at]])]);
    expect(secrets(heard(mixed)).toSorted()).toEqual(['4711&', 'let me in', 'seven']);
  });

  test('whose block numbers wrap is put together beyond 65,535', () => {
    const file = new Uint8Array(8 * 65_600).fill(0x20);
    file.set(octetsOf('<device><sshPassword>far away</sshPassword></device>'), 0);
    const said = readTransfer(name, file, { blockSize: 8 });
    const observations = heard(said.filter(([from], at) => at < 3 || from === transferPort));
    expect(secrets(observations)).toEqual(['far away']);
    expect(told(observations)[0]).not.toContain('not all');
  });

  test('is put together when it is written too', () => {
    const said: Datagram[] = [
      [
        phone,
        fileServer,
        encodeTftpPacket({ kind: 'write-request', fileName: 'router.cfg', mode: 'octet', options: [] }),
      ],
      [transferPort, phone, encodeTftpPacket({ kind: 'acknowledgement', block: 0 })],
      [phone, transferPort, encodeTftpPacket({ kind: 'data', block: 1, data: octetsOf('enable_secret = hush\n') })],
    ];
    const observations = heard(said);
    expect(secrets(observations)).toEqual(['hush']);
    expect(observations.disclosures()[0]).toMatchObject({ from: phone, to: fileServer });
  });

  test('and is firmware, longer than any configuration, or of no interest is not kept', () => {
    const firmware = octetsOf('<device><sshPassword>x</sshPassword></device>');
    expect(told(heard(readTransfer('SCCP45.9-4-2SR3-1S.loads', firmware)))).toEqual([]);
    expect(['Ringlist.xml', 'a/b/c.sbn', 'logo.png'].map(isInteresting)).toEqual([false, false, false]);
    const long = new Uint8Array(5 << 20).fill(0x61);
    expect(told(heard(readTransfer(name, long, { blockSize: 65_464 })))).toEqual([]);
  });
});

describe('trust lists and signed files', () => {
  test('a CTL is told with who signed it, whether that holds, and what is in it', () => {
    const observations = heard(readTransfer('CTLSEP001122334455.tlv', trustFile('CTLFile.tlv')));
    const [line] = told(observations);
    expect(line).toMatch(
      /^trust-list CTLSEP001122334455\.tlv: \d entries \(.*SAST.*\); signed by .*, who is in it; SHA-1; mixed mode$/,
    );
  });

  test('an ITL that was changed on the way is told with what does not hold', () => {
    const octets = trustFile('ITLFile.tlv');
    octets[octets.byteLength - 20] = (octets[octets.byteLength - 20] ?? 0) ^ 1;
    const [line] = told(heard(readTransfer('ITLFile.tlv', octets, { blockSize: 1_428 })));
    expect(line).toMatch(/^trust-list ITLFile\.tlv: \d entries .* does not hold: /);
  });

  test('a signed configuration is read, an encrypted one is said to be that and is no fault', () => {
    const signed = heard(readTransfer('SEP001122334455.cnf.xml.sgn', trustFile('full.SEP001122334455.cnf.xml.sgn')));
    expect(told(signed)[0]).toMatch(/^phone-configuration .*: signed by /);
    const encrypted = heard(
      readTransfer('SEP001122334455.cnf.xml.enc.sgn', trustFile('SEP001122334455.cnf.xml.enc.sgn')),
    );
    expect(encrypted.disclosures()).toMatchObject([{ kind: 'phone-configuration', isProtected: true }]);
    expect(told(encrypted)[0]).toContain('encrypted for the phone, signed by ');
  });
});

describe('settings of other makes', () => {
  test.each([
    [
      'Yealink',
      'account.1.auth_name = 101\naccount.1.password = s3cret\nstatic.security.user_password = admin:adm\n',
      ['s3cret', 'admin:adm'],
    ],
    ['Polycom', '<PHONE_CONFIG><ALL reg.1.auth.userId="102" reg.1.auth.password="poly"/></PHONE_CONFIG>', ['poly']],
    [
      'Grandstream',
      '<gs_provision><config><P2>adminpw</P2><P35>103</P35><P34>grand</P34><P270>x</P270></config></gs_provision>',
      ['adminpw', 'grand'],
    ],
    ['Grandstream, as text', 'P2=adminpw\nP34 = grand\nP64=11\n', ['adminpw', 'grand']],
    [
      'Snom',
      '<settings><user_name idx="1" perm="">104</user_name><user_pass idx="1" perm="">snom!</user_pass></settings>',
      ['snom!'],
    ],
    [
      'Aastra and Mitel',
      'sip line1 auth name: 105\nsip line1 password: mitel\nadmin password: 22222\n',
      ['mitel', '22222'],
    ],
    ['Avaya', 'SET SIPPROXYSRVR 192.0.2.1\nSET PROCPSWD 27238\nSET SIPPASSWORD ava ya\n', ['27238', 'ava ya']],
    ['Panasonic', 'SIP_PASS_1="pana"\nADMIN_PASS="adminpass"\nSIP_PASS_LEN="8"\n', ['pana', 'adminpass']],
    [
      'Linksys and SPA',
      '<flat-profile><User_ID_1_ ua="na">106</User_ID_1_><Password_1_ ua="na">spa</Password_1_></flat-profile>',
      ['spa'],
    ],
    [
      'Grandstream, with names as values',
      '<item name="account.1.sip.subscriber"><part name="userid">108</part><part name="password">grand</part></item>',
      ['grand'],
    ],
    ['Gigaset', '<param name="System.SIP.Account[0].AuthPassword" value="giga"/>', ['giga']],
    ['Snom, as text', 'user_name1!: 109\nuser_pass1!: snom\nadmin_mode_password$: 0000\n', ['snom', '0000']],
    ['Fanvil', 'SIP1 Register User :110\nSIP1 Register Pswd :fan\n', ['fan']],
    ['Polycom, that something is set', '<ALL device.auth.localAdminPassword.set="1"/>', []],
    ['JSON', '{"sip": {"username": "107", "password": "jason"}}', ['jason']],
  ])('%s', (_, text, expected) => {
    expect(findSecrets(text).map(({ value }) => value)).toEqual(expected);
  });

  test('what only speaks of passwords is none, nor is a switch', () => {
    for (const one of [
      'passwordEnable',
      'minPasswordLength',
      'phone.password.prompt',
      'bypass',
      'passThrough',
      'shipping',
      'pinyin',
    ]) {
      expect(namesSecret(one), one).toBe(false);
    }
    expect(findSecrets('<usePassword>true</usePassword><adminPassword></adminPassword>')).toEqual([]);
  });

  test('any text is searched without harm, and no more is told than may be', () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => findSecrets(text).length <= 64));
    const many = Array.from({ length: 500 }, (_, at) => `password${at} = x${at}`).join('\n');
    expect(findSecrets(many)).toHaveLength(64);
  });
});

describe('HTTP', () => {
  const response = (body: Uint8Array, fields: string) =>
    Uint8Array.of(...octetsOf(`HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n${fields}\r\n`), ...body);
  const chunked = Uint8Array.of(
    ...octetsOf(`64\r\n`),
    ...configuration.subarray(0, 100),
    ...octetsOf(`\r\n${(configuration.byteLength - 100).toString(16)};x=y\r\n`),
    ...configuration.subarray(100),
    ...octetsOf('\r\n0\r\nTrailer: 1\r\n\r\n'),
  );
  const zipped = new Uint8Array(gzipSync(configuration));
  const request: Said = ['client', octetsOf(`GET /phones/${name}?x=1 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n`)];

  test.each([
    ['with a length', response(configuration, `Content-Length: ${configuration.byteLength}\r\n`)],
    ['in chunks', response(chunked, 'Transfer-Encoding: chunked\r\n')],
    ['to the end of the connection', response(configuration, '')],
    ['compressed', response(zipped, `Content-Encoding: gzip\r\nContent-Length: ${zipped.byteLength}\r\n`)],
  ])('a configuration that is fetched %s is read, however it is cut', (_, answer) => {
    for (const size of [answer.byteLength, 1, 100]) {
      const pieces = Array.from(
        { length: Math.ceil(answer.byteLength / size) },
        (_, at): Said => ['server', answer.subarray(at * size, (at + 1) * size)],
      );
      const observations = readConversation(http, [request, ...pieces]);
      expect(told(observations)).toEqual(ofConfiguration);
    }
  });

  test('octets that are missing in a body leave the rest of it, and the next answer', () => {
    const answer = response(configuration, `Content-Length: ${configuration.byteLength}\r\n`);
    const tail = answer.subarray(answer.byteLength - 80);
    const said: Said[] = [
      request,
      ['server', answer.subarray(0, answer.byteLength - 100)],
      ['server', 20],
      ['server', tail],
      request,
      ['server', answer],
    ];
    const lines = told(readConversation(http, said));
    expect(lines[0]).toContain('the capture has not all of it');
    expect(lines.slice(-3)).toEqual(ofConfiguration);
  });

  test('passwords of requests are told once: Basic, in an address, in a form; a digest can be guessed at', () => {
    const fields = `Authorization: Basic ${btoa('admin:pw:1')}\r\n`;
    const form = 'username=bob&password=f%40rm&passwordMode=1';
    const digest = 'Authorization: Digest username="alice", realm="r", nonce="n", uri="/", response="0"\r\n';
    const text = [
      `GET / HTTP/1.1\r\n${fields}\r\n`,
      `GET / HTTP/1.1\r\n${fields}\r\n`,
      'GET /cgi?user=eve&pwd=query HTTP/1.1\r\n\r\n',
      `POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
      `GET / HTTP/1.1\r\n${digest}\r\n`,
    ];
    const observations = readConversation(
      http,
      text.map((one): Said => ['client', octetsOf(one)]),
    );
    expect(observations.disclosures().map(({ kind, subject, secret }) => [kind, subject, secret])).toEqual([
      ['clear-password', 'admin', 'pw:1'],
      ['clear-password', 'eve', 'query'],
      ['clear-password', 'bob', 'f@rm'],
      ['crackable-digest', 'alice', undefined],
    ]);
  });

  test('what expands without end is given up', () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(8 << 20)));
    const answer = response(bomb, `Content-Encoding: gzip\r\nContent-Length: ${bomb.byteLength}\r\n`);
    expect(told(readConversation(http, [request, ['server', answer]]))).toEqual([]);
  });

  test.each([
    ['GET /a HTTP/1.1\r\nHost: x\r\n\r\n', 'yes'],
    ['GET /a HTTP/1.1\r\nHost: x\r\n', 'more'],
    ['HTTP/1.0 404 Not Found\r\n\r\n', 'yes'],
    ['PO', 'more'],
    ['GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n', 'no'],
    ['OPTIONS sip:a SIP/2.0\r\n\r\n', 'no'],
    ['GETTING', 'no'],
  ])('%j is HTTP: %s', (text, expected) => {
    expect(http.recogniseConnection?.(octetsOf(text))).toBe(expected);
  });
});

describe('enrolment in the clear', () => {
  test('an authentication string of CAPF is told, and what is done', () => {
    const message = (command: number, elements: Parameters<typeof encodeCapfMessage>[0]['elements']) =>
      encodeCapfMessage({ command, sessionId: 7, elements });
    const answer = message(capfCommand.AUTH_RES, [
      element(capfElement.version, 3),
      element(capfElement.deviceName, 'SEP001122334455'),
      element(capfElement.password, new Redacted('8675309')),
    ]);
    expect(capf.recogniseConnection?.(answer)).toBe('yes');
    expect(capf.recogniseConnection?.(answer.subarray(0, 12))).toBe('more');
    const said: Said[] = [
      ['server', message(capfCommand.AUTH_REQ, [element(capfElement.version, 3)])],
      ['client', answer],
      ['server', message(capfCommand.STORE_CERT_REQ, [])],
    ];
    const observations = readConversation(capf, said);
    expect(told(observations)).toEqual([
      'enrolment-secret SEP001122334455: authentication string in AUTH_RES',
      'registration SEP001122334455: enrolment: a certificate is stored',
    ]);
    expect(secrets(observations)).toEqual(['8675309']);
  });
});

test('the fuzz target holds on its corpus and for any octets', () => {
  for (const data of corpus()) fuzz(data);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (data) => fuzz(data)));
});
