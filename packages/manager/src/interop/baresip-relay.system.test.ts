import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { artefactFolder, Baresip, Lab, missingPrograms, toneSeconds, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What each of the two plays, in hertz. */
const tones = { secure: 440, plain: 660 } as const;
const seconds = 2;

describe.skipIf(missingPrograms('baresip'))(
  'the relay between a baresip that insists on SRTP and one without it',
  () => {
    const folder = artefactFolder('baresip-relay');
    let lab: Lab;
    let secure: Baresip;
    let plain: Baresip;

    beforeAll(async () => {
      lab = await Lab.start(join(folder, 'manager'), ['media: { relay: needed, host: 127.0.0.1 }']);
      for (const tone of Object.values(tones)) writeTone(join(folder, `${tone}.wav`), tone);
      const { name, certificateFile, trustFile } = await lab.secureDevice('1001');
      const account = `<sip:1001@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=auto;mediaenc=srtp-mand`;
      const wavFile = join(folder, `${tones.secure}.wav`);
      secure = await Baresip.start({ directory: join(folder, '1001'), account, certificateFile, trustFile, wavFile });
      await lab.registered(name);
      const other = await lab.passwordDevice('1003');
      const byPassword = `auth_user=${other.name};auth_pass=${other.password}`;
      plain = await Baresip.start({
        directory: join(folder, '1003'),
        account: `<sip:1003@127.0.0.1:${lab.ports.md5.udp}>;regint=60;answermode=auto;${byPassword}`,
        wavFile: join(folder, `${tones.plain}.wav`),
      });
      await lab.registered(other.name);
    });
    afterAll(async () => {
      for (const phone of [secure, plain]) await phone?.stop();
      await lab?.stop();
    });

    test.each(['1001 calls 1003', '1003 calls 1001'])(
      '%s: under prefer the capable leg keeps SRTP, the call is shown as non-secure, and each hears the other',
      async (direction) => {
        const caller = direction.startsWith('1001') ? secure : plain;
        caller.command('dial', direction.slice(-4));
        const call = await lab.call('is answered', ({ state }) => state === 'answered');
        expect(call).toMatchObject({ level: 'non-secure', relayed: 'one-end-without-srtp' });
        const legs = new Map(call.legs.map((leg) => [leg.line, leg]));
        expect(legs.get('1001')).toMatchObject({ keying: 'sdes', suite: expect.stringMatching(/^AE/) });
        expect(legs.get('1003')).toMatchObject({ keying: 'none', suite: null, level: 'non-secure' });
        await delay((seconds + 0.5) * 1_000);
        caller.command('hangup');
        await lab.idle();
      },
    );

    test('what they heard is the tone of the other, in both calls', async () => {
      for (const phone of [secure, plain]) await phone.stop();
      for (const [phone, tone] of [
        [secure, tones.plain],
        [plain, tones.secure],
      ] as const) {
        const heard = await Promise.all(phone.recordings('dec').map((file) => toneSeconds(file, tone)));
        expect(heard).toHaveLength(2);
        for (const one of heard) expect(one.heard).toBeGreaterThan(seconds * 0.75);
      }
    });
  },
);
