import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  answersAsSecondBranch,
  answersLate,
  hearsTwoBranches,
  holds,
  isHeld,
  offersAcross,
  offersFirst,
  offersLate,
} from './sipp-in-call.fixture.ts';
import { SippLab } from './sipp-lab.fixture.ts';
import { directionsOf, saidIn } from './sipp-said.fixture.ts';

/** Offers and answers between two that SIPp plays: late, on hold, crossing, and of several branches. */
describe.skipIf(missingPrograms('sipp'))('offers and answers with SIPp', () => {
  const folder = artefactFolder('sipp-offers');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  test('RFC 3264 §4: an INVITE without an offer has the offer in its 200 and the answer in its ACK', async () => {
    const { called, caller } = await phones.both(
      answersLate('clear', { port: 40_004 }),
      offersLate('clear', { port: 40_002 }),
    );
    expect(caller.messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^m=audio 40002 /m);
    expect(called.messages).toMatch(/^ACK [\s\S]*?^m=audio 40004 /m);
    // Nothing can be acknowledged reliably that would have to make the offer.
    expect(saidIn(called).find(({ text }) => text.startsWith('INVITE '))?.text).not.toMatch(/^Supported:.*100rel/m);
  });

  describe.each(['INVITE', 'UPDATE'] as const)('hold by %s', (method) => {
    test.each([
      ['RFC 3264 §8.4: sendonly', { direction: 'sendonly' }, { direction: 'recvonly' }, 'sendonly', 'recvonly'],
      ['RFC 3264 §8.4: inactive', { direction: 'inactive' }, { direction: 'inactive' }, 'inactive', 'inactive'],
      ['RFC 2543: an address of zeros', { address: '0.0.0.0' }, { direction: 'inactive' }, 'inactive', 'inactive'],
    ] as const)('%s, and resumed', async (_, held, answer, told, answered) => {
      const { caller, called } = await phones.both(holds('clear', method, held), isHeld('clear', answer));
      expect(directionsOf(called, 'INVITE')).toEqual(['sendrecv', told, 'sendrecv']);
      expect(directionsOf(caller, 'SIP/2.0 200').slice(-2)).toEqual([answered, 'sendrecv']);
    });
  });

  test('RFC 3261 §14.1, §14.2: who offers while an offer is under way is answered 491, and both come about', async () => {
    await phones.both(offersAcross('clear'), offersFirst('clear'));
  });

  test('RFC 3261 §13.2.2.4: of two branches with early media the second answers: the caller is offered it after the first', async () => {
    const { caller } = await phones.both(hearsTwoBranches('clear'), answersAsSecondBranch('clear'));
    const ports = saidIn(caller).flatMap(({ sent, text }) => {
      const [, start, port] = /^(SIP\/2\.0 \d+|INVITE) [\s\S]*?^m=audio (\d+) /m.exec(text) ?? [];
      return sent || start === undefined ? [] : [`${start} ${port}`];
    });
    expect(ports).toEqual(['SIP/2.0 183 40002', 'SIP/2.0 200 40002', 'INVITE 40004']);
  });
});
