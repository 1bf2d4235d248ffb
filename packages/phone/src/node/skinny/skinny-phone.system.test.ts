import { setTimeout as delay } from 'node:timers/promises';
import { artefactFolder, eventually, type Lab } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { speechLike } from '../../audio/speech-like.ts';
import { blankState } from '../../boot/state.ts';
import { fileServerOf, micOf, provisioningLab, WatchedBoot } from '../boot/booted-lab.fixture.ts';
import { PassingMemory } from '../boot/state-folder.ts';
import type { RunningCall } from '../running-call.ts';
import type { CallKeys, PhoneEvent, Softphone } from '../softphone.ts';
import { play } from '../wav-file.ts';
import { SkinnyPhone } from './skinny-phone.ts';

const folder = artefactFolder('skinny-phone');
let lab: Lab;
const boots: WatchedBoot[] = [];

beforeAll(async () => {
  const policies = [
    'identity: { registrationProofs: [LSC, pinned, MIC] }',
    "dialPlan: [{ to: lines, pattern: '1009', policy: require }]",
  ];
  lab = await provisioningLab(folder, policies, '', [
    '  - { transport: sccp, host: 127.0.0.1, port: 0 }',
    '  - { transport: sccp-tls, host: 127.0.0.1, port: 0 }',
    "  - { transport: sccp-tls, host: '::1', port: 0 }",
  ]);
});
afterAll(async () => {
  await Promise.all(boots.map(({ boot }) => boot.stop()));
  await lab?.stop();
});

/** A phone that answers, with all that it and its calls have told. */
class Booted {
  readonly calls: RunningCall[] = [];
  readonly events: PhoneEvent[] = [];
  readonly keys: CallKeys[] = [];
  readonly watched: WatchedBoot;

  constructor(watched: (onEvent: (event: PhoneEvent) => void, onKeys: (keys: CallKeys) => void) => WatchedBoot) {
    this.watched = watched(
      (event) => {
        this.events.push(event);
        if (event.kind !== 'incoming') return;
        this.calls.push(event.call);
        void this.phone.answer(event.call, { source: play(speechLike(20, 2), { loop: true }) });
      },
      (keys) => this.keys.push(keys),
    );
    boots.push(this.watched);
  }

  get phone(): Softphone {
    const { phone } = this.watched.boot;
    if (phone === undefined) throw new Error('it is not registered');
    return phone;
  }

  call(number: string, consultingFor?: RunningCall): Promise<RunningCall> {
    return this.phone.call(number, { source: play(speechLike(20, 1), { loop: true }), consultingFor });
  }
}

let last = 0;
async function bootPhone(
  line: string,
  protocol: 'SIP' | 'SCCP',
  {
    securityMode = 'encrypted',
    security,
    enrols = true,
  }: { securityMode?: 'encrypted' | 'non-secure'; security?: 'prefer'; enrols?: boolean } = {},
): Promise<Booted> {
  last += 1;
  const device = `SEP02000000010${last}`;
  const declared = protocol === 'SCCP' ? 'sccp' : 'sip';
  await lab.client.addDevice({ name: device, securityMode, protocol: declared, lines: [{ number: line }] });
  const mic = await micOf(lab, device);
  if (securityMode === 'encrypted' && enrols) await lab.client.openEnrolment(device, { by: 'mic', key: 'EC-P-256' });
  const files = await fileServerOf(lab);
  const booted = new Booted(
    (onEvent, onKeys) =>
      new WatchedBoot({
        device,
        files,
        protocol,
        memory: new PassingMemory({ ...blankState, mic }),
        phone: { onEvent, onKeys: (_, keys) => onKeys(keys), ...(security === undefined ? {} : { security }) },
      }),
  );
  await booted.watched.boot.registered();
  return booted;
}

const heard = (call: RunningCall | undefined) => call?.statistics()?.packetsReceived ?? 0;
/** Both hear each other; what is under way while keys change may be refused, and nothing after that. */
async function talk(one: RunningCall, other: RunningCall | undefined): Promise<void> {
  const hearMore = (packets: number) => {
    const before = [heard(one), heard(other)] as const;
    return eventually(
      'both hear each other',
      () => heard(one) > before[0] + packets && heard(other) > before[1] + packets,
    );
  };
  await hearMore(5);
  const refused = () => [one, other].map((call) => call?.statistics()?.rejections);
  const before = refused();
  await hearMore(10);
  expect(refused()).toEqual(before);
}

describe('phones that speak Skinny, at a call manager', () => {
  let ann: Booted;
  let ben: Booted;
  let sip: Booted;

  test('boot, enrol, and register by TLS with their LSC', async () => {
    [ann, ben, sip] = await Promise.all([
      bootPhone('1001', 'SCCP', { security: 'prefer' }),
      bootPhone('1002', 'SCCP', { security: 'prefer' }),
      bootPhone('1003', 'SIP', { security: 'prefer' }),
    ]);
    expect(ann.watched.registration).toMatchObject({ protocol: 'SCCP', transport: 'tls', identity: 'LSC' });
    const connected = ann.events.find((event) => event.kind === 'connected');
    expect(connected).toMatchObject({ tls: { protocol: 'TLSv1.3', group: 'X25519MLKEM768' } });
  });

  test.each(['Skinny to Skinny', 'Skinny to SIP', 'SIP to Skinny'])(
    '%s: encrypted, with the keys of each at the other',
    async (way) => {
      const from = way.startsWith('SIP') ? sip : ann;
      const to = way.endsWith('SIP') ? sip : ben;
      for (const end of [from, to]) end.keys.length = 0;
      const call = await from.call(to === sip ? '1003' : '1002');
      await call.established;
      const other = to.calls.at(-1);
      await talk(call, other);
      expect([call.level, other?.level]).toEqual(['encrypted', 'encrypted']);
      const [near, far] = [from.keys.at(-1), to.keys.at(-1)];
      expect(near?.send.fingerprint).toBe(far?.receive.fingerprint);
      expect(near?.receive.fingerprint).toBe(far?.send.fingerprint);
      call.hangUp();
      expect(await call.ended).toMatchObject({ ending: 'completed', by: 'local' });
      expect(await other?.ended).toMatchObject({ ending: 'completed', by: 'remote' });
    },
  );

  test('hold: silence; resume: new keys; both at a Skinny and at a SIP phone', async () => {
    for (const to of [ben, sip]) {
      const call = await ann.call(to === sip ? '1003' : '1002');
      await call.established;
      const other = to.calls.at(-1);
      await talk(call, other);
      const before = ann.keys.at(-1)?.send.fingerprint;
      expect(call.hold()).toBe(true);
      await eventually('it is on hold', () => call.media === undefined);
      await delay(300);
      const silent = heard(other);
      await delay(300);
      expect(heard(other)).toBe(silent);
      expect(call.resume()).toBe(true);
      await eventually('it talks again', () => call.media !== undefined);
      await talk(call, other);
      expect(ann.keys.at(-1)?.send.fingerprint).not.toBe(before);
      call.hangUp();
      await Promise.all([call.ended, other?.ended]);
    }
  });

  test('transfer, blind and attended: the other two talk, with keys that the first never had', async () => {
    for (const attended of [false, true]) {
      const call = await ann.call('1002');
      await call.established;
      const bens = ben.calls.at(-1);
      await talk(call, bens);
      if (attended) {
        const consultation = await ann.call('1003', call);
        await consultation.established;
        expect(call.join(consultation)).toBe(true);
      } else expect(call.transfer('1003')).toBe(true);
      expect(await call.transferred).toBe(true);
      await call.ended;
      const sips = sip.calls.at(-1);
      if (bens === undefined || sips === undefined) throw new Error('nobody talks');
      await sips.established;
      await talk(bens, sips);
      expect([bens.level, sips.level]).toEqual(['encrypted', 'encrypted']);
      bens.hangUp();
      await Promise.all([bens.ended, sips.ended]);
    }
  });

  test('with a non-secure phone both show an open lock; by `require` it is not called', async () => {
    const clear = await bootPhone('1004', 'SCCP', { securityMode: 'non-secure' });
    expect(clear.watched.registration).toMatchObject({ protocol: 'SCCP', transport: 'tcp' });
    for (const [from, to, number] of [
      [ann, clear, '1004'],
      [clear, ann, '1001'],
      [clear, sip, '1003'],
    ] as const) {
      const call = await from.call(number);
      await call.established;
      const other = to.calls.at(-1);
      await talk(call, other);
      await eventually('an open lock at both', () => [call, other].every((end) => end?.level === 'non-secure'));
      const clearEnd = from === clear ? call : other;
      expect(clearEnd?.media?.suite).toBe('clear');
      // To a secure phone the manager stands between, and its leg keeps SRTP; the call is no safer for it.
      if (from === clear) expect(other?.media?.suite).toMatch(/^AEAD_AES_/);
      call.hangUp();
      await Promise.all([call.ended, other?.ended]);
    }
    const strict = await bootPhone('1009', 'SCCP');
    const refused = await strict.call('1004');
    expect(await refused.ended).toMatchObject({ ending: 'refused-for-security' });
    // The policy of its number is `require`: it is not rung, and the caller's display says why.
    const barred = await clear.call('1009');
    expect(await barred.ended).toMatchObject({ ending: 'refused-for-security', reason: 'Encryption required' });
    expect(strict.calls).toEqual([]);
  });

  test('by its MIC, where the cluster lets phones register by one; it is no less encrypted', async () => {
    const mac = await bootPhone('1006', 'SCCP', { security: 'prefer', enrols: false });
    expect(mac.watched.registration).toMatchObject({ protocol: 'SCCP', transport: 'tls', identity: 'MIC' });
    const call = await mac.call('1002');
    await call.established;
    await talk(call, ben.calls.at(-1));
    expect([call.level, ben.calls.at(-1)?.level]).toEqual(['encrypted', 'encrypted']);
    call.hangUp();
    await call.ended;
  });

  test('over IPv6: registers, and calls with SRTP from address to address (16 octets, from version 17 on)', async () => {
    const { listeners } = await lab.client.status();
    const port = listeners.find(({ transport, host }) => transport === 'sccp-tls' && host === '::1')?.port ?? 0;
    const incoming: RunningCall[] = [];
    const phones: SkinnyPhone[] = [];
    try {
      for (const line of ['1007', '1008']) {
        const device = `SEP02000000${line}`;
        const added = { name: device, securityMode: 'encrypted', protocol: 'sccp', lines: [{ number: line }] } as const;
        await lab.client.addDevice(added);
        const { proof, trustBundlePem, server } = await lab.client.deviceCredentials(device);
        if (proof.kind !== 'certificate') throw new Error('it has no certificate');
        expect(server.transport).toBe('sccp-tls');
        const { certificatePem, privateKeyPem } = proof;
        const phone: SkinnyPhone = SkinnyPhone.start({
          device,
          line,
          server: { host: '::1', port },
          connection: { kind: 'tls', certificatePem, privateKeyPem, trustBundlePem },
          onEvent: (event) => {
            if (event.kind !== 'incoming') return;
            incoming.push(event.call);
            void phone.answer(event.call, { source: play(speechLike(20, 2), { loop: true }) });
          },
        });
        phones.push(phone);
        await phone.registered();
      }
      const call = await phones[0]?.call('1008', { source: play(speechLike(20, 1), { loop: true }) });
      if (call === undefined) throw new Error('there is no phone');
      await call.established;
      await talk(call, incoming[0]);
      expect([call.level, incoming[0]?.level]).toEqual(['encrypted', 'encrypted']);
      expect([call.media?.remote.host, incoming[0]?.media?.remote.host]).toEqual(['::1', '::1']);
    } finally {
      await Promise.all(phones.map((phone) => phone.stop()));
    }
  });

  test('digits, a number that there is not, and somebody who is busy or refuses', async () => {
    const call = await ann.call('1002');
    await call.established;
    await talk(call, ben.calls.at(-1));
    expect(call.sendDigits('12#')).toBe(true);
    await eventually('the digits are there', () => ben.calls.at(-1)?.digits === '12#');
    call.hangUp();
    await call.ended;
    const wrong = await ann.call('9999');
    expect(await wrong.ended).toMatchObject({ ending: 'no-such-number', reason: 'No such number' });
  });
});
