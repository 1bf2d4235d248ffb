import { Redacted } from '@trustline/base';
import { describe, expect, test } from 'vitest';
import { strongswanConfiguration } from './daemon-settings.ts';
import { IpsecError } from './error.ts';
import {
  connectionMessage,
  protectedPeer,
  sharedKeyMessage,
  type TunnelConfiguration,
} from './tunnel-configuration.ts';
import { listAt, sectionAt, textAt } from './vici/message.ts';

const standard: TunnelConfiguration = {
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
};
const secret = 'only-for-this-test';
const legacy: TunnelConfiguration = {
  ...standard,
  profile: 'legacy',
  authentication: {
    kind: 'pre-shared-key',
    localIdentity: '10.98.0.1',
    remoteIdentity: '10.98.0.2',
    key: new Redacted(Buffer.from(secret)),
  },
};

describe('the connection of a gateway', () => {
  const connection = sectionAt(connectionMessage(standard, 'kernel-libipsec'), 'gw1') ?? [];
  const child = sectionAt(sectionAt(connection, 'children') ?? [], 'signalling') ?? [];

  test('pins the certificate and the identity of the far end', () => {
    const remote = sectionAt(connection, 'remote') ?? [];
    expect(textAt(remote, 'id')).toBe('gw1.example');
    expect(listAt(remote, 'certs')).toEqual(['0\u0002']);
  });

  test('or its authority, and never any that is known', () => {
    const authority = Uint8Array.of(0x30, 3);
    const { authentication } = standard;
    if (authentication.kind !== 'certificate') throw new Error('it uses certificates');
    const message = connectionMessage(
      { ...standard, authentication: { ...authentication, remote: { kind: 'authority', authority } } },
      'kernel-libipsec',
    );
    const remote = sectionAt(sectionAt(message, 'gw1') ?? [], 'remote') ?? [];
    expect([textAt(remote, 'id'), listAt(remote, 'cacerts'), listAt(remote, 'certs')]).toEqual([
      'gw1.example',
      ['0\u0003'],
      [],
    ]);
  });

  test('protects the two addresses whole, and keeps its route while it is down', () => {
    expect(listAt(child, 'local_ts')).toEqual(['10.98.0.1/32']);
    expect(listAt(child, 'remote_ts')).toEqual(['10.98.0.2/32']);
    expect(textAt(child, 'start_action')).toBe('trap');
  });

  test('offers no weak algorithm', () => {
    const offered = [...listAt(connection, 'proposals'), ...listAt(child, 'esp_proposals')].join();
    expect(offered).not.toMatch(/sha1|modp|3des|cbc|aes(128|256)-/);
  });

  test('under legacy is IKEv1 main mode with what gateways of 2013 know', () => {
    const old = sectionAt(connectionMessage(legacy, 'kernel'), 'gw1') ?? [];
    expect([textAt(old, 'version'), textAt(old, 'aggressive')]).toEqual(['1', 'no']);
    expect(listAt(old, 'proposals')).toEqual(['aes128-sha1-modp1024']);
    expect(sharedKeyMessage(standard)).toBeUndefined();
  });

  test('a pre-shared key is owned by exactly two identities', () => {
    expect(listAt(sharedKeyMessage(legacy) ?? [], 'owners')).toEqual(['10.98.0.1', '10.98.0.2']);
    expect(JSON.stringify(legacy)).not.toContain(secret);
  });

  test('what the proof has to find', () => {
    expect(protectedPeer(standard)).toEqual({ connection: 'gw1', mode: 'tunnel', remoteIdentity: 'gw1.example' });
  });

  test.each<[string, TunnelConfiguration]>([
    ['a name with blanks', { ...standard, name: 'gw 1' }],
    ['no address', { ...standard, remoteAddress: 'gw1.example' }],
    ['two families', { ...standard, remoteAddress: '2001:db8::2' }],
    ['transport without the kernel', { ...standard, mode: 'transport' }],
    ['a pre-shared key in the standard profile', { ...legacy, profile: 'standard' }],
    [
      'an identity that anybody has',
      {
        ...legacy,
        authentication: { ...legacy.authentication, remoteIdentity: '%any' } as typeof legacy.authentication,
      },
    ],
  ])('%s is refused with what to do', (_, tunnel) => {
    expect(() => connectionMessage(tunnel, 'kernel-libipsec')).toThrow(IpsecError);
  });
});

test('the settings of the daemon: user-space ESP stands before the kernel, and its own packets are marked', () => {
  const settings = { viciSocket: '/run/x/vici', logFile: '/run/x/log' };
  const inUserSpace = strongswanConfiguration({ ...settings, stack: 'kernel-libipsec' });
  expect(inUserSpace).toMatch(/kernel-libipsec kernel-netlink/);
  expect(inUserSpace).toMatch(/fwmark = !0x42/);
  expect(strongswanConfiguration({ ...settings, stack: 'kernel' })).not.toContain('libipsec');
});
