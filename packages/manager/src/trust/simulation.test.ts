import { judgeOfferedList } from '@trustline/pki';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { itlRecords } from './composition.ts';
import { simulateRenewal } from './renewal.ts';
import { type KnownPhone, simulate } from './simulation.ts';
import { type Cast, holding, makeCast, makeCtl, makeList, phone, vouchingFor } from './trust.fixture.ts';

let cast: Cast;
let seconds: number;
/** With TVS, and without. */
let itl: Uint8Array;
let itlWithoutTvs: Uint8Array;
beforeAll(async () => {
  cast = await makeCast();
  seconds = Math.floor(cast.now / 1_000);
  const records = itlRecords(cast.servers, cast.tftp.certificate);
  itl = await makeList(cast.tftp, records, { kind: 'ITL', timestamp: seconds });
  const fewer = records.filter(({ role }) => role !== 'TVS');
  itlWithoutTvs = await makeList(cast.tftp, fewer, { kind: 'ITL', timestamp: seconds });
}, 60_000);
afterAll(() => cast.dispose());

describe('the simulation', () => {
  test('sorts phones as the rules that they run do, each by what it holds', async () => {
    const held = await makeCtl(cast);
    const strangers = await makeCtl(cast, { signer: cast.strangersToken, tokens: [cast.strangersToken] });
    const newer = await makeCtl(cast, { timestamp: seconds + 60 });
    const latest = await makeCtl(cast, { timestamp: seconds + 120 });
    const phones = [
      phone('SEP000000000001', undefined),
      phone('SEP000000000002', held),
      phone('SEP000000000003', strangers),
      phone('SEP000000000004', latest),
      phone('SEP000000000005', newer),
      phone('SEP000000000006', undefined, itl),
    ];
    const simulation = simulate(phones, { kind: 'CTL', octets: newer }, undefined, cast.now);
    const agreed = phones.filter(({ device, held: lists }) => {
      const requestedName = `CTL${device}.tlv`;
      return judgeOfferedList(lists, { kind: 'CTL', requestedName, octets: newer }, { now: cast.now }).accepted;
    });
    expect(simulation.accepting).toEqual(agreed.map(({ device }) => device));
    expect(simulation.locked).toMatchObject([
      { device: 'SEP000000000003', rule: 'signer-unknown', phoneWords: 'Trust List update failed (CTL)' },
      { device: 'SEP000000000004', rule: 'older-than-held' },
    ]);
    expect(simulation.healing).toEqual([]);
  });

  test('counts the Trust Verification Service only for phones that hold its certificate', async () => {
    const held = await makeCtl(cast, { servers: { ...cast.servers, tvs: [] } });
    const offered = {
      kind: 'CTL',
      octets: await makeCtl(cast, { signer: cast.strangersToken, tokens: [cast.strangersToken] }),
    } as const;
    const phones = [phone('SEP000000000001', held, itl), phone('SEP000000000002', held, itlWithoutTvs)];
    const tvs = vouchingFor(cast, cast.strangersToken);
    const { healing, locked } = simulate(phones, offered, tvs, cast.now);
    expect(healing).toEqual(['SEP000000000001']);
    expect(locked.map(({ device }) => device)).toEqual(['SEP000000000002']);
    // Another TVS than the one that the phone knows heals nobody.
    const other = { ...tvs, certificate: cast.tftp.certificate };
    expect(simulate(phones, offered, other, cast.now).healing).toEqual([]);
    expect(simulate(phones, offered, vouchingFor(cast), cast.now).healing).toEqual([]);
  });

  test('asks a phone under every state that it may be in: it is locked if it would be in any of them', async () => {
    const held = await makeCtl(cast);
    const strangers = await makeCtl(cast, { signer: cast.strangersToken, tokens: [cast.strangersToken] });
    const newer = { kind: 'CTL', octets: await makeCtl(cast, { timestamp: seconds + 60 }) } as const;
    const certain = phone('SEP000000000001', held);
    const either = { ...certain, mayHold: [holding(strangers)] };
    expect(simulate([certain], newer, undefined, cast.now).accepting).toHaveLength(1);
    expect(simulate([either], newer, undefined, cast.now).locked).toMatchObject([
      { rule: 'signer-unknown', ourWords: expect.stringMatching(/^if it took what was given in its name: /) },
    ]);
    const vouched = vouchingFor(cast, ...cast.tokens);
    expect(simulate([either], newer, vouched, cast.now).healing).toEqual(['SEP000000000001']);
    // Of a phone that was never seen it is one of two things that it takes the list blindly.
    const unknown = { ...phone('SEP000000000002', undefined), mayHold: [holding(strangers)] };
    expect(simulate([unknown], newer, undefined, cast.now).locked).toHaveLength(1);
  });

  test('of a certificate asks the same, and a phone that may hold nothing is not lost by that', async () => {
    const [shown] = cast.servers.capf;
    if (shown === undefined) throw new Error('the cast has a CAPF');
    const held = await makeCtl(cast);
    const without = await makeCtl(cast, { servers: { ...cast.servers, capf: [], tvs: [] } });
    const judge = (phones: readonly KnownPhone[]) =>
      simulateRenewal(phones, 'CAPF', shown, vouchingFor(cast), cast.now);
    const certain = phone('SEP000000000001', held);
    expect(judge([certain, { ...phone('SEP000000000002', undefined), mayHold: [holding(held)] }]).knowing).toHaveLength(
      2,
    );
    expect(judge([{ ...certain, mayHold: [holding(without)] }]).lost).toMatchObject([
      { words: expect.stringMatching(/^if it took what was given in its name: /) },
    ]);
  });

  test('of a broken file locks everybody, first comers too', async () => {
    const octets = (await makeCtl(cast)).slice(0, -1);
    const phones = [phone('SEP000000000001', undefined), phone('SEP000000000002', undefined)];
    expect(simulate(phones, { kind: 'CTL', octets }, undefined, cast.now).locked).toHaveLength(2);
  });
});
