import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { SeparateNetworks, withoutIpsec } from './namespaces.ts';
import type { TornDownFindings } from './torn-down.fixture.ts';

/** Of four calls and one tearing down each: with the one before them, more than fifty calls. */
const rounds = 13;
const program = new URL('./torn-down.fixture.ts', import.meta.url).pathname;
const isFull = process.env['TRUSTLINE_FULL'] === '1';

/**
 * The real parts, in minutes: a running manager, a phone, `trustline gateway run`. What CI always runs is
 * `ipsec-calls.system.test.ts` of the manager, with ends made of the same driver of H.323. Needs the rights of the administrator.
 */
describe.skipIf(!isFull || withoutIpsec() !== undefined)(
  'a phone calls the public network by manager and gateway while their association is torn down (needs root)',
  () => {
    let found: TornDownFindings;

    beforeAll(async () => {
      const networks = SeparateNetworks.make();
      try {
        const parameters = [
          'netns',
          'exec',
          networks.manager,
          process.execPath,
          program,
          networks.gateway,
          String(rounds),
        ];
        const { stdout } = await promisify(execFile)('ip', parameters);
        found = JSON.parse(stdout) as TornDownFindings;
      } finally {
        networks.remove();
      }
    }, 300_000);

    test('no key of any call is ever on the wire, nor the name of its suite; within the tunnel they are', () => {
      const { calls, inside, outside } = found;
      expect(outside).toEqual({ made: outside.made, found: 0, named: 0 });
      expect(outside.made).toBeGreaterThanOrEqual(2 * calls.filter(({ isAnswered }) => isAnswered).length);
      // The search finds what is there.
      expect(inside.found).toBeGreaterThan(0);
      expect(inside.named).toBeGreaterThan(0);
    });

    test('every call that is answered is encrypted, and no packet is clear', () => {
      const { calls, clear } = found;
      expect(calls).toHaveLength(1 + 4 * rounds);
      const [first] = calls;
      expect(first).toMatchObject({ isAnswered: true, level: 'encrypted', suite: 'AES_CM_128_HMAC_SHA1_80' });
      expect(first?.heard).toBeGreaterThan(0);
      for (const { isAnswered, level, suite } of calls) {
        if (isAnswered) expect(level).toBe('encrypted');
        expect([undefined, 'AES_CM_128_HMAC_SHA1_80']).toContain(suite);
      }
      expect(clear).toBe(0);
    });

    test('both ends stop a packet in the clear that is sent around the tunnel', () => {
      const stopped = { leaked: false, message: 'the guard stopped the packet' };
      expect(found.check).toMatchObject({ near: stopped, far: stopped });
    });

    test('on the wire there is IKE, ESP and SRTP, and nothing else', () => {
      const { wire, torn } = found;
      expect(torn).toBeGreaterThan(0);
      expect(wire.others).toEqual([]);
      expect(Math.min(wire.ike, wire.esp, wire.media)).toBeGreaterThan(0);
    });
  },
);
