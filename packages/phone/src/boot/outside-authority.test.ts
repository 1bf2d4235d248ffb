import { Redacted } from '@trustline/base';
import { describe, expect, test } from 'vitest';
import { encode, identity, lsc, mic, serve } from './cluster.fixture.ts';
import type { EnrolmentResult } from './messages.ts';
import { ScriptedNetwork } from './scripted-network.fixture.ts';
import { parsePhoneState, serializePhoneState } from './state.ts';

const minute = 60_000;
const capf = { authentication: 'existing-certificate', servers: [{ host: 'cm1', port: 3804 }] } as const;
const newKey = new Redacted(encode('canary-key new'));
const later: EnrolmentResult = { outcome: 'retry-later', reason: 'the server asks to come back', after: 5 * minute };
const installed: EnrolmentResult = { outcome: 'installed', ...identity('new') };
const nothing: EnrolmentResult = { outcome: 'no-action', reason: 'nothing is pending' };

/** A phone that makes a key at its first visit to CAPF, and gets these answers, visit by visit. */
function phone(held: object, ...answers: readonly EnrolmentResult[]): ScriptedNetwork {
  const network = serve(new ScriptedNetwork(held), { capf });
  let visits = 0;
  network.capf = () => {
    if (visits === 0) network.boot.handle(network.clock.now, { kind: 'key-made', privateKey: newKey });
    visits += 1;
    return answers[visits - 1] ?? nothing;
  };
  return network;
}

describe('a phone whose certificate an outside authority issues', () => {
  test('keeps its new key from before anything of it leaves, also through a power cut', () => {
    const network = phone({ lsc }, later).run(minute);
    expect(network.boot.state.newKey?.reveal()).toEqual(newKey.reveal());
    const saved = network.of('save').at(-1)?.state ?? network.boot.state;
    expect(parsePhoneState(serializePhoneState(saved))?.newKey?.reveal()).toEqual(newKey.reveal());
    expect(JSON.stringify([network.logs, saved])).not.toContain('canary');
  });

  test('registers with the certificate that it has meanwhile, and asks again when CAPF has said, and stays registered', () => {
    const network = phone({ lsc }, later, later, later).run(14 * minute);
    expect(network.registrations).toMatchObject([{ identity: 'LSC' }]);
    expect(network.of('enrol')).toHaveLength(3);
    expect(network.logs.filter(({ phone: words }) => words === 'LSC: pending').length).toBe(3);
    expect(network.alarms).toEqual([]);
  });

  test('fetches its configuration again and registers anew when the certificate is there, and forgets the key', () => {
    const network = phone({ lsc }, later, later, installed).run(60 * minute);
    expect(network.of('enrol')).toHaveLength(3);
    expect(network.registrations).toHaveLength(2);
    expect(network.boot.state.lsc?.certificate).toEqual(identity('new').certificate);
    expect(network.boot.state.newKey).toBeUndefined();
  });

  test('without any certificate begins again and again, until it has one', () => {
    const network = phone({}, later, later, installed);
    serve(network, { capf: { ...capf, authentication: 'null-string' } });
    network.run(60 * minute);
    expect(network.registrations).toMatchObject([{ identity: 'LSC', transport: 'tls' }]);
    expect(network.of('waiting').map(({ cause }) => cause)).toEqual(['no-certificate', 'no-certificate']);
  });

  test('keeps the key whatever else CAPF says, and asks no more when nothing is pending', () => {
    const network = phone({ mic }, later, { outcome: 'failed', reason: 'the connection broke' }, nothing).run(
      60 * minute,
    );
    expect(network.boot.state.newKey).toBeDefined();
    expect(network.of('enrol')).toHaveLength(3);
    expect(network.registrations).toHaveLength(1);
  });

  test('told to boot again it begins from the start, with its key', () => {
    const network = phone({ lsc }, later, installed).run(minute);
    network.input({ kind: 'reset' }, minute);
    expect(network.of('enrol')).toHaveLength(2);
    expect(network.boot.state.lsc?.certificate).toEqual(identity('new').certificate);
  });
});
