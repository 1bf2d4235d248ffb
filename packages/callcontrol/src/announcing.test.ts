import { describe, expect, test } from 'vitest';
import type { DialPlanEntry } from './dialplan.ts';
import type { LeavingProtection } from './directory.ts';
import { keyFingerprints } from './keys.ts';
import type { MediaDescription } from './media.ts';
import type { CallControlOutput } from './outputs.ts';
import { audio, eventKindsOf, keyOf, ofKind, only, phone, ScriptedWorld } from './scripted.fixture.ts';

const pcmu = [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }];
const alice = phone('SEPA', '1001');
const gateway = (name: string, leavingProtection?: LeavingProtection) =>
  phone(name, '', { kind: 'gateway', lines: [], ...(leavingProtection && { leavingProtection }) });

function worldOf(
  gateways: readonly ReturnType<typeof gateway>[],
  row: LeavingProtection | undefined,
  policy: DialPlanEntry['policy'] = 'require',
) {
  const devices = gateways.map(({ name }) => name);
  const target = { kind: 'trunk', devices, discardAccessCode: true, prefix: '' } as const;
  const plan: readonly DialPlanEntry[] = [
    { pattern: '0.!', target: { ...target, ...(row && { leavingProtection: row }) }, policy },
    { pattern: '112', target: { ...target, kind: 'emergency', discardAccessCode: false } },
  ];
  let side = 0;
  const allocate = () => ({ side: ++side, address: '198.51.100.1', port: 20_000 + 2 * side });
  return new ScriptedWorld([alice, ...gateways], plan, { announcement: 1_500 }, {}, { allocate });
}

const offer = (seed = 1) => audio([keyOf(seed)], { formats: pcmu });
const keysOf = ({ streams }: MediaDescription) =>
  streams.flatMap(({ keys }) => keys.flatMap((key) => keyFingerprints(key)));
const placedOn = (outputs: readonly CallControlOutput[]) => ofKind(outputs, 'place').map(({ device }) => device);

describe('a call that leaves protection, where its caller is to be told', () => {
  test('he hears the relay, encrypted, before anything goes out; then it goes on, with an event', () => {
    const world = worldOf([gateway('GW1')], 'announce');
    const begun = world.call('0555', offer());
    const { answer, level } = only(begun, 'progress');
    expect([level, answer.streams[0]?.address, answer.streams[0]?.transport]).toEqual([
      'encrypted',
      '198.51.100.1',
      'RTP/SAVP',
    ]);
    expect(only(begun, 'relay-side')).toMatchObject({ announces: { codec: 'PCMU', payloadType: 0 }, gives: true });
    expect(placedOn([...begun, ...world.pass(1_499)])).toEqual([]);
    const outputs = world.pass(1);
    expect(only(outputs, 'place').device).toBe('GW1');
    expect(only(outputs, 'relay-side').announces).toBe(undefined);
    expect(ofKind(outputs, 'event')[0]?.event).toMatchObject({
      kind: 'protection-left',
      cause: '1001 was told that protection ends at GW1; the call goes on there.',
    });
  });

  test('its answer repeats what he was told early, and the gateway’s key comes as an offer; then the relay has no part in it', () => {
    const world = worldOf([gateway('GW1')], 'announce');
    const { answer: early } = only(world.call('0555', offer()), 'progress');
    const { leg } = only(world.pass(1_500), 'place');
    expect(ofKind(world.handle({ kind: 'progress', leg, answer: offer(2) }), 'progress')).toEqual([]);
    const outputs = world.handle({ kind: 'answered', leg, media: offer(2) });
    expect(only(outputs, 'accept').answer).toEqual(early);
    expect(keysOf(only(outputs, 'offer').offer)).toEqual(keyFingerprints(keyOf(2)));
    const agreed = world.handle({ kind: 'answer', leg: 'a', answer: offer() });
    expect(ofKind(agreed, 'relay-close')).toHaveLength(1);
    expect(world.control.calls()[0]).toMatchObject({ level: 'encrypted' });
    expect(world.control.calls()[0]?.relayed).toBe(undefined);
  });

  test('he is told once, whichever gateway takes it in the end', () => {
    const world = worldOf([gateway('GW1'), gateway('GW2')], 'announce');
    world.call('0555', offer());
    const { leg } = only(world.pass(1_500), 'place');
    const outputs = world.handle({ kind: 'refused', leg, cause: 'no-circuit-available' });
    expect(placedOn(outputs)).toEqual(['GW2']);
    expect(ofKind(outputs, 'progress')).toEqual([]);
  });

  test('who gives up meanwhile has called nobody, and the relay is free again', () => {
    const world = worldOf([gateway('GW1')], 'announce');
    world.call('0555', offer());
    const outputs = world.handle({ kind: 'cancelled', leg: 'a' });
    expect(ofKind(outputs, 'relay-close')).toHaveLength(1);
    expect(only(outputs, 'record').record.outcome).toBe('cancelled');
    expect([world.pass(10_000), world.control.nextDeadline()]).toEqual([[], undefined]);
  });

  test('a call whose caller cannot be told does not go: it brings no media before the answer, or there is no relay', () => {
    const refusal = only(worldOf([gateway('GW1')], 'announce').call('0555', undefined), 'refuse');
    expect(refusal).toMatchObject({
      cause: 'security-required',
      warning: 'Protection ends at GW1, and the caller cannot be told: it takes no media before the answer',
    });
    const target = { kind: 'trunk', devices: ['GW1'], discardAccessCode: true, prefix: '' } as const;
    const without = new ScriptedWorld([alice, gateway('GW1', 'announce')], [{ pattern: '0.!', target }]);
    expect(only(without.call('0555', offer()), 'refuse').warning).toContain('there is no media relay');
  });
});

describe('a call that may not leave protection', () => {
  test('is refused before anything goes out, with an event', () => {
    const outputs = worldOf([gateway('GW1')], 'refuse').call('0555', offer());
    expect(placedOn(outputs)).toEqual([]);
    expect(only(outputs, 'refuse')).toMatchObject({
      cause: 'security-required',
      warning: 'Protection ends at GW1, and calls may not go beyond it',
    });
    expect(eventKindsOf(outputs)).toContain('call-refused');
  });

  test('the row goes before the gateway, and without a word of the row the next that may takes it', () => {
    expect(placedOn(worldOf([gateway('GW1', 'refuse')], 'allow').call('0555', offer()))).toEqual(['GW1']);
    const two = worldOf([gateway('GW1', 'refuse'), gateway('GW2')], undefined);
    expect(placedOn(two.call('0555', offer()))).toEqual(['GW2']);
  });

  test('a call for help goes', () => {
    expect(placedOn(worldOf([gateway('GW1', 'refuse')], 'refuse').call('112', offer()))).toEqual(['GW1']);
  });
});
