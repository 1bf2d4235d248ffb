import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';

const folder = artefactFolder('cli-systemd');
const repository = new URL('../../../', import.meta.url).pathname;

/** As a user's exposure to a service: 0 is none, 10 all; that of a usual service is 9. In tenths, at most. */
const units = {
  trustline: 20,
  // It is root, for the firewall, the tunnel's device and IKE's ports.
  'trustline-ipsec': 50,
};

describe.skipIf(missingPrograms('systemd-analyze')).each(Object.entries(units))('the systemd unit %s', (name, most) => {
  const unit = readFileSync(join(repository, `packaging/systemd/${name}.service`), 'utf8');
  const file = join(folder, `${name}.service`);
  const analyze = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['--no-pager', ...args], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };

  // The clone of this machine stands in for /opt/trustline: the program must be there to be verified.
  beforeAll(() => writeFileSync(file, unit.replaceAll('/opt/trustline', repository.replace(/\/$/, ''))));

  test('is without fault', () => {
    expect(analyze('verify', file)).toEqual({ status: 0, said: '' });
  });

  test('exposes little', () => {
    const { status, said } = analyze('security', '--offline=true', `--threshold=${most}`, file);
    expect({ status, said: said.split('\n').at(-2) }).toMatchObject({ status: 0 });
  });

  test('may do of what root may only what it needs', () => {
    const capabilities = unit.split('\n').filter((line) => /^(Ambient|CapabilityBounding)/.test(line));
    expect(capabilities).toEqual(
      name === 'trustline'
        ? ['AmbientCapabilities=CAP_NET_BIND_SERVICE', 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE']
        : ['CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_CHOWN'],
    );
  });
});
