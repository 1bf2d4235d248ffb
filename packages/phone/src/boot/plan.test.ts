import type { PhoneConfiguration } from '@trustline/provisioning';
import { describe, expect, test } from 'vitest';
import { planRegistration } from './plan.ts';

const own = { certificate: new Uint8Array(1) } as never;
const configuration: PhoneConfiguration = {
  kind: 'full',
  managers: [{ host: 'cm1', sipPort: 5_062, securedSipPort: 5_063, ethernetPhonePort: 2_002 }, { host: 'cm2' }],
  deviceSecurityMode: 'encrypted',
  lines: [],
  capf: { authentication: 'none-pending', servers: [] },
  trustVerification: [],
  encrypted: false,
  others: { root: [], devicePool: [], sipProfile: [] },
};

function plan(changed: Partial<PhoneConfiguration>, firmware?: 'SIP' | 'SCCP') {
  const planned = planRegistration({ ...configuration, ...changed }, 'secure', { lsc: own, mic: undefined }, firmware);
  if (planned.kind !== 'register') throw new Error(planned.kind);
  const { managers, protocol, transport } = planned.how;
  return { protocol, transport, ports: managers.map(({ port }) => port) };
}

describe('how a phone registers', () => {
  test('a Skinny phone takes 2443 by TLS and 2000 without, unless its configuration says otherwise', () => {
    const secure = { protocol: 'SCCP', transport: 'tls', ports: [2_443, 2_443] };
    expect(plan({ deviceProtocol: 'SCCP' })).toEqual(secure);
    const moved = [{ host: 'cm1', securedEthernetPhonePort: 12_443 }, { host: 'cm2' }];
    expect(plan({ deviceProtocol: 'SCCP', managers: moved })).toEqual({ ...secure, ports: [12_443, 2_443] });
    const clear = { protocol: 'SCCP', transport: 'tcp', ports: [2_002, 2_000] };
    expect(plan({ deviceProtocol: 'SCCP', deviceSecurityMode: 'non-secure', transport: 'udp' })).toEqual(clear);
  });

  test('its firmware decides what it speaks where it speaks one protocol alone', () => {
    expect(plan({ deviceProtocol: 'SIP' }, 'SCCP')).toMatchObject({ protocol: 'SCCP', ports: [2_443, 2_443] });
    expect(plan({ deviceProtocol: 'SCCP' }, 'SIP')).toMatchObject({ protocol: 'SIP', ports: [5_063, 5_061] });
    expect(plan({})).toMatchObject({ protocol: 'SIP' });
  });
});
