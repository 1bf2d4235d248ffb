import { describe, expect, test } from 'vitest';
import { peer, side } from '../dial-peers/dial-peers.fixture.ts';
import type { DialPeer, Side } from '../dial-peers/dial-plan.ts';
import { DialPlan } from '../dial-peers/dial-plan.ts';
import { GatewayCalls, type GatewayCallsOutput } from './gateway-calls.ts';
import type { CallRequest, LegEvent } from './leg.ts';

const caller = { number: '+4930555', name: 'Ann', restricted: false, screening: 1 };

/** A gateway's calls, and in words what came out of them. */
class Scene {
  readonly calls: GatewayCalls;
  now = 0;
  leg = '';
  #out = '';

  constructor(...peers: DialPeer[]) {
    this.calls = new GatewayCalls({ plan: new DialPlan(peers), interDigitTimeout: 4_000, failureToneTime: 6_000 });
  }

  offer(
    called: string,
    { complete = true, from = side('h323 cm1') }: { complete?: boolean; from?: Side } = {},
  ): string[] {
    this.leg = this.calls.offered(this.now, from, { called, complete, caller });
    return this.said();
  }

  /** What the caller says. */
  caller(event: LegEvent): string[] {
    this.calls.heard(this.now, this.leg, event);
    return this.said();
  }

  /** What the one says who was placed last. */
  called(event: LegEvent): string[] {
    this.calls.heard(this.now, this.#out, event);
    return this.said();
  }

  pass(milliseconds: number): string[] {
    this.now += milliseconds;
    this.calls.handleTime(this.now);
    return this.said();
  }

  request: CallRequest | undefined;
  /** What was dialled for the call that ended last. */
  dialled: string | undefined;

  said(): string[] {
    const said: string[] = [];
    for (let output = this.calls.poll(); output !== undefined; output = this.calls.poll())
      said.push(...this.#words(output));
    return said;
  }

  #words(output: GatewayCallsOutput): string[] {
    switch (output.kind) {
      case 'place':
        this.#out = output.leg;
        this.request = output.request;
        return [`place ${output.to.name} ${output.request.called}${output.request.complete ? '' : '…'}`];
      case 'command': {
        const { kind, ...more } = output.command;
        const cause = 'cause' in more && more.cause !== undefined ? ` ${more.cause.value}/${more.cause.location}` : '';
        const inBand = 'inBand' in more && more.inBand ? ' in-band' : '';
        const text =
          'keys' in more ? ` ${more.keys}` : 'digits' in more ? ` ${more.digits}${more.complete ? '!' : ''}` : '';
        return [
          `${output.leg === this.leg || output.leg.endsWith('-in') ? 'caller' : 'called'}: ${kind}${cause}${inBand}${text}`,
        ];
      }
      case 'tone':
        return [`tone ${output.tone}`];
      case 'join':
        return ['join'];
      case 'part':
        return [];
      case 'event':
        if (output.event.kind === 'ended') this.dialled = output.event.dialled;
        return output.event.kind === 'ended' ? [`ended by ${output.event.by}`] : [];
    }
  }
}

const cause = (value: number, location = 2) => ({ value, location });
const released = (value: number, location = 2): LegEvent => ({ kind: 'released', cause: cause(value, location) });

describe('a call between two sides', () => {
  test('rings, is answered, and ends with the cause of the one who hung up', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1', { called: { strip: 1 } }));
    expect(scene.offer('9030555')).toEqual(['place 0/1 030555']);
    expect(scene.called({ kind: 'proceeding', inBand: false })).toEqual(['caller: proceed']);
    expect(scene.called({ kind: 'alerting', inBand: false })).toEqual(['caller: alert']);
    expect(scene.called({ kind: 'answered', connected: '+4930556' })).toEqual(['join', 'caller: answer']);
    expect(scene.caller({ kind: 'keys', keys: '5#' })).toEqual(['called: send-keys 5#']);
    expect(scene.called({ kind: 'keys', keys: '1' })).toEqual(['caller: send-keys 1']);
    expect(scene.called(released(16))).toEqual(['caller: release 16/2', 'ended by called']);
    expect([scene.calls.size, scene.calls.nextDeadline()]).toEqual([0, undefined]);
  });

  test('Q.850 §2.1: a refusal goes to the caller as it came, with its location', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1'));
    scene.offer('91');
    expect(scene.called(released(21, 10))).toEqual(['caller: release 21/10', 'ended by called']);
  });

  test('the caller gives up: the called is told', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1'));
    scene.offer('91');
    scene.called({ kind: 'alerting', inBand: false });
    expect(scene.caller(released(16))).toEqual(['called: release 16/2', 'ended by caller']);
    expect(scene.called({ kind: 'answered' })).toEqual([]);
  });

  test('hair-pin: from a port back to the same', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1'));
    expect(scene.offer('91', { from: side('port 0/1') })).toEqual(['place 0/1 91']);
    const back = new Scene(peer('manager', '2...', 'h323 cm1'));
    expect(back.offer('2000')).toEqual(['caller: release 1/5', 'ended by called']);
  });
});

describe('before the answer', () => {
  test('what the far side plays is heard, and why it will fail is said', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1'));
    scene.offer('91');
    expect(scene.called({ kind: 'progress', inBand: true, cause: cause(1) })).toEqual(['join', 'caller: progress 1/2']);
    expect(scene.called({ kind: 'alerting', inBand: false })).toEqual(['caller: alert']);
    expect(scene.called(released(1))).toEqual(['caller: release 1/2', 'ended by called']);
  });

  test('where tones are in the audio, the gateway plays them; a failure is heard and then told', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1', { tones: 'in-band' }));
    scene.offer('91');
    expect(scene.called({ kind: 'alerting', inBand: false })).toEqual(['caller: alert in-band', 'tone ringback']);
    expect(scene.called(released(17))).toEqual(['caller: progress 17/2', 'tone busy']);
    expect(scene.pass(5_999)).toEqual([]);
    expect(scene.pass(1)).toEqual(['caller: release 17/2', 'ended by called']);
    scene.offer('91');
    scene.called(released(21));
    expect(scene.caller(released(16))).toEqual(['ended by caller']);
    expect(scene.pass(10_000)).toEqual([]);
  });
});

describe('hunting among dial peers', () => {
  const peers = [
    peer('first', '9T', 'port 0/1'),
    peer('second', '9T', 'port 0/2', { preference: 1, called: { strip: 1 } }),
    peer('third', '9T', 'trunk carrier', { preference: 2 }),
  ];

  test.each([34, 38, 41, 42, 44, 47, 102])('cause %i: the next is tried, and the caller notices nothing', (value) => {
    const scene = new Scene(...peers);
    expect(scene.offer('91')).toEqual(['place 0/1 91']);
    expect(scene.called(released(value))).toEqual(['place 0/2 1']);
    expect(scene.called(released(value))).toEqual(['place carrier 91']);
    expect(scene.called(released(value))).toEqual([`caller: release ${value}/2`, 'ended by called']);
  });

  test.each([1, 16, 17, 18, 19, 21, 28, 57])('cause %i is the answer', (value) => {
    const scene = new Scene(...peers);
    scene.offer('91');
    expect(scene.called(released(value))).toEqual([`caller: release ${value}/2`, 'ended by called']);
  });
});

describe('a number that is dialled digit by digit', () => {
  test('goes out as soon as it can be no other, and not before', () => {
    const scene = new Scene(peer('extensions', '2...', 'h323 cm1'));
    const from = side('port 0/1');
    expect(scene.offer('', { complete: false, from })).toEqual(['caller: want-digits']);
    expect(scene.caller({ kind: 'digits', digits: '20', complete: false })).toEqual([]);
    expect(scene.caller({ kind: 'digits', digits: '00', complete: false })).toEqual(['place cm1 2000']);
  });

  test('of open length goes out when the caller says so, or says nothing more', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1'));
    scene.offer('90', { complete: false });
    expect(scene.caller({ kind: 'digits', digits: '30', complete: true })).toEqual(['place 0/1 9030']);
    scene.caller(released(16));
    scene.offer('90', { complete: false });
    expect(scene.pass(3_999)).toEqual([]);
    expect(scene.pass(1)).toEqual(['place 0/1 90']);
  });

  test('that stops too early is incomplete (28), one that leads nowhere is not allocated (1)', () => {
    const scene = new Scene(peer('extensions', '2...', 'port 0/1'));
    scene.offer('20', { complete: false });
    expect(scene.pass(4_000)).toEqual(['caller: release 28/5', 'ended by gateway']);
    expect(scene.offer('3')).toEqual(['caller: release 1/5', 'ended by gateway']);
    expect(scene.offer('', { complete: false })).toEqual(['caller: want-digits']);
    expect(scene.caller({ kind: 'digits', digits: '3', complete: false })).toEqual([
      'caller: release 1/5',
      'ended by gateway',
    ]);
  });

  test('overlap sending: goes out at once, the rest follows when it is asked for', () => {
    const scene = new Scene(peer('pstn', '9T', 'port 0/1', { overlap: true, called: { strip: 1 } }));
    expect(scene.offer('90', { complete: false })).toEqual(['place 0/1 0…']);
    expect(scene.caller({ kind: 'digits', digits: '30', complete: false })).toEqual([]);
    expect(scene.called({ kind: 'more-digits-wanted' })).toEqual(['called: send-digits 30']);
    expect(scene.caller({ kind: 'digits', digits: '5', complete: true })).toEqual(['called: send-digits 5!']);
  });
});

describe('the number that stands in the record', () => {
  const overlap = { overlap: true, called: { strip: 1 } };

  test.each([
    ['two-stage, to an access', 'port 1/0', 'port 0/1', {}],
    ['two-stage, to a call manager', 'port 1/0', 'h323 cm1', {}],
    ['two-stage, to a carrier', 'port 1/0', 'trunk carrier', {}],
    ['by overlap, from a call manager to an access', 'h323 cm1', 'port 0/1', overlap],
    ['by overlap, from an access to a call manager', 'port 0/1', 'h323 cm1', overlap],
  ])('is all that was dialled: %s', (_, from, to, more) => {
    const scene = new Scene(peer('out', '9T', to, more));
    scene.offer('', { complete: false, from: side(from) });
    for (const digits of ['9', '0', '30']) scene.caller({ kind: 'digits', digits, complete: false });
    scene.called({ kind: 'more-digits-wanted' });
    scene.caller({ kind: 'digits', digits: '5', complete: true });
    scene.called({ kind: 'answered' });
    scene.caller(released(16));
    expect(scene.dialled).toBe('90305');
  });

  test('is what was dialled of it where the caller gave up, or it led nowhere', () => {
    const scene = new Scene(peer('extensions', '2...', 'h323 cm1'));
    scene.offer('', { complete: false, from: side('port 0/1') });
    scene.caller({ kind: 'digits', digits: '20', complete: false });
    scene.caller(released(16));
    expect(scene.dialled).toBe('20');
    scene.offer('', { complete: false, from: side('port 0/1') });
    scene.caller({ kind: 'digits', digits: '3', complete: false });
    expect(scene.dialled).toBe('3');
  });

  test('has no key that was pressed when it was complete, nor more than 128 digits (H.225.0 dialedDigits)', () => {
    const scene = new Scene(peer('extensions', '2...', 'port 0/1'), peer('pstn', '9T', 'port 0/1', { overlap: true }));
    scene.offer('2000', { complete: false });
    expect(scene.caller({ kind: 'digits', digits: '5', complete: false })).toEqual([]);
    scene.caller(released(16));
    expect(scene.dialled).toBe('2000');
    scene.offer('9', { complete: false });
    for (let at = 0; at < 200; at++) scene.caller({ kind: 'digits', digits: '1', complete: false });
    expect(scene.called({ kind: 'more-digits-wanted' })).toEqual([`called: send-digits ${'1'.repeat(127)}`]);
    scene.caller(released(16));
    expect(scene.dialled).toBe(`9${'1'.repeat(127)}`);
  });
});

test('who calls is kept, with the mark that he is not to be shown; his number is rewritten as the peer says', () => {
  const scene = new Scene(peer('pstn', '9T', 'port 0/1', { calling: { strip: 3, prefix: '0' } }));
  scene.calls.offered(0, side('h323 cm1'), { called: '91', complete: true, caller: { ...caller, restricted: true } });
  scene.said();
  expect(scene.request?.caller).toEqual({ number: '030555', name: 'Ann', restricted: true, screening: 1 });
});

test('when the gateway stops, both ends of each call are told', () => {
  const scene = new Scene(peer('pstn', '9T', 'port 0/1'));
  scene.offer('91');
  scene.calls.releaseAll();
  expect(scene.said()).toEqual(['caller: release 27/5', 'called: release 27/5', 'ended by gateway']);
});
