import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { readCaptureFile } from '@trustline/capture/node';
import {
  artefactFolder,
  Baresip,
  Dumpcap,
  freeServerPort,
  missingCapture,
  missingPrograms,
  portTaken,
  runSipp,
  writeTone,
} from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CallLeg } from '../../model/leg.ts';
import { Observations } from '../../model/observations.ts';
import { Recogniser } from '../../recognise/recogniser.ts';
import { ProtocolTally } from '../../recognise/tally.ts';
import { Traffic } from '../../traffic/traffic.ts';
import { allSignalling } from '../all.ts';

/** What both know of a message: its packet, its call, and whether it is a request of which method or a response of which status. */
type Row = readonly [packet: number, callId: string, name: string];

async function heard(file: string): Promise<readonly CallLeg[]> {
  const observations = new Observations();
  const media = { watch: () => ({ datagram: () => false }) };
  const parts = { signalling: allSignalling, secureConnections: [], secureDatagrams: [], tally: new ProtocolTally() };
  const traffic = new Traffic(new Recogniser({ observations, media, ...parts }));
  for await (const item of readCaptureFile(file)) if (item.kind === 'packet') traffic.handle(item);
  traffic.end();
  return observations.legs();
}

/** tshark's fields of every message, one message a row also where a packet has several. */
function tshark(file: string, ports: readonly number[]) {
  const fields = ['frame.number', 'sip.Call-ID', 'sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'sdp.media.port'];
  const decode = ports.flatMap((port) => ['-d', `udp.port==${port},sip`, '-d', `tcp.port==${port},sip`]);
  const show = [...fields.flatMap((field) => ['-e', field]), '-E', 'separator=|'];
  return execFileSync('tshark', ['-n', '-r', file, ...decode, '-Y', 'sip', '-T', 'fields', ...show], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .trim()
    .split('\n')
    .map((line) => {
      const [packet = '', callId = '', method = '', status = '', cseqMethod = '', media = ''] = line.split('|');
      return {
        packet: Number(packet),
        callId,
        name: method || status,
        cseqMethod,
        media: media.split(',').filter(Boolean),
      };
    })
    .filter(({ cseqMethod }) => !['REGISTER', 'OPTIONS', 'SUBSCRIBE'].includes(cseqMethod));
}

const steps = {
  invite: `<send retrans="500"><![CDATA[

INVITE sip:1002@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "SIPp" <sip:1001@[local_ip]:[local_port]>;tag=[pid]SIPp[call_number]
To: <sip:1002@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:1001@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio 40[call_number]00 RTP/AVP 8 101
a=rtpmap:101 telephone-event/8000

]]></send>`,
  inDialogue: (method: string, cseq: number, more = '') => `<send${method === 'ACK' ? '' : ' retrans="500"'}><![CDATA[

${method} sip:1002@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "SIPp" <sip:1001@[local_ip]:[local_port]>;tag=[pid]SIPp[call_number]
To: <sip:1002@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
${more}]]></send>`,
  answer: (status: string, body = '') => `<send><![CDATA[

SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]far[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:1002@[local_ip]:[local_port]>
${body}]]></send>`,
  empty: 'Content-Length: 0\n\n',
};

const answerBody = `Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio 50[call_number]00 RTP/AVP 8
`;
const digitBody = 'Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal=5\nDuration=160\n';

const caller = scenario(
  steps.invite,
  '<recv response="180"/>',
  '<recv response="200" rtd="true"/>',
  steps.inDialogue('ACK', 1, steps.empty),
  steps.inDialogue('INFO', 2, digitBody),
  '<recv response="200"/>',
  steps.inDialogue('BYE', 3, steps.empty),
  '<recv response="200"/>',
);
const called = scenario(
  '<recv request="INVITE"/>',
  steps.answer('180 Ringing', steps.empty),
  steps.answer('200 OK', answerBody),
  '<recv request="ACK"/>',
  '<recv request="INFO"/>',
  steps.answer('200 OK', steps.empty),
  '<recv request="BYE"/>',
  steps.answer('200 OK', steps.empty),
);

function scenario(...parts: readonly string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="ours">\n${parts.join('\n')}\n</scenario>\n`;
}

describe.skipIf(missingPrograms('tshark', 'sipp', 'baresip') || missingCapture())(
  'calls between others, captured on the spot: the same calls and messages as tshark finds',
  () => {
    const folder = artefactFolder('audit-sip');
    const file = join(folder, 'calls.pcapng');
    const ports: number[] = [];
    let legs: readonly CallLeg[] = [];

    async function sippCalls(transport: 'udp' | 'tcp'): Promise<void> {
      const port = await freeServerPort();
      ports.push(port);
      const common = { transport, calls: 3 } as const;
      const waiting = runSipp({
        ...common,
        directory: join(folder, `${transport}-called`),
        scenario: called,
        localPort: port,
      });
      await portTaken(transport, port);
      const calling = runSipp({
        ...common,
        directory: join(folder, `${transport}-caller`),
        scenario: caller,
        target: `127.0.0.1:${port}`,
      });
      expect([(await calling).exitCode, (await waiting).exitCode]).toEqual([0, 0]);
    }

    async function baresipCall(): Promise<void> {
      const wavFile = join(folder, 'tone.wav');
      writeTone(wavFile, 440);
      const [near, far] = await Promise.all(
        ['1001', '1002'].map(async (user) => {
          const sipPort = await freeServerPort();
          ports.push(sipPort);
          const account = `<sip:${user}@127.0.0.1:${sipPort}>;regint=0;answermode=auto;mediaenc=srtp`;
          return {
            sipPort,
            baresip: await Baresip.start({ directory: join(folder, user), account, wavFile, sipPort }),
          };
        }),
      );
      if (near === undefined || far === undefined) throw new Error('two of them call each other');
      near.baresip.command('dial', `sip:1002@127.0.0.1:${far.sipPort}`);
      await near.baresip.event('CALL_ESTABLISHED');
      near.baresip.command('hangup');
      await far.baresip.event('CALL_CLOSED');
      await Promise.all([near.baresip.stop(), far.baresip.stop()]);
    }

    beforeAll(async () => {
      const capture = await Dumpcap.start(file, 'host 127.0.0.1');
      await Promise.all([sippCalls('udp'), sippCalls('tcp'), baresipCall()]);
      await capture.stop();
      legs = await heard(file);
    });

    test('seven calls, each with its messages in their packets', () => {
      const theirs = tshark(file, ports);
      const ours = legs.flatMap(({ identity, messages }) =>
        messages.map(({ place, name }): Row => [place.number, identity, name.split(' ')[0] ?? '']),
      );
      const sorted = (rows: readonly Row[]) => rows.toSorted((one, other) => one[0] - other[0]);
      expect(sorted(ours)).toEqual(theirs.map(({ packet, callId, name }): Row => [packet, callId, name]));
      expect(new Set(theirs.map(({ callId }) => callId)).size).toBe(7);
      for (const leg of legs) {
        const said = theirs.filter(({ callId }) => callId === leg.identity).flatMap(({ media }) => media);
        expect(leg.descriptions.map(({ receives }) => `${receives.port}`)).toEqual([...new Set(said)]);
      }
    });

    test('answered, ended, with digits and keys where there are some', () => {
      for (const { answered, ended, endReason } of legs) {
        expect(answered?.number).toBeLessThan(ended?.number ?? 0);
        expect(endReason).toMatch(/^BYE/);
      }
      const sipps = legs.filter(({ caller: { name } }) => name === 'SIPp');
      expect(sipps).toHaveLength(6);
      expect(sipps.map(({ digits }) => digits.map((one) => one.digits))).toEqual(Array.from(sipps, () => ['5']));
      const [baresip] = legs.filter(({ caller: { name } }) => name !== 'SIPp');
      expect(baresip?.caller.device).toMatch(/^baresip /);
      expect(baresip?.descriptions.map(({ end, keying }) => [end, keying])).toEqual([
        ['caller', ['sdes', 'none']],
        ['called', ['sdes', 'none']],
      ]);
      for (const { keys } of baresip?.descriptions ?? []) expect(keys.length).toBeGreaterThan(0);
    });
  },
);
