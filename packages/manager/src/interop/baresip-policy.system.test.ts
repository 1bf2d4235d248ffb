import { join } from 'node:path';
import { artefactFolder, Baresip, eventually, Lab, missingPrograms, writeTone } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { levelsShown } from './levels-shown.fixture.ts';

describe.skipIf(missingPrograms('baresip'))('calls between baresips of which not both can encrypt', () => {
  const folder = artefactFolder('baresip-policy');
  let lab: Lab;
  /** 1001: an encrypted device that insists on SRTP. */
  let strict: Baresip;
  /** 1003: a non-secure device, over UDP with a password. */
  let plain: Baresip;
  /** 1004: an encrypted device that offers RTP/AVP and takes it. */
  let lenient: Baresip;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), [
      'dialPlan: [{ pattern: "1001", to: lines, policy: require }]',
      'media: { relay: never }',
    ]);
    const wavFile = join(folder, 'tone.wav');
    writeTone(wavFile, 440);
    const secure = async (line: string, extra: string) => {
      const { name, certificateFile, trustFile } = await lab.secureDevice(line);
      const account = `<sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=auto${extra}`;
      const phone = await Baresip.start({
        directory: join(folder, line),
        account,
        certificateFile,
        trustFile,
        wavFile,
      });
      await lab.registered(name);
      return phone;
    };
    strict = await secure('1001', ';mediaenc=srtp-mand');
    lenient = await secure('1004', '');
    const { name, password } = await lab.passwordDevice('1003');
    const account = `<sip:1003@127.0.0.1:${lab.ports.md5.udp}>;regint=60;answermode=auto;auth_user=${name};auth_pass=${password}`;
    plain = await Baresip.start({ directory: join(folder, '1003'), account, wavFile });
    await lab.registered(name);
  });
  afterEach(async () => {
    for (const phone of [strict, plain, lenient]) phone.command('hangup');
    await lab.idle();
  });
  afterAll(async () => {
    for (const phone of [strict, plain, lenient]) await phone?.stop();
    await lab?.stop();
  });

  const portOf = (phone: Baresip) => (phone === plain ? lab.ports.md5.udp : lab.ports.tls);

  /** The refusal among what a phone was sent, once its log has it. */
  const refusalOf = (messages: ReturnType<Baresip['messages']> | undefined) =>
    messages?.find(({ sent, text }) => !sent && text.startsWith('SIP/2.0 488'))?.text;

  /** What two phones were shown and sent since this was called. */
  function watch(...phones: Baresip[]) {
    const before = phones.map((phone) => phone.messages(portOf(phone)).length);
    return () => phones.map((phone, at) => phone.messages(portOf(phone)).slice(before[at]));
  }

  test.each(['1003 calls 1004', '1004 calls 1003'])(
    'under prefer a call with an incapable end is clear, and shown so on both: %s',
    async (direction) => {
      const [caller, called] = direction.startsWith('1003') ? [plain, lenient] : [lenient, plain];
      const since = watch(caller, called);
      caller.command('dial', direction.slice(-4));
      const call = await lab.call('is answered', ({ state }) => state === 'answered');
      expect(call).toMatchObject({ level: 'non-secure', policy: 'prefer' });
      const legs = new Map(call.legs.map((leg) => [leg.line, leg]));
      expect(legs.get('1003')).toMatchObject({
        signalling: 'none',
        proof: 'digest',
        keying: 'none',
        level: 'non-secure',
      });
      expect(legs.get('1004')).toMatchObject({ signalling: 'tls-mutual', proof: 'certificate', keying: 'none' });
      await caller.event('CALL_ESTABLISHED');
      const [atCaller = [], atCalled = []] = since();
      expect(new Set(levelsShown(atCaller))).toEqual(new Set(['to NotAuthenticated']));
      expect(new Set(levelsShown(atCalled))).toEqual(new Set(['from NotAuthenticated']));
      const offers = [...atCaller, ...atCalled].flatMap(({ text }) => text.match(/^(m=audio.*|a=crypto.*)$/gm) ?? []);
      expect(offers.length).toBeGreaterThanOrEqual(4);
      for (const line of offers) expect(line).toMatch(/^m=audio \d+ RTP\/AVP /);
    },
  );

  test('an SAVP offer towards an incapable phone is answered 488 with the reason, and its key goes no further', async () => {
    const since = watch(strict, plain);
    strict.command('dial', '1003');
    const refused = await lab.event('a refused call', ({ kind }) => kind === 'call-refused');
    await strict.event('CALL_CLOSED');
    const refusal = await eventually('a 488 in the log', () => refusalOf(since()[0]));
    const [, atCalled = []] = since();
    expect(refusal).toMatch(/^Warning: 399 127\.0\.0\.1:\d+ ".*SRTP.*"$/m);
    expect(atCalled.filter(({ text }) => text.startsWith('INVITE'))).toEqual([]);
    expect(refused.cause).not.toBe('');
  });

  test('under require a call that could only be clear is refused, and rings nobody', async () => {
    const since = watch(plain, strict);
    const closed = plain.events.length;
    const seen = (await lab.events()).length;
    plain.command('dial', '1001');
    await plain.event('CALL_CLOSED', { after: closed });
    const refusal = await eventually('a 488 in the log', () => refusalOf(since()[0]));
    const [, atCalled = []] = since();
    expect(refusal).toMatch(/^Warning: 399 .*"$/m);
    expect(atCalled.filter(({ text }) => text.startsWith('INVITE'))).toEqual([]);
    const kinds = (await lab.events()).slice(seen).map(({ kind }) => kind);
    expect(kinds).toContain('call-refused');
  });
});
