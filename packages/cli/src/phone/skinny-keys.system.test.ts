import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditReport, correlateAtBestLag, type TapKey } from '@trustline/audit';
import { speechLike } from '@trustline/phone';
import { serializeWav } from '@trustline/rtp';
import type { SrtpProfileName } from '@trustline/srtp';
import { artefactFolder, Dumpcap, eventually, Lab, missingCapture, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from '../command-line.fixture.ts';
import { hear, readPackets } from '../demo/tap.ts';

const folder = artefactFolder('skinny-keys');
const wire = join(folder, 'wire.pcapng');
const keyLog = join(folder, 'tls-keys');
const missing = missingPrograms('tshark') || missingCapture();
/** `algorithmID` of a stream. */
const profiles: Readonly<Record<string, SrtpProfileName>> = {
  1: 'AES_CM_128_HMAC_SHA1_32',
  2: 'AES_CM_128_HMAC_SHA1_80',
  5: 'AEAD_AES_128_GCM',
};

describe.skipIf(missing)('a secure call of two phones by Skinny, on the wire', () => {
  let lab: Lab;
  let port = 0;
  const said = { '1001': speechLike(4, 1), '1002': speechLike(4, 2) };

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), [], '127.0.0.1', [
      '  - { transport: sccp-tls, host: 127.0.0.1, port: 0 }',
    ]);
    port = (await lab.client.status()).listeners.find(({ transport }) => transport === 'sccp-tls')?.port ?? 0;
    const phones = Object.entries(said).map(async ([line, speech], at) => {
      const name = `SEP02000000030${at}`;
      const [path, sound] = [join(folder, name), join(folder, `${line}.wav`)];
      writeFileSync(sound, serializeWav(speech));
      await lab.client.addDevice({ name, protocol: 'sccp', securityMode: 'encrypted', lines: [{ number: line }] });
      await trustline(['device', 'credentials', name, '--out', path, '--data', lab.dataFolder]);
      return ['--credentials', path, '--play', sound];
    });
    const [caller = [], called = []] = await Promise.all(phones);
    const dumpcap = await Dumpcap.start(wire, `udp or tcp port ${port}`);
    const answering = run('answer', ...called);
    await eventually('the registration', async () =>
      (await lab.client.devices()).devices.some(
        ({ lines, registrations }) => lines[0]?.number === '1002' && registrations.length > 0,
      ),
    );
    expect(await run('call', '1002', ...caller, '--duration', '3')).toBe(0);
    expect(await answering).toBe(0);
    await dumpcap.stop();
  });
  afterAll(() => lab?.stop());

  /** A phone in a process of its own, which writes down the secrets of its TLS; gives its exit code. */
  async function run(...words: readonly string[]): Promise<number> {
    const log = join(folder, `tls-keys-of-${words[0]}`);
    const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), 'phone', ...words], {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: `--tls-keylog=${log}` },
    });
    const [code] = await once(child, 'exit');
    appendFileSync(keyLog, readFileSync(log));
    return code as number;
  }

  test('tshark reads the keys of the streams, and with them the captured SRTP gives what was said', async () => {
    const rows = execFileSync(
      'tshark',
      [
        ...['-n', '-r', wire, '-o', `tls.keylog_file:${keyLog}`, '-d', `tls.port==${port},skinny`],
        ...['-Y', 'skinny.algorithmID', '-T', 'fields'],
        ...['skinny.algorithmID', 'skinny.key', 'skinny.salt'].flatMap((field) => ['-e', field]),
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .trim()
      .split('\n')
      .map((row) => row.split('\t'));
    // A packet may hold several messages: the octets of their keys stand behind one another.
    const keys = rows.flatMap(([algorithms = '', key = '', salt = '']): TapKey[] => {
      const [allKeys, allSalts] = [key, salt].map((octets) => Uint8Array.from(octets.split(','), Number));
      return algorithms.split(',').map((algorithm, at) => {
        const profile = profiles[Number(algorithm)];
        if (profile === undefined) throw new Error(`a stream with the algorithm ${algorithm}`);
        const salted = profile === 'AEAD_AES_128_GCM' ? 12 : 14;
        const masterKey = allKeys?.slice(at * 16, at * 16 + 16) ?? new Uint8Array();
        const masterSalt = allSalts?.slice(at * salted, at * salted + salted) ?? new Uint8Array();
        return { profile, masterKey, masterSalt };
      });
    });
    // What one receives with is what the other sends with.
    expect(keys).toHaveLength(4);
    expect(new Set(keys.map(({ masterKey }) => masterKey.join())).size).toBe(2);
    const packets = await readPackets(wire);
    const likeness = (samples: Int16Array, line: keyof typeof said) =>
      Math.abs(correlateAtBestLag(said[line].samples, samples, { maximumLagSamples: 16_000 }).correlation);
    const best = (flows: ReturnType<typeof hear>, line: keyof typeof said) =>
      Math.max(...flows.map(({ samples }) => likeness(samples, line)));
    const opened = hear(packets, keys).filter(({ opened: { kind } }) => kind === 'with-key');
    expect(opened).toHaveLength(2);
    // Others may talk on loopback, too: what the tap is not to hear are these streams.
    const closed = hear(packets, []).filter(({ ssrc }) => opened.some((one) => one.ssrc === ssrc));
    expect(closed).toHaveLength(2);
    for (const line of ['1001', '1002'] as const) {
      expect(best(opened, line)).toBeGreaterThan(0.9);
      expect(best(closed, line)).toBeLessThan(0.1);
    }
  });

  test('the auditor finds the call protected; given the secrets of that TLS, who called whom, and what was said', async () => {
    const given: AuditReport = JSON.parse((await trustline(['audit', wire, '--json', '--keys', keyLog])).out);
    const call = given.calls.find(({ caller }) => caller.number === '1001');
    expect(call).toMatchObject({ verdict: 'heard', called: { number: '1002' } });
    expect(call?.because).toContain('The key that you gave');
    expect(call?.heardSeconds).toBeGreaterThan(2);
    expect(call?.streams.map(({ state, key }) => ({ state, ...key }))).toMatchObject(
      [1, 2].map(() => ({ state: 'opened', source: 'skinny', exposed: false })),
    );
    // Others may talk on loopback at that time: the call is the one with the same media.
    const sameCall = ({ calls }: AuditReport) =>
      calls.find(({ streams }) => streams.some(({ ssrc }) => ssrc === call?.streams[0]?.ssrc));
    const without = JSON.parse((await trustline(['audit', wire, '--json'])).out);
    expect(sameCall(without)).toMatchObject({ verdict: 'protected', legs: [] });
    // As Wireshark's editcap puts them into a capture.
    const withSecrets = join(folder, 'with-secrets.pcapng');
    execFileSync('editcap', ['--inject-secrets', `tls,${keyLog}`, wire, withSecrets]);
    const injected = JSON.parse((await trustline(['audit', withSecrets, '--json'])).out);
    expect(sameCall(injected)).toMatchObject({ verdict: 'heard', caller: { number: '1001' } });
  });
});
