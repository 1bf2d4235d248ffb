import { describe, expect, test } from 'vitest';
import { IpsecError } from '../error.ts';
import { connectionMessage } from '../tunnel-configuration.ts';
import { type ViciFields, viciMessage } from '../vici/message.ts';
import { encodeViciRequest } from '../vici/packet.ts';
import { ViciRelay } from './relay.ts';

const command = (name: string, fields: ViciFields = {}) =>
  encodeViciRequest({ kind: 'command', name, message: viciMessage(fields) });
const ours = connectionMessage(
  {
    name: 'gw1',
    localAddress: '10.98.0.1',
    remoteAddress: '10.98.0.2',
    mode: 'tunnel',
    profile: 'standard',
    authentication: {
      kind: 'certificate',
      localIdentity: 'manager.example',
      localCertificate: Uint8Array.of(0x30, 1),
      remoteIdentity: 'gw1.example',
      remote: { kind: 'certificate', certificate: Uint8Array.of(0x30, 2) },
    },
  },
  'kernel-libipsec',
);

describe('between the manager and the IKE daemon', () => {
  test('what the manager needs goes on as it came, in whatever pieces it comes', () => {
    const relay = new ViciRelay();
    const request = encodeViciRequest({ kind: 'command', name: 'load-conn', message: ours });
    expect(relay.receive(request.subarray(0, 9))).toEqual({ forward: [], refused: [], answers: [] });
    expect(relay.receive(request.subarray(9)).forward).toEqual([request]);
    const events = encodeViciRequest({ kind: 'register', name: 'child-updown' });
    expect(relay.receive(events).forward).toEqual([events]);
  });

  test.each<[string, Uint8Array]>([
    ['what reloads settings', command('reload-settings')],
    ['what installs policies', command('install', { child: 'x' })],
    ['what reads keys from files', command('load-token', { handle: '1' })],
    ['a program that the daemon would run', command('load-conn', { gw1: { children: { a: { updown: '/bin/sh' } } } })],
    ['one by another way', command('load-conn', { gw1: { updown: '/bin/sh' } })],
    ['a certificate in a file', command('load-conn', { gw1: { remote: { cert1: { file: '/etc/shadow' } } } })],
  ])('%s is answered as unknown, and the daemon never hears of it', (_, request) => {
    const { forward, refused, answers } = new ViciRelay().receive(request);
    expect([forward, refused.length]).toEqual([[], 1]);
    expect(answers).toEqual([Uint8Array.of(0, 0, 0, 1, 2)]);
  });

  test.each<[string, number[]]>([
    ['an answer', [0, 0, 0, 1, 1]],
    ['a length without end', [255, 255, 255, 255]],
    ['a name that ends early', [0, 0, 0, 3, 0, 9, 65]],
  ])('%s ends the connection', (_, octets) => {
    expect(() => new ViciRelay().receive(Uint8Array.from(octets))).toThrow(IpsecError);
  });
});
