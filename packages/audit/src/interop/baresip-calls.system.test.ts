import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readCaptureFile } from '@trustline/capture/node';
import { makeTestCertificates } from '@trustline/testing';
import {
  artefactFolder,
  Baresip,
  Dumpcap,
  freeServerPort,
  freeUdpPort,
  missingCapture,
  missingPrograms,
  writeTone,
} from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport, ReportCall } from '../model/report.ts';
import { startAudit } from '../node/index.ts';

/** How two strangers are set up, and what is to be said of their call. */
const pairs = {
  clear: { transport: 'udp', encryption: '', verdict: 'heard', states: ['clear', 'clear'] },
  sdes: { transport: 'udp', encryption: 'srtp-mand', verdict: 'heard', states: ['opened', 'opened'] },
  dtls: { transport: 'udp', encryption: 'dtls_srtp', verdict: 'metadata-only', states: ['encrypted', 'encrypted'] },
  tls: { transport: 'tls', encryption: 'srtp-mand', verdict: 'protected', states: ['encrypted', 'encrypted'] },
  'tls and clear': { transport: 'tls', encryption: '', verdict: 'heard', states: ['clear', 'clear'] },
} as const;
type Pair = keyof typeof pairs;
const names = Object.keys(pairs) as Pair[];

interface Stranger {
  readonly phone: Baresip;
  readonly sipPort: number;
  readonly mediaPort: number;
}

/** Calls between baresips, which know nothing of us, at the same time in one capture of loopback. */
describe.skipIf(missingPrograms('baresip') || missingCapture())('what a tap gets of calls of baresip', () => {
  const folder = artefactFolder('audit-baresip');
  const file = join(folder, 'calls.pcapng');
  const mediaPorts = new Map<Pair, number>();
  let report: AuditReport;

  beforeAll(async () => {
    const certificate = join(folder, 'certificate.pem');
    const { rsa } = (await makeTestCertificates(Date.now())).callManager;
    writeFileSync(certificate, rsa.certificatePem + rsa.privateKeyPem);
    writeTone(join(folder, 'tone.wav'), 440);
    const start = async (pair: Pair, user: string): Promise<Stranger> => {
      const { transport, encryption } = pairs[pair];
      const [sipPort, mediaPort] = [await freeServerPort(), await freeUdpPort()];
      const phone = await Baresip.start({
        directory: join(folder, `${pair} ${user}`.replaceAll(' ', '-')),
        account: `<sip:${user}@127.0.0.1:${sipPort};transport=${transport}>;regint=0;answermode=auto;mediaenc=${encryption};audio_codecs=pcmu`,
        certificateFile: certificate,
        wavFile: join(folder, 'tone.wav'),
        sipPort,
        configuration: ['module dtls_srtp.so', `rtp_ports ${mediaPort}-${mediaPort + 1}`],
      });
      return { phone, sipPort, mediaPort };
    };
    const strangers = await Promise.all(
      names.map(async (pair) => [await start(pair, 'ann'), await start(pair, 'ben')]),
    );
    const ports = strangers
      .flat()
      .flatMap(({ sipPort, mediaPort }) => [sipPort, sipPort + 1, mediaPort, mediaPort + 1]);
    const wire = await Dumpcap.start(file, ports.map((port) => `port ${port}`).join(' or '));
    for (const [at, [ann, ben]] of strangers.entries()) {
      const pair = names[at];
      if (ann === undefined || ben === undefined || pair === undefined) continue;
      mediaPorts.set(pair, ann.mediaPort);
      const port = ben.sipPort + (pairs[pair].transport === 'tls' ? 1 : 0);
      ann.phone.command('dial', `sip:ben@127.0.0.1:${port};transport=${pairs[pair].transport}`);
    }
    await Promise.all(strangers.map(([ann]) => ann?.phone.event('CALL_ESTABLISHED')));
    await delay(2_500);
    for (const [ann] of strangers) ann?.phone.command('hangup');
    await delay(300);
    await Promise.all(strangers.flat().map(({ phone }) => phone.stop()));
    await wire.stop();
    const audit = await startAudit({});
    for await (const item of readCaptureFile(file)) if (item.kind === 'packet') audit.handle(item);
    audit.end();
    report = audit.report({ madeAt: new Date().toISOString(), toolVersion: '0', captures: [] });
  });

  /** The call whose media went from that port or to it. */
  const callOf = (pair: Pair): ReportCall | undefined =>
    report.calls.find(({ streams }) =>
      streams.some(({ source, destination }) =>
        [source, destination].some((end) => end.endsWith(`:${mediaPorts.get(pair)}`)),
      ),
    );

  test.each(names)('%s', (pair) => {
    const call = callOf(pair);
    const { verdict, states } = pairs[pair];
    expect(call?.because).toBeDefined();
    expect([call?.verdict, call?.streams.map(({ state }) => state)]).toEqual([verdict, states]);
    if (verdict === 'heard') expect(call?.heardSeconds).toBeGreaterThan(1.5);
  });

  test('no call is made of nothing', () => {
    expect(report.calls).toHaveLength(names.length);
  });
});
