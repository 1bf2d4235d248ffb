import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redacted } from '@trustline/base';
import { CaptureFile } from '@trustline/capture/node';
import { speechLike } from '@trustline/phone';
import { Phone, type PhoneConnection, type PhoneOptions, play, type RunningCall } from '@trustline/phone/node';
import { artefactFolder, Dumpcap, eventually, Lab, missingCapture, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);

describe.skipIf(missingPrograms('tshark') || missingCapture())('tshark', () => {
  const folder = artefactFolder('tshark');
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'));
  });
  afterAll(() => lab?.stop());

  async function phone(line: string, encrypted: boolean, more: Partial<PhoneOptions>): Promise<Phone> {
    const { device, connection } = encrypted ? await secure(line) : await clear(line);
    const port = encrypted ? lab.ports.tls : lab.ports.udp;
    const started = Phone.start({ line, device, connection, server: { host: '127.0.0.1', port }, ...more });
    await started.registered();
    return started;
  }

  async function secure(line: string): Promise<{ device: string; connection: PhoneConnection }> {
    const { name, certificateFile, trustFile } = await lab.secureDevice(line);
    const both = readFileSync(certificateFile, 'utf8');
    const trustBundlePem = readFileSync(trustFile, 'utf8');
    return { device: name, connection: { kind: 'tls', certificatePem: both, privateKeyPem: both, trustBundlePem } };
  }

  async function clear(line: string): Promise<{ device: string; connection: PhoneConnection }> {
    const { name, password } = await lab.passwordDevice(line);
    return { device: name, connection: { kind: 'udp', user: name, password: new Redacted(password) } };
  }

  /**
   * A call with sound both ways and digits, captured at both phones' sockets by us and on loopback by dumpcap. What
   * others say on loopback meanwhile is taken out: it is not what we are judged by.
   */
  async function captureCall(name: string, lines: readonly [string, string], encrypted: boolean) {
    const files = { ours: join(folder, `${name}-ours.pcapng`), wire: join(folder, `${name}-wire.pcapng`) };
    const loopback = join(folder, `${name}-loopback.pcapng`);
    const capture = await CaptureFile.open(files.ours, { section: { application: 'Trustline' } });
    const wire = await Dumpcap.start(loopback, 'host 127.0.0.1 and (udp or tcp)');
    const more: Partial<PhoneOptions> = { capture, security: encrypted ? 'require' : 'clear' };
    let incoming: RunningCall | undefined;
    const far: Phone = await phone(lines[1], encrypted, {
      ...more,
      onEvent: (event) => {
        if (event.kind !== 'incoming') return;
        incoming = event.call;
        void far.answer(event.call, { source: play(speechLike(10, 2)) });
      },
    });
    const near = await phone(lines[0], encrypted, more);
    const call = await near.call(lines[1], { source: play(speechLike(10, 1)) });
    await call.established;
    await delay(1_000);
    expect(call.sendDigits('12')).toBe(true);
    await eventually('the digits', () => incoming?.digits === '12');
    const media = [call, incoming].map((end) => end?.media?.remote.port ?? 0);
    const { devices } = await lab.client.devices();
    const signalling = devices
      .filter((device) => device.lines.some(({ number }) => lines.includes(number)))
      .flatMap(({ registrations }) => registrations.map((one) => Number(one.remoteAddress.split(':').at(-1))));
    call.hangUp();
    await call.ended;
    await near.stop();
    await far.stop();
    await wire.stop();
    await capture.close();
    const ports = { media, control: media.map((port) => port + 1), signalling };
    const own = [...ports.media, ...ports.control].map((port) => `udp.port == ${port}`);
    const transport = encrypted ? 'tcp' : 'udp';
    const ofCall = [...own, ...signalling.map((port) => `${transport}.port == ${port}`)].join(' || ');
    await run('tshark', ['-r', loopback, '-Y', ofCall, '-w', files.wire]);
    return { ...files, ports };
  }

  type Dissectors = Readonly<Record<string, readonly number[]>>;

  /**
   * The value of a field in every packet that a filter lets through.
   *
   * @param dissectors who reads which ports, `tcp.port tls`: the system gave them, and by their number alone each may
   *   belong to any protocol
   */
  async function read(file: string, dissectors: Dissectors, filter: string, field: string): Promise<string[]> {
    const options = Object.entries(dissectors).flatMap(([rule, ports]) => {
      const [table = '', dissector = ''] = rule.split(' ');
      return ports.flatMap((port) => ['-d', `${table}==${port},${dissector}`]);
    });
    // Not spawnSync: the manager runs in this process.
    const { stdout } = await run('tshark', ['-r', file, ...options, '-Y', filter, '-T', 'fields', '-e', field], {
      maxBuffer: 64 * 1_048_576,
    });
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('finds no malformed packet in our capture of an encrypted call, SRTCP aside', async () => {
    const { ours, wire, ports } = await captureCall('encrypted', ['1001', '1002'], true);
    const dissectors = {
      'udp.port rtp': ports.media,
      'udp.port rtcp': ports.control,
      'tcp.port tls': ports.signalling,
    };
    for (const file of [ours, wire]) {
      // It cannot know that what follows the first 8 octets of an SRTCP packet is encrypted (RFC 3711 §3.4).
      expect(await read(file, dissectors, '_ws.malformed && !rtcp', 'frame.protocols')).toEqual([]);
      expect(await read(file, dissectors, 'udp && !rtp && !rtcp', 'frame.protocols')).toEqual([]);
      const headers = await read(file, dissectors, 'rtp', 'rtp.version');
      expect(headers.length).toBeGreaterThan(100);
      expect(new Set(headers)).toEqual(new Set(['2']));
      expect(new Set(await read(file, dissectors, 'rtp', 'rtp.ssrc')).size).toBe(2);
    }
    expect((await read(wire, dissectors, 'tls.handshake', 'frame.number')).length).toBeGreaterThan(0);
    // Nothing of the signalling is readable, whoever reads it.
    expect(await read(wire, dissectors, 'sip || frame contains "SIP/2.0"', 'frame.protocols')).toEqual([]);
    expect(await read(wire, {}, 'sip', 'sip.Method')).toEqual([]);
  });

  test('finds no malformed packet in a clear call, and reads its signalling and its media', async () => {
    const { ours, wire, ports } = await captureCall('clear', ['1003', '1004'], false);
    const media = { 'udp.port rtp': ports.media, 'udp.port rtcp': ports.control };
    expect(await read(ours, media, '_ws.malformed', 'frame.protocols')).toEqual([]);
    expect((await read(ours, media, 'rtp', 'frame.number')).length).toBeGreaterThan(100);
    // On the wire it is told who signals, and finds the media by the ports of the SDP.
    const sip = { 'udp.port sip': [lab.ports.udp, ...ports.signalling] };
    expect(await read(wire, sip, '_ws.malformed', 'frame.protocols')).toEqual([]);
    const methods = await read(wire, sip, 'sip.Request-Line', 'sip.Method');
    expect(new Set(methods)).toEqual(new Set(['REGISTER', 'INVITE', 'ACK', 'BYE', ...methods]));
    expect((await read(wire, sip, 'sip.Status-Code == 401', 'sip.auth.scheme')).length).toBeGreaterThan(0);
    expect((await read(wire, sip, 'sip.Call-Info', 'sip.Call-Info')).join()).toContain('security=NotAuthenticated');
    expect(new Set(await read(wire, sip, 'sdp', 'sdp.media.proto'))).toEqual(new Set(['RTP/AVP']));
    expect(new Set(await read(wire, sip, 'rtp && !rtpevent', 'rtp.p_type'))).toEqual(new Set(['8']));
    expect(new Set(await read(wire, sip, 'rtpevent', 'rtpevent.event_id'))).toEqual(new Set(['1', '2']));
  });
});
