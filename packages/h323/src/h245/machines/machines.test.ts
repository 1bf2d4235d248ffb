import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type * as H245 from '../../generated/h245.types.ts';
import { IncomingCapabilityExchangeEntity, OutgoingCapabilityExchangeEntity } from './cese.ts';
import { IncomingCloseLogicalChannelEntity, OutgoingCloseLogicalChannelEntity } from './clcse.ts';
import { IncomingLogicalChannelEntity, OutgoingLogicalChannelEntity } from './lcse.ts';
import { IncomingModeRequestEntity, OutgoingModeRequestEntity } from './mrse.ts';
import { MasterSlaveDeterminationEntity } from './msdse.ts';
import { End, innermost, talk } from './pair.fixture.ts';
import { RoundTripDelayEntity } from './rtdse.ts';

const channel = {
  forwardLogicalChannelParameters: {
    dataType: { kind: 'audioData', value: { kind: 'g711Ulaw64k', value: 20 } },
    multiplexParameters: { kind: 'h2250LogicalChannelParameters', value: { sessionID: 1 } },
  },
} as const;
const capabilities = { protocolIdentifier: '0.0.8.245.0.7' };

function determination(terminalType: number, numbers: readonly number[]) {
  let drawn = 0;
  const drawNumber = () => numbers[Math.min(drawn++, numbers.length - 1)] ?? 0;
  const entity = new MasterSlaveDeterminationEntity({ terminalType, drawNumber });
  const end = new End(entity, (message) => {
    const { kind, value } = innermost(message);
    if (kind === 'masterSlaveDetermination') entity.receiveRequest(0, value as H245.MasterSlaveDetermination);
    if (kind === 'masterSlaveDeterminationAck') entity.receiveAck(0, value as H245.MasterSlaveDeterminationAck);
    if (kind === 'masterSlaveDeterminationReject') entity.receiveReject(0);
    if (kind === 'masterSlaveDeterminationRelease') entity.receiveRelease(0);
  });
  return { entity, end };
}

describe('H.245 C.2: MSDSE', () => {
  const number = fc.nat({ max: 2 ** 24 - 1 });

  test('whoever begins, and if both do: one is master and the other slave', () => {
    const type = fc.constantFrom(50, 60, 120);
    fc.assert(
      fc.property(type, type, number, number, fc.constantFrom('one', 'other', 'both'), (a, b, m, n, begins) => {
        const [one, other] = [determination(a, [m, 1]), determination(b, [n, 2])];
        if (begins !== 'other') one.entity.determine(0);
        if (begins !== 'one') other.entity.determine(0);
        talk(one.end, other.end);
        const roles = [...one.end.events, ...other.end.events].map((event) =>
          'role' in event ? event.role : event.kind,
        );
        expect(roles.sort()).toEqual(['master', 'slave']);
        expect([one.entity.nextDeadline(), other.entity.nextDeadline()]).toEqual([undefined, undefined]);
      }),
      { numRuns: 300 },
    );
  });

  test('the larger type is master; of equal ones the one whose number is less than 2^23 behind', () => {
    const roleOf = (own: readonly [number, number], peer: readonly [number, number]) => {
      const one = determination(own[0], [own[1]]);
      one.entity.receiveRequest(0, { terminalType: peer[0], statusDeterminationNumber: peer[1] });
      const [said] = one.end.outputs();
      return Buffer.from(said ?? []).toString('hex');
    };
    const peerIs = { slave: '20a0', master: '2080', neither: '2100' };
    expect(roleOf([60, 0], [50, 9])).toBe(peerIs.slave);
    expect(roleOf([50, 0], [60, 9])).toBe(peerIs.master);
    expect(roleOf([50, 10], [50, 11])).toBe(peerIs.slave);
    expect(roleOf([50, 11], [50, 10])).toBe(peerIs.master);
    expect(roleOf([50, 2 ** 24 - 1], [50, 0])).toBe(peerIs.slave);
    expect(roleOf([50, 0], [50, 2 ** 23])).toBe(peerIs.neither);
    expect(roleOf([50, 5], [50, 5])).toBe(peerIs.neither);
  });

  test('the same number again and again ends after three tries', () => {
    const [one, other] = [determination(50, [7]), determination(50, [7])];
    one.entity.determine(0);
    talk(one.end, other.end);
    expect(one.end.events).toEqual([{ kind: 'failed', because: 'numbers' }]);
    expect(one.entity.nextDeadline()).toBeUndefined();
  });

  test('no answer is told after T106, and released at the peer', () => {
    const { entity, end } = determination(50, [7]);
    entity.determine(1_000);
    expect(end.outputs()).toHaveLength(1);
    expect(entity.nextDeadline()).toBe(31_000);
    entity.handleTimeout(30_999);
    expect(end.outputs()).toEqual([]);
    entity.handleTimeout(31_000);
    expect(end.outputs()).toHaveLength(1);
    expect(end.events).toEqual([{ kind: 'failed', because: 'no-answer' }]);
  });

  test('an Ack that contradicts what was found is a failure, and one out of turn nothing', () => {
    const { entity, end } = determination(60, [7]);
    entity.receiveAck(0, { decision: { kind: 'master' } });
    entity.receiveRequest(0, { terminalType: 50, statusDeterminationNumber: 1 });
    entity.receiveAck(0, { decision: { kind: 'slave' } });
    end.outputs();
    expect(end.events).toEqual([{ kind: 'failed', because: 'contradiction' }]);
  });
});

describe('H.245 C.3: CESE', () => {
  function pair(answer: 'accept' | 'reject' | 'none') {
    const outgoing = new OutgoingCapabilityExchangeEntity();
    const incoming = new IncomingCapabilityExchangeEntity();
    const sender = new End(outgoing, (message) => {
      const { kind, value } = innermost(message);
      if (kind === 'terminalCapabilitySetAck') outgoing.receiveAck(0, value as H245.TerminalCapabilitySetAck);
      if (kind === 'terminalCapabilitySetReject') outgoing.receiveReject(0, value as H245.TerminalCapabilitySetReject);
    });
    const receiver = new End(incoming, (message) => {
      const { kind, value } = innermost(message);
      if (kind === 'terminalCapabilitySetRelease') incoming.receiveRelease(0);
      if (kind !== 'terminalCapabilitySet') return;
      incoming.receiveSet(0, value as H245.TerminalCapabilitySet);
      if (answer === 'accept') incoming.accept();
      if (answer === 'reject') incoming.reject({ kind: 'unspecified' });
    });
    return { outgoing, incoming, sender, receiver };
  }

  test('a set is acknowledged or rejected by its number', () => {
    for (const answer of ['accept', 'reject'] as const) {
      const { outgoing, sender, receiver } = pair(answer);
      outgoing.transfer(0, capabilities);
      talk(sender, receiver);
      const expected =
        answer === 'accept' ? { kind: 'acknowledged' } : { kind: 'rejected', cause: { kind: 'unspecified' } };
      expect(sender.events).toEqual([expected]);
      expect(receiver.events).toEqual([{ kind: 'transferred', capabilities: { ...capabilities, sequenceNumber: 1 } }]);
      expect(outgoing.nextDeadline()).toBeUndefined();
    }
  });

  test('the answer to a set that was replaced does not count', () => {
    const { outgoing, sender } = pair('none');
    outgoing.transfer(0, capabilities);
    outgoing.transfer(10, capabilities);
    outgoing.receiveAck(20, { sequenceNumber: 1 });
    sender.outputs();
    expect(sender.events).toEqual([]);
    outgoing.receiveAck(20, { sequenceNumber: 2 });
    outgoing.receiveAck(20, { sequenceNumber: 2 });
    sender.outputs();
    expect(sender.events).toEqual([{ kind: 'acknowledged' }]);
  });

  test('after T101 the set is released, and not accepted any more', () => {
    const { outgoing, incoming, sender, receiver } = pair('none');
    outgoing.transfer(0, capabilities);
    talk(sender, receiver);
    outgoing.handleTimeout(30_000);
    talk(sender, receiver);
    expect(sender.events).toEqual([{ kind: 'no-answer' }]);
    expect(receiver.events.map(({ kind }) => kind)).toEqual(['transferred', 'released']);
    incoming.accept();
    expect(receiver.outputs()).toEqual([]);
  });
});

describe('H.245 C.4: LCSE', () => {
  function pair(answer: 'accept' | 'reject' | 'none' = 'accept') {
    const outgoing = new OutgoingLogicalChannelEntity(101);
    const incoming = new IncomingLogicalChannelEntity(101);
    const sender = new End(outgoing, (message) => {
      const { kind, value } = innermost(message);
      if (kind === 'openLogicalChannelAck') outgoing.receiveAck(0, value as H245.OpenLogicalChannelAck);
      if (kind === 'openLogicalChannelReject') outgoing.receiveReject(0, value as H245.OpenLogicalChannelReject);
      if (kind === 'closeLogicalChannelAck') outgoing.receiveCloseAck(0);
    });
    const receiver = new End(incoming, (message) => {
      const { kind, value } = innermost(message);
      if (kind === 'closeLogicalChannel') incoming.receiveClose(0, value as H245.CloseLogicalChannel);
      if (kind !== 'openLogicalChannel') return;
      incoming.receiveOpen(0, value as H245.OpenLogicalChannel);
      if (answer === 'accept') incoming.establish({});
      if (answer === 'reject') incoming.reject({ kind: 'dataTypeNotSupported' });
    });
    return { outgoing, incoming, sender, receiver };
  }
  const kinds = (end: End<{ readonly kind: string }>) => end.events.map(({ kind }) => kind);

  test('a channel is opened, closed, and opened again', () => {
    const { outgoing, sender, receiver } = pair();
    for (let round = 0; round < 2; round++) {
      outgoing.establish(0, channel);
      talk(sender, receiver);
      outgoing.release(0);
      talk(sender, receiver);
    }
    expect(kinds(sender)).toEqual(['established', 'released', 'established', 'released']);
    expect(kinds(receiver)).toEqual(['asked', 'released', 'asked', 'released']);
    expect(outgoing.nextDeadline()).toBeUndefined();
  });

  test('a channel is refused with its cause', () => {
    const { outgoing, sender, receiver } = pair('reject');
    outgoing.establish(0, channel);
    talk(sender, receiver);
    expect(sender.events).toEqual([{ kind: 'rejected', cause: { kind: 'dataTypeNotSupported' } }]);
  });

  test('after T103 an unanswered channel is closed, and the peer acknowledges even what it never saw', () => {
    const { outgoing, sender, receiver } = pair('none');
    outgoing.establish(0, channel);
    talk(sender, receiver, () => true);
    outgoing.handleTimeout(30_000);
    talk(sender, receiver);
    expect(sender.events).toEqual([{ kind: 'released', because: 'no-answer' }]);
    expect(receiver.events).toEqual([]);
  });

  test('a close that crosses the answer wins', () => {
    const { outgoing, incoming, sender, receiver } = pair('none');
    outgoing.establish(0, channel);
    talk(sender, receiver);
    outgoing.release(0);
    incoming.establish({});
    talk(sender, receiver);
    expect(kinds(sender)).toEqual(['released']);
    expect(kinds(receiver)).toEqual(['asked', 'released']);
  });

  test('a second request for an open channel ends the first', () => {
    const { incoming, receiver } = pair();
    incoming.receiveOpen(0, { ...channel, forwardLogicalChannelNumber: 101 });
    incoming.establish({});
    incoming.receiveOpen(0, { ...channel, forwardLogicalChannelNumber: 101 });
    receiver.outputs();
    expect(kinds(receiver)).toEqual(['asked', 'released', 'asked']);
  });

  test('H.323 §8.1.7: channels of fast connect are closed as others', () => {
    const { outgoing, incoming, sender, receiver } = pair();
    outgoing.establishedByFastConnect();
    incoming.establishedByFastConnect();
    outgoing.release(0);
    talk(sender, receiver);
    expect([kinds(sender), kinds(receiver)]).toEqual([['released'], ['released']]);
  });

  test('whatever was lost, nothing is waited for without end, and both ends agree about what is open', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 12 }),
        fc.array(fc.nat({ max: 2 }), { maxLength: 8 }),
        (losses, acts) => {
          const { outgoing, sender, receiver } = pair();
          let now = 0;
          for (const act of acts) {
            if (act === 0) outgoing.establish(now, channel);
            if (act === 1) outgoing.release(now);
            if (act === 2) {
              now += 31_000;
              outgoing.handleTimeout(now);
            }
            talk(sender, receiver, (n) => losses[n] === true);
          }
          const open = () =>
            [sender, receiver].map(({ events }) => /^(established|asked)$/.test(events.at(-1)?.kind ?? ''));
          // What we hold to be open, the peer does; only a close of ours that was lost leaves it open there alone.
          const [here, there] = open();
          if (here === true && outgoing.nextDeadline() === undefined) expect(there).toBe(true);
          outgoing.handleTimeout(now + 40_000);
          expect(outgoing.nextDeadline()).toBeUndefined();
          talk(sender, receiver);
          // Whatever went before, both agree as soon as nothing is lost any more: open after an opening, closed after a close.
          outgoing.establish(now + 50_000, channel);
          talk(sender, receiver);
          expect([open(), outgoing.nextDeadline()]).toEqual([[true, true], undefined]);
          outgoing.release(now + 50_000);
          talk(sender, receiver);
          expect([open(), outgoing.nextDeadline()]).toEqual([[false, false], undefined]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('H.245 C.6: CLCSE, C.9: MRSE, C.11: RTDSE', () => {
  test('the peer is asked to close its channel, and accepts, refuses or says nothing', () => {
    for (const answer of ['accepted', 'rejected', 'no-answer'] as const) {
      const outgoing = new OutgoingCloseLogicalChannelEntity(7);
      const incoming = new IncomingCloseLogicalChannelEntity(7);
      const sender = new End(outgoing, (message) => {
        const { kind, value } = innermost(message);
        if (kind === 'requestChannelCloseAck') outgoing.receiveAck(0);
        if (kind === 'requestChannelCloseReject') outgoing.receiveReject(0, value as H245.RequestChannelCloseReject);
      });
      const receiver = new End(incoming, (message) => {
        const { kind, value } = innermost(message);
        if (kind === 'requestChannelCloseRelease') incoming.receiveRelease(0);
        if (kind !== 'requestChannelClose') return;
        incoming.receiveRequest(0, value as H245.RequestChannelClose);
        if (answer === 'accepted') incoming.accept();
        if (answer === 'rejected') incoming.reject();
      });
      outgoing.close(0, { reason: { kind: 'normal' } });
      talk(sender, receiver);
      outgoing.handleTimeout(30_000);
      talk(sender, receiver);
      expect(sender.events.map(({ kind }) => kind)).toEqual([answer]);
      expect(receiver.events.length).toBe(answer === 'no-answer' ? 2 : 1);
    }
  });

  test('the peer is asked for another mode, and accepts, refuses or says nothing', () => {
    const modes = [[{ type: { kind: 'audioMode', value: { kind: 'g711Alaw64k' } } }]] as const;
    for (const answer of ['accepted', 'rejected', 'no-answer'] as const) {
      const outgoing = new OutgoingModeRequestEntity();
      const incoming = new IncomingModeRequestEntity();
      const sender = new End(outgoing, (message) => {
        const { kind, value } = innermost(message);
        if (kind === 'requestModeAck') outgoing.receiveAck(0, value as H245.RequestModeAck);
        if (kind === 'requestModeReject') outgoing.receiveReject(0, value as H245.RequestModeReject);
      });
      const receiver = new End(incoming, (message) => {
        const { kind, value } = innermost(message);
        if (kind === 'requestModeRelease') incoming.receiveRelease(0);
        if (kind !== 'requestMode') return;
        incoming.receiveRequest(0, value as H245.RequestMode);
        if (answer === 'accepted') incoming.accept({ kind: 'willTransmitMostPreferredMode' });
        if (answer === 'rejected') incoming.reject({ kind: 'modeUnavailable' });
      });
      outgoing.ask(0, modes);
      talk(sender, receiver);
      outgoing.handleTimeout(30_000);
      talk(sender, receiver);
      expect(sender.events.map(({ kind }) => kind)).toEqual([answer]);
      expect(receiver.events[0]).toEqual({ kind: 'asked', requestedModes: modes });
      expect(receiver.events.length).toBe(answer === 'no-answer' ? 2 : 1);
    }
  });

  test('the round trip is measured by the answer to the last question; no answer is told after T105', () => {
    const asking = new RoundTripDelayEntity();
    const asked = new RoundTripDelayEntity();
    const asker = new End(asking, () => {});
    asking.measure(0);
    asking.measure(100);
    asked.receiveRequest(0, { sequenceNumber: 9 });
    expect(new End(asked, () => {}).outputs().map((octets) => Buffer.from(octets).toString('hex'))).toEqual(['280009']);
    asking.receiveResponse(150, { sequenceNumber: 1 });
    asking.receiveResponse(160, { sequenceNumber: 2 });
    asking.receiveResponse(170, { sequenceNumber: 2 });
    asking.measure(1_000);
    asking.handleTimeout(11_000);
    expect(asker.outputs()).toHaveLength(3);
    expect(asker.events).toEqual([{ kind: 'measured', milliseconds: 60 }, { kind: 'no-answer' }]);
  });
});
