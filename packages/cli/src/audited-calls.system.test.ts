import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditReport, ReportCall } from '@trustline/audit';
import {
  artefactFolder,
  Baresip,
  Dumpcap,
  freeServerPort,
  freeUdpPort,
  Lab,
  missingCapture,
  missingPrograms,
  writeTone,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';

type Line = '1001' | '1002' | '2001' | '2002';

/** Calls of baresips by way of a call manager, two in the clear and two by TLS and SRTP, all in one capture. */
describe.skipIf(missingPrograms('baresip') || missingCapture())('calls by way of a call manager, audited', () => {
  const folder = artefactFolder('audited-calls');
  const [capture, records] = [join(folder, 'calls.pcapng'), join(folder, 'records.jsonl')];
  const phones = new Map<Line, Baresip>();
  let lab: Lab;
  let report: AuditReport;
  let status: number;

  beforeAll(async () => {
    const wavFile = join(folder, 'tone.wav');
    writeTone(wavFile, 440);
    lab = await Lab.start(join(folder, 'manager'));
    const ports: number[] = [lab.ports.md5.udp, lab.ports.tls];
    for (const line of ['1001', '1002', '2001', '2002'] as const) {
      const [sipPort, mediaPort] = [await freeServerPort(), await freeUdpPort()];
      ports.push(sipPort, mediaPort, mediaPort + 1);
      const common = {
        directory: join(folder, line),
        wavFile,
        sipPort,
        configuration: [`rtp_ports ${mediaPort}-${mediaPort + 1}`],
      };
      phones.set(line, await (line.startsWith('1') ? clear(line, common) : secure(line, common)));
    }
    const wire = await Dumpcap.start(capture, ports.map((port) => `port ${port}`).join(' or '));
    await call('1001', '1002');
    await call('2001', '2002');
    await call('2001', '1001');
    await wire.stop();
    expect((await trustline(['records', 'export', '--out', records, '--data', lab.dataFolder])).code).toBe(0);
    const audited = await trustline(['audit', capture, '--records', records, '--json']);
    status = audited.code;
    report = JSON.parse(audited.out);
  });
  afterAll(async () => {
    await Promise.all([...phones.values()].map((phone) => phone.stop()));
    await lab?.stop();
  });

  type Common = Omit<Parameters<typeof Baresip.start>[0], 'account'>;
  async function clear(line: Line, common: Common): Promise<Baresip> {
    const { name, password } = await lab.passwordDevice(line);
    const account = `<sip:${line}@127.0.0.1:${lab.ports.md5.udp}>;regint=60;auth_user=${name};auth_pass=${password};answermode=auto`;
    const phone = await Baresip.start({ ...common, account });
    await lab.registered(name);
    return phone;
  }
  async function secure(line: Line, common: Common): Promise<Baresip> {
    const { name, certificateFile, trustFile } = await lab.secureDevice(line);
    const account = `<sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls>;regint=60;answermode=auto;mediaenc=srtp`;
    const phone = await Baresip.start({ ...common, account, certificateFile, trustFile });
    await lab.registered(name);
    return phone;
  }
  async function call(from: Line, to: Line): Promise<void> {
    phones.get(from)?.command('dial', to);
    await lab.call('is answered', ({ state }) => state === 'answered');
    await delay(1_500);
    phones.get(from)?.command('hangup');
    await lab.idle();
  }
  const callOf = (verdict: ReportCall['verdict'], protocolLegs: number) =>
    report.calls.find((one) => one.verdict === verdict && one.legs.length === protocolLegs);

  test('two in the clear: both legs are one call, whose ends are known, and it is heard', () => {
    expect(callOf('heard', 2)).toMatchObject({
      caller: { number: '1001' },
      called: { number: '1002' },
      claimed: { level: 'non-secure', holds: true },
      streams: [{ state: 'clear' }, { state: 'clear' }],
    });
  });

  test('two by TLS and SRTP: protected, as the record of the manager claims', () => {
    expect(callOf('protected', 0)).toMatchObject({
      claimed: { level: 'encrypted', holds: true },
      streams: [{ state: 'encrypted' }, { state: 'encrypted' }],
    });
  });

  test('one of either, over the relay: the leg in the clear shows the call, which is heard', () => {
    expect(callOf('heard', 1)).toMatchObject({
      caller: { number: '2001' },
      called: { number: '1001' },
      claimed: { level: 'non-secure', holds: true },
    });
  });

  test('no other call is made of them than the relayed half by SRTP, and the exit status says that some were heard', () => {
    expect(report.counts).toMatchObject({ heard: 2, protected: 2 });
    expect(report.calls).toHaveLength(4);
    expect(status).toBe(2);
  });
});
