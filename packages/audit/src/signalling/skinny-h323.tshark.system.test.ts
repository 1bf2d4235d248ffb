import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkTypes, timeFromMilliseconds } from '@trustline/capture';
import { CaptureFile } from '@trustline/capture/node';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, describe, expect, test } from 'vitest';
import type { CallLeg } from '../model/leg.ts';
import { flags, tcpPacket } from '../traffic/frames.fixture.ts';
import { client, type Said, server } from './conversation.fixture.ts';
import { h323Readers } from './h323/readers.ts';
import { readCapture } from './read-capture.fixture.ts';
import { callOfPhone } from './skinny/messages.fixture.ts';
import { skinnyReaders } from './skinny/readers.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const folder = mkdtempSync(join(tmpdir(), 'signalling-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of each packet, the values of some fields: the number of the packet, and texts. */
function theirs(file: string, filter: string, fields: readonly string[], ...more: readonly string[]) {
  const wanted = ['frame.number', ...fields].flatMap((field) => ['-e', field]);
  const args = ['-n', '-r', file, ...more, '-Y', filter, '-T', 'fields', ...wanted];
  const rows = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return rows
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const [number, ...values] = row.split('\t');
      return { number: Number(number), values: values.map((value) => (value === '' ? [] : value.split(','))) };
    });
}

/** A conversation as a capture of one connection, a packet for each that is said. */
async function writeConversation(file: string, said: readonly Said[]): Promise<void> {
  const capture = await CaptureFile.open(file, { section: { application: 'a phone' } });
  const at = capture.addInterface({ linkType: linkTypes.raw, name: 'wire' });
  const next = { client: 1_000, server: 5_000 };
  let milliseconds = 1_795_460_786_000;
  const write = (data: Uint8Array) =>
    capture.write({ interface: at, time: timeFromMilliseconds(milliseconds++), data });
  write(tcpPacket({ from: client, to: server, sequence: 999, flags: flags.syn }));
  write(tcpPacket({ from: server, to: client, sequence: 4_999, acknowledgement: 1_000, flags: flags.syn }));
  for (const [from, octets] of said) {
    if (typeof octets === 'number') continue;
    const [source, destination] = from === 'client' ? [client, server] : [server, client];
    const acknowledgement = next[from === 'client' ? 'server' : 'client'];
    write(tcpPacket({ from: source, to: destination, sequence: next[from], acknowledgement, octets }));
    next[from] += octets.byteLength;
  }
  await capture.close();
}

const mediaOf = (legs: readonly CallLeg[], kind: 'audio' | 'video' = 'audio') =>
  legs.flatMap(({ descriptions }) =>
    descriptions.flatMap((one) =>
      one.kind === kind ? [`${one.place.number} ${one.receives.address}:${one.receives.port}`] : [],
    ),
  );

describe.skipIf(missingPrograms('tshark'))('the same as tshark reads', () => {
  test.each(isFull ? [3, 11, 17, 22] : [17])(
    'in Skinny of version %i: calls, media, keys and digits',
    async (version) => {
      const file = join(folder, `skinny-${version}.pcapng`);
      await writeConversation(file, callOfPhone(version));
      const { observations } = await readCapture(file, [skinnyReaders]);
      const [leg] = observations.legs();
      const fields = ['callReference', 'ipAddr.ipv4', 'portNumber', 'remoteIpAddr.ipv4', 'remotePortNumber', 'keylen'];
      const names = [...fields, 'kpButton'].map((field) => `skinny.${field}`);
      const rows = theirs(file, 'skinny', names, '-d', `tcp.port==${server.port},skinny`).map(({ number, values }) => {
        const field = (name: string) => values[names.indexOf(`skinny.${name}`)]?.[0];
        return { number, field };
      });

      const ours = new Set(leg?.messages.map(({ place }) => place.number));
      const ofCall = rows.filter(({ field }) => field('callReference') === '17').map(({ number }) => number);
      expect(ofCall.length).toBeGreaterThan(15);
      expect(ofCall.filter((number) => !ours.has(number))).toEqual([]);
      const media = rows.flatMap(({ number, field }) => {
        const address = field('ipAddr.ipv4') ?? field('remoteIpAddr.ipv4');
        return address === undefined
          ? []
          : [`${number} ${address}:${field('portNumber') ?? field('remotePortNumber')}`];
      });
      expect(mediaOf(observations.legs())).toEqual(media);
      const keyed = rows.filter(({ field }) => field('keylen') === '16').map(({ number }) => number);
      expect(leg?.messages.filter(({ carriesKey }) => carriesKey).map(({ place }) => place.number)).toEqual(keyed);
      const pressed = rows.flatMap(({ number, field }) => {
        const button = field('kpButton');
        return button === undefined ? [] : [`${number} ${'0123456789ABCD*#'[Number(button)]}`];
      });
      expect(leg?.digits.map(({ place, digits }) => `${place.number} ${digits}`)).toEqual(pressed.slice(-2));
    },
  );

  const captures = fileURLToPath(new URL('../../../h323/vectors/captures/', import.meta.url));
  const chosen = readdirSync(captures).filter(
    (name) => name.endsWith('.pcap') && (isFull || /opal.*separate|gnugk/.test(name)),
  );

  test.each(chosen)('in %s: calls, media, digits and causes', async (name) => {
    const file = join(captures, name);
    const { observations } = await readCapture(file, [h323Readers]);
    const legs = observations.legs().filter(({ identity }) => !identity.startsWith('RAS'));
    const rows = theirs(file, 'h225 || h245', [
      'h225.guid',
      'h245.openLogicalChannelAck_element',
      'h245.tsapIdentifier',
      'h245.alphanumeric',
      'h245.signalType',
      'q931.cause_value',
    ]);

    const guids = new Set(rows.flatMap(({ values }) => values[0]?.map((guid) => guid.replaceAll('-', '')) ?? []));
    for (const { related } of legs) {
      for (const one of related) expect(guids).toContain(one.slice(one.indexOf(':') + 1));
    }
    const acknowledged = rows.flatMap(({ number, values: [, ack = [], ports = []] }) =>
      ack.length === 1 ? [`${number} ${ports}`] : [],
    );
    const ours = legs.flatMap(({ descriptions, messages }) =>
      descriptions.flatMap(({ place, receives, rtcp }) => {
        const isAcknowledged = messages.some(
          (one) => one.place.number === place.number && one.name === 'OpenLogicalChannelAck',
        );
        return isAcknowledged ? [`${place.number} ${receives.port},${rtcp?.port}`] : [];
      }),
    );
    expect(ours).toEqual(acknowledged);

    const digits = rows.flatMap(({ number, values: [, , , text = [], signal = []] }) =>
      [...text, ...signal].map((one) => `${number} ${one}`),
    );
    const said = legs.flatMap((leg) => leg.digits.map(({ place, digits: one }) => `${place.number} ${one}`));
    expect(said).toEqual(digits);
    const causes = rows.flatMap(({ values }) => values[5] ?? []);
    expect(causes.at(0)).toBe(legs[0]?.endReason?.split(' ')[0]);
  });
});
