import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';

const repository = new URL('../../../', import.meta.url).pathname;
const unit = readFileSync(join(repository, 'packaging/systemd/trustline.service'), 'utf8');
const file = join(artefactFolder('cli-systemd'), 'trustline.service');

/** As a user's exposure to a service: 0 is none, 10 all; that of a usual service is 9. */
const mostExposure = 20; // in tenths

describe.skipIf(missingPrograms('systemd-analyze'))('the systemd unit', () => {
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
    const { status, said } = analyze('security', '--offline=true', `--threshold=${mostExposure}`, file);
    expect({ status, said: said.split('\n').at(-2) }).toMatchObject({ status: 0 });
  });

  test('lets the manager bind low ports and do nothing else that root may', () => {
    const capabilities = unit.split('\n').filter((line) => /^(Ambient|CapabilityBounding)/.test(line));
    expect(capabilities).toEqual([
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
      'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
    ]);
  });
});
