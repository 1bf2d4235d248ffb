import { readFileSync } from 'node:fs';
import { nearestName, problemLine } from '@trustline/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configurationKeys } from './keys.ts';
import { environmentOverrides, flagOverrides, otherVariables, overridableKeys, variableOf } from './overrides.ts';
import { type ConfigurationProblem, readConfiguration } from './read.ts';
import { configurationReference } from './reference.ts';

const lineOf = (problem: ConfigurationProblem) => problemLine(problem.source, problem);

function problems(text: string): readonly string[] {
  const reading = readConfiguration(text);
  return reading.ok ? [] : reading.problems.map(lineOf);
}

describe('the document', () => {
  test('may be empty: the defaults are mixed mode, TLS on 5061, prefer, nothing legacy, no HTTPS', () => {
    const reading = readConfiguration('');
    expect(reading).toMatchObject({
      ok: true,
      configuration: {
        securityMode: 'mixed',
        listeners: [
          { transport: 'tls', port: 5061, legacy: false },
          { transport: 'tcp', port: 5060, digestAlgorithms: ['SHA-256'] },
          { transport: 'udp', port: 5060, digestAlgorithms: ['SHA-256'] },
        ],
        calls: { policy: 'prefer' },
      },
    });
    expect(reading.ok && reading.configuration.api.https).toBeUndefined();
  });

  test('names an unknown key with its line and the nearest valid name, at every depth', () => {
    expect(problems('nod: x\nlisteners:\n  - transport: tls\n    prot: 1\nlog:\n  lvel: info\nxylophone: 1\n')).toEqual(
      [
        'trustline.yaml:1: nod: There is no such key. Did you mean node?',
        'trustline.yaml:4: listeners[0].prot: There is no such key. Did you mean port?',
        'trustline.yaml:6: log.lvel: There is no such key. Did you mean level?',
        'trustline.yaml:7: xylophone: There is no such key.',
      ],
    );
  });

  test('says what a wrong value is and what it may be', () => {
    expect(problems('log:\n  level: inf')).toEqual([
      'trustline.yaml:2: log.level: Allowed are error, warn, info and debug. It is "inf". Did you mean info?',
    ]);
    expect(problems('dialPlan:\n  - to: block\n    pattern: 9.X?\n    reason: no')).toEqual([
      expect.stringMatching(/^trustline\.yaml:3: dialPlan\[0\]\.pattern: '\?' means nothing in a pattern/),
    ]);
  });

  test.each([
    ['calls: { policy: maybe }', 'calls.policy: Allowed are require, prefer and forbid. It is "maybe".'],
    [
      'listeners: [{ transport: tsl }]',
      'listeners[0].transport: Allowed are tls, tcp, udp, wss, sccp, sccp-tls and h323. It is "tsl". Did you mean tls?',
    ],
    [
      'listeners: [{ port: 5 }]',
      'listeners[0].transport: It is missing. Allowed are tls, tcp, udp, wss, sccp, sccp-tls and h323.',
    ],
    [
      'calls: { suites: [x] }',
      'calls.suites[0]: Allowed are AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32, AES_192_CM_HMAC_SHA1_80, AES_192_CM_HMAC_SHA1_32, AES_256_CM_HMAC_SHA1_80, AES_256_CM_HMAC_SHA1_32, F8_128_HMAC_SHA1_80, AEAD_AES_128_GCM and AEAD_AES_256_GCM. It is "x".',
    ],
    ['drainSeconds: soon', 'drainSeconds: Allowed is a number. It is "soon".'],
    ['limits: { calls: 1.5 }', 'limits.calls: Allowed is a whole number. It is 1.5.'],
    ['limits: { calls: 0 }', 'limits.calls: The least is 1. It is 0.'],
    ['calls: { noAnswerSeconds: 4000 }', 'calls.noAnswerSeconds: The most is 3600. It is 4000.'],
    ['log: { json: perhaps }', 'log.json: Allowed is true or false. It is "perhaps".'],
    ['alarms: { events: [lab-trsut] }', 'alarms.events[0]: There is no such kind of event. It is "lab-trsut".'],
    ['listeners: []', 'listeners: At least 1 item must be given. It is [].'],
    ['identity: { hosts: [""] }', 'identity.hosts[0]: It may not be empty. It is "".'],
    [
      'dialPlan: [{ to: lines, pattern: "9", schedule: nite }]',
      'dialPlan[0].schedule: There is no such schedule; there is: none. It is "nite".',
    ],
    [
      'dialPlan: [{ to: hunt-group, pattern: "9", name: sales }]',
      'dialPlan[0].name: There is no such hunt group; there is: none. It is "sales".',
    ],
    [
      'dialPlan: [{ to: conference, pattern: "5000", name: all }]\nmedia: { relay: never }',
      'dialPlan[0].to: The media relay mixes conferences, and media.relay is never. It is "conference".',
    ],
    [
      'callingSearchSpaces: [{ name: staff, partitions: [national] }]',
      'callingSearchSpaces[0].partitions[0]: There is no such partition; there is: none. It is "national".',
    ],
    [
      'schedules: [{ name: s, timeZone: Berlin, periods: [{ days: [monday], from: "08:00", to: "17:00" }] }]',
      'schedules[0].timeZone: A time zone is named as in Europe/Berlin, or UTC. It is "Berlin".',
    ],
    [
      'schedules: [{ name: s, periods: [{ days: [monday], from: "8:00", to: "17:00" }] }]',
      'schedules[0].periods[0].from: A time is written 08:30, up to 24:00. It is "8:00".',
    ],
    [
      '{ dialPlan: [{ to: trunk, pattern: "0.!", devices: [a, b], order: by-load }], trunks: [{ device: a, channels: 30 }, { device: b }] }',
      'dialPlan[0].order: By load is by the part of its channels that each has in use: give trunks[].channels of b. It is "by-load".',
    ],
    [
      '{ trunks: [{ device: a, address: "sip:192.0.2.1" }], listeners: [{ transport: tls, port: 5061 }] }',
      'trunks[0].address: Datagrams to it go out by a listener, and none is for udp: add { transport: udp, port: 5060 } to listeners. It is "sip:192.0.2.1".',
    ],
    [
      'trunks: [{ device: a, registration: {} }]',
      'trunks[0].device: Credentials, registration and identifiedBy are of a trunk that the manager connects to: give its address. It is "a".',
    ],
    [
      'ipsec: { tunnels: [{ gateway: gw1, local: 10.0.0.1, remote: 10.0.0.2, preSharedKeyFile: key }] }',
      'ipsec.tunnels[0].preSharedKeyFile: A pre-shared key is taken under `profile: legacy` only. It is "key".',
    ],
    ['dialPlan: [{ to: lines, pattern: 9 }]', 'dialPlan[0].pattern: Allowed is text: put it in quotes. It is 9.'],
  ])('says in plain words what is allowed: %s', (text, problem) => {
    expect(problems(text)).toEqual([`trustline.yaml:1: ${problem}`]);
  });

  test.each(['a: [', '- 1', 'a: 1\na: 2', '&a [*a, *a]', '\u0000'])('that is no configuration is told: %j', (text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });

  test('whatever stands in it, reading never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readConfiguration(text)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void readConfiguration(JSON.stringify(value))));
  });
});

describe('overrides', () => {
  test('rank: flag over variable over document', () => {
    const overrides = [
      ...environmentOverrides({ TRUSTLINE_LOG_LEVEL: 'warn', TRUSTLINE_NODE: '1234', PATH: '/bin' }).overrides,
      ...flagOverrides(['log.level=error', 'listeners=[{transport: tls, port: 0}]']).overrides,
    ];
    const reading = readConfiguration('log: { level: debug }\nnode: n', { overrides });
    expect(reading).toMatchObject({
      ok: true,
      configuration: { log: { level: 'error' }, node: '1234', listeners: [{ transport: 'tls', port: 0 }] },
    });
  });

  test('that name no key are told with the nearest', () => {
    const { problems: variables } = environmentOverrides({ TRUSTLINE_LOGLEVEL: 'warn' });
    expect(variables.map(lineOf)).toEqual([
      'variable TRUSTLINE_LOGLEVEL: There is no such variable. Did you mean TRUSTLINE_LOG_LEVEL?',
    ]);
    const { problems: flags } = flagOverrides(['log.levle=warn', 'node']);
    expect(flags.map(lineOf)).toEqual([
      '--set log.levle=warn: There is no such key. Did you mean log.level?',
      '--set node: A value is missing: write key=value.',
    ]);
  });

  test('with a wrong value are blamed on the variable and not on the document', () => {
    const { overrides } = environmentOverrides({ TRUSTLINE_DRAIN_SECONDS: 'soon' });
    const reading = readConfiguration('node: n', { overrides });
    expect(!reading.ok && reading.problems.map(lineOf)).toEqual([
      expect.stringMatching(/^variable TRUSTLINE_DRAIN_SECONDS: drainSeconds: /),
    ]);
  });

  test('have one variable a key', () => {
    const names = [...overridableKeys().values()].map(({ path }) => variableOf(path));
    expect(new Set([...names, ...otherVariables]).size).toBe(names.length + otherVariables.length);
  });
});

test('every key is documented, and has a default unless it must be given or is off', () => {
  const off = [
    'api.https',
    'callBack',
    'media.address',
    'media.holdFile',
    'skinny.timeZone',
    'voiceMailNumber',
    'identity.passphraseFile',
    'dialPlan.[].policy',
    'dialPlan.[].partition',
    'dialPlan.[].schedule',
    'huntGroups.[].otherwise',
    ...[
      'identity',
      'localIdentity',
      'certificateFile',
      'authorityFile',
      'preSharedKeyFile',
      'selectors',
      'mediaPorts',
    ].map((key) => `ipsec.tunnels.[].${key}`),
    'alarms.syslog',
    'alarms.syslog.trustFile',
    'alarms.webhook',
    'alarms.webhook.authorizationFile',
    'telemetry.traces',
    'telemetry.traces.authorizationFile',
    'telemetry.traces.trustFile',
    'alarms.webhook.trustFile',
    'trunks.[].address',
    'media.announcementFile',
    'dialPlan.[].leavingProtection',
    'trunks.[].channels',
    'trunks.[].credentials',
    'trunks.[].credentials.passwordFile',
    'trunks.[].credentials.passwordVariable',
    'trunks.[].registration',
    'trunks.[].registration.addressOfRecord',
  ];
  const keys = configurationKeys();
  expect(keys.length).toBeGreaterThan(40);
  for (const { path, schema, required } of keys) {
    const name = path.join('.');
    expect(schema.description, name).toMatch(/\w.*\.$/);
    expect(required || schema.default !== undefined || off.includes(name), name).toBe(true);
  }
});

test('docs/configuration.md is what the schema says (./trustline config reference > docs/configuration.md)', () => {
  const path = new URL('../../../../docs/configuration.md', import.meta.url);
  expect(readFileSync(path, 'utf8')).toBe(configurationReference());
});

test('a name is near within three edits and half its length', () => {
  expect(nearestName('Prot', ['host', 'port'])).toBe('port');
  expect(nearestName('x', ['port'])).toBeUndefined();
  expect(nearestName('completely', ['port', 'host'])).toBeUndefined();
});
