import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { alice, Ear, proxy, wire } from './messages.fixture.ts';

const register = (cseq: number, more = '', expires = 'expires=3600') =>
  wire(`REGISTER sip:pbx.example SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK${cseq}
From: "Alice" <sip:1001@pbx.example>;tag=r1
To: "Alice" <sip:1001@pbx.example>
Call-ID: register@192.0.2.10
CSeq: ${cseq} REGISTER
User-Agent: Yealink SIP-T54W 96.86.0.70
Contact: <sip:1001@192.0.2.10:5060;transport=udp>;${expires}${more === '' ? '' : `\n${more}`}`);

const challenge = wire(`SIP/2.0 401 Unauthorized
Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
From: "Alice" <sip:1001@pbx.example>;tag=r1
To: "Alice" <sip:1001@pbx.example>;tag=s
Call-ID: register@192.0.2.10
CSeq: 1 REGISTER
WWW-Authenticate: Digest  realm="asterisk",nonce="1700000000/abcdef",opaque="12",algorithm=MD5,qop="auth"`);

const md5 = (text: string) => hash('md5', text, 'hex');

test('a registration is told once, with who is reached where; a second contact anew; none where it only asks', () => {
  const ear = new Ear()
    .hear(alice, proxy, register(1))
    .hear(alice, proxy, register(2))
    .hear(alice, proxy, register(3, '', 'expires=0'))
    .hear(alice, proxy, register(4).replace(/Contact:.*\r\n/, ''));
  expect(ear.observations.legs()).toEqual([]);
  expect(ear.observations.disclosures().map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
    [
      'registration',
      'sip:1001@pbx.example',
      'is reached at sip:1001@192.0.2.10:5060;transport=udp for 3600 s by Yealink SIP-T54W 96.86.0.70',
    ],
    ['registration', 'sip:1001@pbx.example', 'leaves sip:1001@192.0.2.10:5060;transport=udp'],
  ]);
});

test('a digest is told with its challenge, once, and as the line that a cracker reads; the password is not tried', () => {
  const [user, realm, password, uri] = ['1001', 'asterisk', 'secret', 'sip:pbx.example:5060'];
  const [nonce, cnonce, count] = ['1700000000/abcdef', 'c0ffee', '00000001'];
  const answer = md5(
    `${md5(`${user}:${realm}:${password}`)}:${nonce}:${count}:${cnonce}:auth:${md5(`REGISTER:${uri}`)}`,
  );
  const credentials = `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${answer}", algorithm=MD5, cnonce="${cnonce}", opaque="12", qop=auth, nc=${count}`;
  const ear = new Ear()
    .hear(alice, proxy, register(1))
    .hear(proxy, alice, challenge)
    .hear(alice, proxy, register(2, credentials))
    .hear(alice, proxy, register(3, credentials));
  const [digest, ...others] = ear.observations.disclosures().filter(({ kind }) => kind === 'crackable-digest');
  expect(others).toEqual([]);
  expect(digest).toMatchObject({ subject: '1001', place: { number: 3 }, protocol: 'SIP', from: alice, to: proxy });
  expect(digest?.detail).toBe('realm "asterisk", algorithm MD5, qop auth, in REGISTER, challenged in packet 2');
  // As hashcat's mode 11400 puts it together: what it hashes for a right guess is the answer.
  const line = digest?.secret ?? '';
  expect(line).toBe(
    `$sip$*192.0.2.1*192.0.2.10*1001*asterisk*REGISTER*sip*pbx.example*5060*${nonce}*${cnonce}*${count}*auth*MD5*${answer}`,
  );
  const [, , , name = '', inRealm = '', method = '', ...rest] = line.split('*');
  const [prefix, resource, suffix, ...proof] = rest;
  const guess = md5(
    `${md5(`${name}:${inRealm}:${password}`)}:${proof[0]}:${proof[2]}:${proof[1]}:${proof[3]}:${md5(`${method}:${prefix}:${resource}:${suffix}`)}`,
  );
  expect(guess).toBe(proof[5]);
});

test('of another algorithm the fields are given as they are (RFC 8760); an empty answer is none', () => {
  const header = (algorithm: string, response: string) =>
    `Proxy-Authorization: Digest username="u",realm="r*x",nonce="n",uri="sip:a",response="${response}",algorithm=${algorithm}`;
  const ear = new Ear()
    .hear(alice, proxy, register(1, header('SHA-256', 'ab'.repeat(32))))
    .hear(alice, proxy, register(2, header('MD5', 'cd'.repeat(16))))
    .hear(alice, proxy, register(3, header('AKAv1-MD5', '')));
  const found = ear.observations.disclosures().filter(({ kind }) => kind === 'crackable-digest');
  expect(found.map(({ secret }) => JSON.parse(secret ?? '').algorithm)).toEqual(['SHA-256', 'MD5']);
});

test('Basic is a password that lies open, and stands in no word but the secret', () => {
  const ear = new Ear().hear(alice, proxy, register(1, `Authorization: Basic ${btoa('1001:hush:hush')}`));
  const found = ear.observations.disclosures().find(({ kind }) => kind === 'clear-password');
  expect(found).toMatchObject({ subject: '1001', secret: 'hush:hush' });
  expect(JSON.stringify({ ...found, secret: undefined })).not.toContain('hush');
});

test('words that people write are told by their length; OPTIONS and SUBSCRIBE make no call', () => {
  const other = (method: string, body = '') =>
    wire(
      `${method} sip:1002@pbx.example SIP/2.0
f: <sip:1001@pbx.example>;tag=1
t: <sip:1002@pbx.example>
i: ${method}
CSeq: 1 ${method}
c: text/plain`,
      body,
    );
  const ear = new Ear()
    .hear(alice, proxy, other('MESSAGE', 'meet me at nine'))
    .hear(alice, proxy, other('MESSAGE', 'meet me at nine'))
    .hear(alice, proxy, other('OPTIONS'))
    .hear(alice, proxy, other('SUBSCRIBE'));
  expect(ear.observations.legs()).toEqual([]);
  expect(ear.observations.disclosures()).toMatchObject([
    { kind: 'message', subject: 'sip:1001@pbx.example to sip:1002@pbx.example', detail: '17 octets of text/plain' },
  ]);
});
