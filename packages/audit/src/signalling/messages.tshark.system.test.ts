import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encapsulateUdp, linkTypes, type TransportAddress, timeFromMilliseconds } from '@trustline/capture';
import { CaptureFile } from '@trustline/capture/node';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { conversation, wire } from './mgcp/conversation.fixture.ts';
import { parameterOf, readMgcp } from './mgcp/message.ts';
import { readSession } from './sdp/session.ts';
import { bodyParts, partText } from './sip/body.ts';
import { messagesOf } from './sip/datagram.ts';
import { headerOf } from './sip/message.ts';

const vectors = new URL('../../../sip/vectors/rfc4475/', import.meta.url);
const torture = readdirSync(vectors)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => ({ name: name.slice(0, -4), octets: new Uint8Array(readFileSync(new URL(name, vectors))) }));

/** Where we read more than tshark does, and what. */
const readFurther: Readonly<Record<string, string>> = {
  badvers: 'SIP/7.0 is a version',
  lwsruri: 'a Request-URI with a space in it',
  lwsstart: 'several spaces in the first line',
  trws: 'spaces behind the version',
  intmeth: 'a method of every character that one may have',
  ncl: 'a body without a length, of which a negative one says nothing',
};

const phones = [
  { address: '192.0.2.201', port: 5060 },
  { address: '192.0.2.202', port: 5060 },
] as const;
const fields = [
  ['sip.Call-ID', 'sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'sdp.media.port'],
  [
    'mgcp.req.verb',
    'mgcp.req.endpoint',
    'mgcp.rsp.rspcode',
    'mgcp.transid',
    'mgcp.param.callid',
    'mgcp.param.observedevents',
  ],
].flat();

describe.skipIf(missingPrograms('tshark'))('of messages that were never sent between programs', () => {
  const folder = artefactFolder('audit-messages');
  let rows: readonly (readonly string[])[] = [];

  beforeAll(async () => {
    const file = join(folder, 'messages.pcapng');
    const capture = await CaptureFile.open(file, { section: { application: 'crafted' } });
    const at = capture.addInterface({ linkType: linkTypes.ethernet, name: 'wire' });
    let milliseconds = 1_795_460_786_000;
    const write = (source: TransportAddress, destination: TransportAddress, payload: Uint8Array) => {
      const data = encapsulateUdp({ source, destination, payload });
      capture.write({ interface: at, time: timeFromMilliseconds(milliseconds++), data });
    };
    for (const { octets } of torture) write(...phones, octets);
    for (const { from, to, text } of conversation) write(from, to, wire(text));
    await capture.close();
    const show = [...fields.flatMap((field) => ['-e', field]), '-E', 'separator=/t', '-E', 'occurrence=f'];
    const said = execFileSync('tshark', ['-n', '-r', file, '-T', 'fields', ...show], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    rows = said.split('\n').map((line) => line.split('\t'));
  });

  test('the torture messages of RFC 4475 are read as tshark reads them, or further', () => {
    for (const [at, { name, octets }] of torture.entries()) {
      const [callId = '', method = '', status = '', cseqMethod = '', port = ''] = rows[at] ?? [];
      const [message] = messagesOf(octets);
      const isFurther = readFurther[name] !== undefined;
      if (message === undefined) {
        expect([callId, method, status], name).toEqual(['', '', '']);
        continue;
      }
      const { start } = message;
      const [session] = bodyParts(message).flatMap((part) => readSession(partText(part)) ?? []);
      const ours = [
        headerOf(message, 'call-id') ?? '',
        start.kind === 'request' ? start.method : '',
        start.kind === 'response' ? `${start.status}` : '',
        (headerOf(message, 'cseq') ?? '').split(/\s+/)[1] ?? '',
        `${session?.media[0]?.port ?? ''}`,
      ];
      const theirs = [callId, method, status, cseqMethod, port];
      if (!isFurther) expect(ours, name).toEqual(theirs);
      else {
        expect(ours, name).not.toEqual(theirs);
        for (const [which, one] of theirs.entries()) expect(['', ours[which]], name).toContain(one);
      }
    }
  });

  test('a call by MGCP has the same commands and answers', () => {
    const ours = conversation.map(({ text }) => {
      const [message] = readMgcp(wire(text));
      if (message === undefined) return [];
      const { start } = message;
      const [verb, endpoint, code] =
        start.kind === 'command' ? [start.verb, start.endpoint, ''] : ['', '', `${start.code}`];
      return [
        verb,
        endpoint,
        code,
        start.transaction,
        parameterOf(message, 'c') ?? '',
        parameterOf(message, 'o') ?? '',
      ];
    });
    expect(ours).toEqual(rows.slice(torture.length, torture.length + conversation.length).map((row) => row.slice(5)));
  });
});
