import { problemLine } from '@trustline/base';
import { describe, expect, test } from 'vitest';
import { dialPeersOf } from './dial-peers.ts';
import { readGatewayConfiguration } from './document.ts';
import { gatewayConfigurationReference } from './reference.ts';

const document = `
name: gw1
h323:
  address: 127.0.0.1
  callManagers:
    - { name: cm1, address: 127.0.0.1 }
ports:
  - { name: 0/1, kind: pri, line: simulation }
dialPeers:
  - { name: out, pattern: 9T, to: { port: 0/1 }, called: { strip: 1 } }
  - { name: in, pattern: "2...", to: { h323: cm1 }, from: [{ port: 0/1 }] }
`;

function problems(text: string): string[] {
  const reading = readGatewayConfiguration(text);
  return reading.ok ? [] : reading.problems.map((problem) => problemLine('gateway.yaml', problem));
}

describe('the document of a gateway', () => {
  test('is read, with what protects by default', () => {
    const reading = readGatewayConfiguration(document);
    if (!reading.ok) throw new Error(problems(document).join('\n'));
    expect(reading.configuration.h323.callManagers[0]).toMatchObject({
      srtp: 'require',
      port: 1720,
      keyReading: 'sender',
    });
    expect(dialPeersOf(reading.configuration).map(({ to, from }) => [to, from])).toEqual([
      [{ kind: 'port', name: '0/1' }, []],
      [{ kind: 'h323', name: 'cm1' }, [{ kind: 'port', name: '0/1' }]],
    ]);
    expect(problems('')).toEqual([]);
  });

  test.each([
    [
      'a key that is none, with the nearest',
      'dialPeers:\n  - { name: a, patern: 9T, to: { port: x } }',
      'dialPeers[0].patern: There is no such key. Did you mean pattern?',
    ],
    [
      'a value that is none, with the nearest',
      'country: DEU',
      'country: Allowed is US or GB or DE or FR. It is "DEU". Did you mean DE?',
    ],
    [
      'what a dial peer names and is not there',
      'dialPeers:\n  - { name: a, pattern: 9T, to: { port: 0/9 } }',
      'There is no port of this name. It is "0/9".',
    ],
    ['a pattern that is none', 'dialPeers:\n  - { name: a, pattern: 9X, to: { port: 0/9 } }', 'dialPeers[0].pattern'],
    [
      'two destinations of one peer',
      'dialPeers:\n  - { name: a, pattern: 9T, to: { port: a, h323: b } }',
      'One of h323, port and trunk',
    ],
    [
      'a name twice',
      'h323:\n  callManagers:\n    - { name: a, address: x }\n    - { name: a, address: y }',
      'gateway.yaml:4: h323.callManagers[1].name: The name is taken already. It is "a".',
    ],
    [
      'a certificate without key',
      'trunks:\n  - { name: a, server: example.com, certificate: x.pem }',
      'Certificate and key go together.',
    ],
    ['a map that is none', '- 1', 'The document is no map of keys.'],
    ['YAML that is none', 'a: [', 'gateway.yaml:1'],
  ])('says of %s', (_, text, line) => {
    expect(problems(text).join('\n')).toContain(line);
  });
});

test('every key is described', () => {
  const reference = gatewayConfigurationReference();
  expect(reference).not.toMatch(/^## .*\n\n\n/m);
  expect(reference).toContain('## `dialPeers[].called.translate[].from`');
});
