import { join } from 'node:path';
import { artefactFolder, Baresip, eventually, Lab, missingPrograms, writeTone } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, test } from 'vitest';

/** baresip with its modules for presence and messages, over TLS with certificates. */
describe.skipIf(missingPrograms('baresip'))('baresip watches', () => {
  const folder = artefactFolder('baresip-subscriptions');
  let lab: Lab;
  let watcher: Baresip;
  let watched: Baresip;
  let mailbox: Baresip;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'));
    const wavFile = join(folder, 'tone.wav');
    writeTone(wavFile, 440);
    const start = async (line: string, extra: string, more: Partial<Parameters<typeof Baresip.start>[0]>) => {
      const { certificateFile, trustFile, name } = await lab.secureDevice(line);
      const address = `sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls`;
      const account = `<${address}>;regint=60;audio_codecs=PCMA/8000/1;mediaenc=srtp-mand${extra}`;
      const directory = join(folder, line);
      const phone = await Baresip.start({ directory, account, certificateFile, trustFile, wavFile, ...more });
      await lab.registered(name);
      return phone;
    };
    watched = await start('1002', ';answermode=auto', {});
    watcher = await start('1001', '', {
      configuration: ['module_app contact.so', 'module_app presence.so'],
      contacts: [`"Bob" <sip:1002@127.0.0.1:${lab.ports.tls};transport=tls>;presence=p2p`],
    });
    const { name, password } = await lab.passwordDevice('1003');
    const account = `<sip:1003@127.0.0.1:${lab.ports.md5.udp};transport=udp>;auth_user=${name};auth_pass=${password};regint=60;mwi=yes`;
    const directory = join(folder, '1003');
    mailbox = await Baresip.start({
      directory,
      account,
      wavFile,
      configuration: ['module_app contact.so', 'module_app mwi.so'],
      // It subscribes and writes by UDP whatever its account says.
      contacts: [`"Bob" <sip:1002@127.0.0.1:${lab.ports.md5.udp}>`],
    });
    await lab.registered(name);
  });
  afterAll(async () => {
    await watcher?.stop();
    await watched?.stop();
    await mailbox?.stop();
    await lab?.stop();
  });

  test('a colleague: it shows that she talks', async () => {
    await eventually('the presence of 1002', () => watcher.log().includes('application/pidf+xml'));
    watcher.command('dial', '1002');
    await eventually('her being busy', () => /changed status from \S*Online\S* to \S*Busy/.test(watcher.log()));
  });

  test('its own messages (RFC 3842)', async () => {
    await eventually('its subscription', () => mailbox.log().includes('Messages-Waiting: no'));
    await lab.client.setWaitingMessages('1003', { new: 3, old: 4 });
    await eventually('its messages', () => mailbox.log().includes('Voice-Message: 3/4'));
  });

  test('and it writes to a colleague, who reads it (MESSAGE, RFC 3428)', async () => {
    mailbox.command('contact_next');
    mailbox.command('message', 'See you at three');
    await eventually('the message', () => watched.log().includes('See you at three'));
  });
});
