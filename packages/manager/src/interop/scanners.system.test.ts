import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artefactFolder, eventually, missingPrograms, type PasswordDevice, runProgram } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

/** Single requests and floods by sipsak, and the scanner SIPVicious, at a manager with phones that SIPp plays. */
describe.skipIf(missingPrograms('sipp', 'sipsak', 'sipvicious'))('who comes without being asked', () => {
  const folder = artefactFolder('scanners');
  let phones: SippLab;
  let device: PasswordDevice;
  let address: string;

  beforeAll(async () => {
    phones = await SippLab.start(folder);
    device = await phones.lab.passwordDevice('1003');
    address = `127.0.0.1:${phones.lab.ports.md5.udp}`;
  });
  afterAll(() => phones?.stop());

  /** As 1003, with its password. */
  const sipsak = (...args: readonly string[]) =>
    runProgram('sipsak', ['-v', '-u', device.name, '-a', device.password, ...args], { directory: folder });

  describe('SIPVicious', () => {
    const scan = async (name: string, command: string, args: readonly string[], signal?: AbortSignal) => {
      const directory = join(folder, name); // it keeps what it has found in the home folder
      await mkdir(directory, { recursive: true });
      const port = String(phones.lab.ports.md5.udp);
      const ran = await runProgram(command, ['-p', port, ...args, '127.0.0.1'], {
        directory,
        ...(signal && { signal }),
      });
      await writeFile(join(directory, 'said.txt'), ran.output);
      return ran.output;
    };
    /** The answer to one extension, as its `--debug` shows it, without what is another in each. */
    const answerTo = (method: string, extension: string) =>
      eventually('an answer of a machine that has time for it', async () => {
        const args = ['--force', '--debug', '-m', method, '-e', extension];
        const said = await scan(`${method}-${extension}`, 'svwar', args);
        const answer = said.split('\n').findLast((line) => line.startsWith("b'SIP/2.0"));
        if (answer?.includes(' 503 ')) return undefined;
        const changing = /(tag=|nonce="|branch=|Call-ID: |:(?=\d+;)|rport=)[\w.-]+/g;
        return answer?.replaceAll(extension, 'extension').replaceAll(changing, '$1');
      });

    test('finds no names, versions or lines, cannot tell who is here from who is not, and guesses no password', async () => {
      const file = join(folder, 'wrong.txt');
      await writeFile(file, Array.from({ length: 500 }, (_, at) => `guess${at}\n`).join(''));
      const stop = new AbortController();
      const named = phones.lab.event('the scanner', ({ kind }) => kind === 'scan-suspected');
      void named.then(
        () => stop.abort(),
        () => stop.abort(),
      );
      // It gives up at a 503, which a busy machine can bring about: then it comes again.
      const guesses = async () => {
        const args = ['-u', device.name, '-e', '1003', '-d', file];
        let said = '';
        while (!stop.signal.aborted) said += await scan('crack-wrong', 'svcrack', args, stop.signal);
        return said;
      };
      const [map, wrong, ...answers] = await Promise.all([
        scan('map', 'svmap', ['-d']),
        guesses(),
        ...['REGISTER', 'INVITE'].flatMap((method) => ['1003', '4040'].map((line) => answerTo(method, line))),
      ]);
      expect(map).toMatch(/127\.0\.0\.1:\d+ +\| unknown/);
      expect(map).not.toMatch(/trustline\//i);
      // 1003 is known here, 4040 is not.
      expect(answers[0]).toMatch(/^b'SIP\/2\.0 401 /);
      expect(answers[1]).toBe(answers[0]);
      expect(answers[2]).toMatch(/^b'SIP\/2\.0 401 /);
      expect(answers[3]).toBe(answers[2]);
      expect(wrong).not.toContain(device.name);
      const { cause } = await named;
      expect(cause).toMatch(/^\d+ requests from 127\.0\.0\.1 were turned away in \d+ s$/);
    });

    test('would know the right password', async () => {
      const file = join(folder, 'right.txt');
      await writeFile(file, `one\n${device.password}\ntwo\n`);
      const found = new RegExp(`${device.name} *\\| *${device.password}`);
      await eventually('that it finds it, of a machine that has time for it', async () =>
        found.test(await scan('crack-right', 'svcrack', ['-u', device.name, '-e', '1003', '-d', file])),
      );
    });
  });

  describe('sipsak', () => {
    /** A request of 1003 to a line, which sipsak sends as it stands. */
    async function shoot(method: string, line: string, text = '') {
      const lines = [
        `${method} sip:${line}@${address} SIP/2.0`,
        'From: <sip:1003@127.0.0.1>;tag=one',
        `To: <sip:${line}@127.0.0.1>`,
        `Call-ID: ${method}-${line}`,
        `CSeq: 1 ${method}`,
        'Max-Forwards: 70',
        'Content-Type: text/plain',
        `Content-Length: ${text.length}`,
      ];
      const file = join(folder, `${method}-${line}.txt`);
      await writeFile(file, `${lines.join('\r\n')}\r\n\r\n${text}`);
      return sipsak('-L', '-f', file, '-s', `sip:${line}@${address}`);
    }

    test.each(['udp', 'tcp'] as const)('registers by %s with its password', async (transport) => {
      const contact = `sip:1003@127.0.0.1:5099;transport=${transport}`;
      const server = `sip:1003@127.0.0.1:${phones.lab.ports.md5[transport]}`;
      const { exitCode, output } = await sipsak('-i', '-E', transport, '-U', '-x', '60', '-C', contact, '-s', server);
      expect([exitCode, output]).toEqual([0, expect.stringContaining('All usrloc tests completed successful')]);
      await phones.lab.registered(device.name);
    });

    test('RFC 3261 §11: asks what is understood here, as itself; as another it is refused, in words', async () => {
      const { exitCode, output } = await shoot('OPTIONS', '1003');
      expect(exitCode).toBe(0);
      expect(output).toMatch(/^Allow: .*INVITE.*MESSAGE/m);
      const other = await sipsak('-s', `sip:1003@${address}`); // from sipsak@
      expect(other.exitCode).toBe(1);
      expect(other.output).toMatch(/^SIP\/2\.0 403 [\s\S]*^Warning: .*a line that this device does not have/m);
    });

    test('RFC 3428: writes to a phone, which reads it', async () => {
      const reading = phones.wait(scenario(expectRequest('MESSAGE'), respond('200 OK')));
      expect(await shoot('MESSAGE', '1002', 'It rings!')).toMatchObject({ exitCode: 0 });
      const { exitCode, messages } = await reading;
      expect(exitCode).toBe(0);
      expect(messages).toMatch(/^From: <sip:1003@[\s\S]*^It rings!$/m);
    });

    test('by TLS without a certificate gets no answer, and the event says why', async () => {
      const { lab } = phones;
      const asked = await sipsak('-E', 'tls', '-i', '-U', '-x', '60', '-s', `sip:1003@127.0.0.1:${lab.ports.tls}`);
      expect(asked.exitCode).not.toBe(0);
      expect(asked.output).not.toContain('SIP/2.0');
      const { cause } = await lab.event('the handshake', ({ kind }) => kind === 'handshake-refused');
      expect(cause).toBe('no certificate was presented');
    });

    test('floods: a phone calls meanwhile, and is answered', async () => {
      const flood = () => sipsak('-F', '-e', '500', '-s', `sip:nobody@${address}`);
      const floods = Promise.all([flood(), flood(), flood()]);
      const hangUp = [request('BYE', { cseq: 3, ...inDialog, repeat: 500 }), expectResponse(200)];
      const talks = [expectResponse(180, { optional: true }), expectResponse(200)];
      await phones.both(scenario(invite(), ...talks, request('ACK', { cseq: 2, ...inDialog }), ...hangUp), answering);
      for (const { exitCode, output } of await floods) {
        expect([exitCode, output]).toEqual([0, expect.stringContaining('flood end reached')]);
      }
    });
  });
});
