/** A gateway, phones of SIP and Skinny, and the manager's call control between them. */
import type { CallControlInput, MediaDescription, RelayPort } from '@trustline/callcontrol';
import { expect } from 'vitest';
import { SkinnyWorld } from '../sccp/skinny-world.fixture.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { type FarGateway, GatewayDoor } from './gateway-world.fixture.ts';

export const bySipTls = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' } as const;
export const unproven = { proven: false, message: 'IPsec to gw1 is not proven: no association', nextStep: 'start it' };

export function lab(
  settings: Partial<GatewaySettings> = {},
  far: ConstructorParameters<typeof FarGateway>[2] = {},
  relay?: RelayPort,
) {
  const noChange = { discardAccessCode: false, prefix: '' };
  const world = new SkinnyWorld(
    { 1001: ['SEP1'], 2001: ['SIP1'], 2002: ['SIP2'] },
    {},
    {
      entries: [
        { pattern: '9XXX', target: { kind: 'trunk', devices: ['gw1'], ...noChange } },
        { pattern: '7XXX', target: { kind: 'trunk', devices: ['gw1', 'gw2'], ...noChange } },
        { pattern: '6XXX', target: { kind: 'trunk', devices: ['gw1', 'gw2'], ...noChange }, policy: 'require' },
        { pattern: '8XXX', target: { kind: 'trunk', devices: ['gw2'], ...noChange } },
      ],
    },
    {},
    relay,
  );
  const door = new GatewayDoor(world);
  const gateway = door.gateway('gw1', settings, far);
  return { world, door, gateway };
}

export function sipCalls(world: SkinnyWorld, destination: string, offer: MediaDescription | undefined): void {
  const caller = { number: '2001', displayName: 'Ann', anonymous: false };
  const call: CallControlInput = {
    kind: 'incoming',
    leg: 'sip',
    device: 'SIP1',
    line: '2001',
    destination,
    protection: bySipTls,
    caller,
    ...(offer === undefined ? {} : { offer }),
  };
  world.say(call);
}

/** Who was called answers with an offer of its own. */
export function sipAnswers(world: SkinnyWorld, media: MediaDescription): string {
  const { leg, offer } = world.last('place');
  expect(offer).toBeUndefined();
  world.say({ kind: 'ringing', leg });
  world.say({ kind: 'answered', leg, media });
  return leg;
}

export const setup = { calledNumber: '2001', callingNumber: { typeOfNumber: 0, numberingPlan: 1, digits: '030123' } };

export function relayOf(): RelayPort {
  let side = 0;
  return { allocate: () => ({ side: side++, address: '203.0.113.1', port: 30_000 + 2 * side }) };
}
