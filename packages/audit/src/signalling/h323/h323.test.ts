import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCaptureFile } from '@trustline/capture/node';
import { encodeTpkt, h245Codec } from '@trustline/h323';
import { nodeCrypto } from '@trustline/srtp/node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fuzz } from '../../../fuzz/h323.ts';
import type { CallLeg } from '../../model/leg.ts';
import { Tap } from '../../tap/tap.ts';
import { readConversation } from '../conversation.fixture.ts';
import { readCapture } from '../read-capture.fixture.ts';
import { controlOfCall } from './messages.fixture.ts';
import { h323Readers } from './readers.ts';

const folder = fileURLToPath(new URL('../../../../h323/vectors/captures/', import.meta.url));
const captures = readdirSync(folder).filter((name) => name.endsWith('.pcap'));
const read = (name: string) => readCapture(join(folder, name), [h323Readers]);

/** A call in a few words: who calls whom, why it ended, its digits, and what each end last said of its audio. */
function summary(leg: CallLeg): string {
  const name = ({ number, name: shown }: CallLeg['caller']) => number ?? shown ?? 'nobody';
  const digits = (end: 'caller' | 'called') =>
    leg.digits.flatMap((one) => (one.end === end ? [one.digits] : [])).join('');
  const media = (end: 'caller' | 'called') => {
    const last = leg.descriptions.findLast((one) => one.end === end && one.kind === 'audio');
    if (last === undefined) return 'no media';
    const { receives, codecs, profile, suites, keys } = last;
    const carried = codecs.map(({ payloadType }) => payloadType).join(' ');
    const secret = keys.length === 0 ? '' : ` with ${keys.length} keys of ${suites}`;
    return `${receives.address}:${receives.port} takes ${carried} by ${profile}${secret}`;
  };
  const pressed = [digits('caller'), digits('called')].filter((one) => one !== '').join(' and ');
  return [
    `${name(leg.caller)} to ${name(leg.called)}${leg.answered === undefined ? ', not answered' : ''}: ${leg.endReason}`,
    media('caller'),
    media('called'),
    ...(pressed === '' ? [] : [`digits ${pressed}`]),
  ].join('; ');
}

describe('calls between other stacks, by what their README says of them', () => {
  test.each(captures)('%s has a call, of which everything is in one leg', async (name) => {
    const { observations } = await read(name);
    const legs = observations.legs().filter(({ identity }) => !identity.startsWith('RAS'));
    expect(legs.length).toBe(name.includes('transfer') ? 2 : 1);
    for (const leg of legs) {
      expect(leg.messages[0]?.name).toBe('Setup');
      expect(leg.ended).toBeDefined();
      expect([...leg.related].some((one) => one.startsWith('h225-call:'))).toBe(true);
    }
  });

  test('who, when, where, in which codec, and with which keys', async () => {
    const lines: string[] = [];
    for (const name of captures) {
      const { observations } = await read(name);
      for (const leg of observations.legs()) {
        if (leg.messages[0]?.name === 'Setup') lines.push(`${name.slice(0, -5)}: ${summary(leg)}`);
      }
    }
    expect(lines).toMatchInlineSnapshot(`
      [
        "asterisk-busy-releasecomplete: 1000 to 2002, not answered: 111 the protocol was broken; no media; no media",
        "asterisk-faststart-tunnelled-rfc2833: 1000 to 2001: 16 normal clearing; 10.99.0.1:16524 takes 0 8 101 by RTP/AVP; 10.99.0.2:16498 takes 0 101 by RTP/AVP",
        "asterisk-q931keypad-slowstart-tunnelled: 1000 to 2001: 16 normal clearing; 10.99.0.1:18010 takes 0 101 by RTP/AVP; 10.99.0.2:18394 takes 0 101 by RTP/AVP; digits 01234 and 01234",
        "asterisk-slowstart-separate-alphanumeric-roundtrip: 1000 to 2001: 31 normal, unspecified; 10.99.0.1:13430 takes 0 101 by RTP/AVP; 10.99.0.2:14030 takes 0 101 by RTP/AVP; digits 01234567 and 01234567",
        "asterisk-slowstart-tunnelled-h245signal: 1000 to 2001: 16 normal clearing; 10.99.0.1:16460 takes 0 101 by RTP/AVP; 10.99.0.2:18206 takes 0 101 by RTP/AVP; digits 0123456789*# and 0123456789*#",
        "asterisk-to-opal-refused-cause41: 1000 to 2002, not answered: 41 a temporary failure; no media; no media",
        "ooh323c-faststart-g711u: 1000 to 2000: 16 normal clearing; 10.99.0.1:5000 takes 0 by RTP/AVP; 10.99.0.2:5000 takes 0 by RTP/AVP",
        "ooh323c-gnugk-ras-direct-call: 1000 to 2000: 16 normal clearing; 10.99.0.1:5000 takes 0 101 by RTP/AVP; 10.99.0.2:5000 takes 0 101 by RTP/AVP; digits 5",
        "ooh323c-slowstart-separate-h245: 1000 to 2000: 16 normal clearing; 10.99.0.1:5000 takes 0 101 by RTP/AVP; 10.99.0.2:5000 takes 0 101 by RTP/AVP; digits 5",
        "ooh323c-slowstart-tunnelled-h245: 1000 to 2000: 16 normal clearing; 10.99.0.1:5000 takes 0 101 by RTP/AVP; 10.99.0.2:5000 takes 0 101 by RTP/AVP; digits 5",
        "opal-dtmf-h245-alphanumeric: mgrA to 2000: 16 normal clearing; 10.99.0.1:5660 takes 0 101 by RTP/AVP; 10.99.0.2:5918 takes 0 101 by RTP/AVP; digits 59#",
        "opal-dtmf-h245-signal: mgrA to 2000: 16 normal clearing; 10.99.0.1:5966 takes 0 101 by RTP/AVP; 10.99.0.2:5034 takes 0 101 by RTP/AVP; digits 59#",
        "opal-dtmf-q931-keypad-information: mgrA to 2000: 16 normal clearing; 10.99.0.1:5978 takes 0 101 by RTP/AVP; 10.99.0.2:5286 takes 0 101 by RTP/AVP; digits 59#",
        "opal-dtmf-rfc2833: mgrA to 2000: 16 normal clearing; 10.99.0.1:5202 takes 0 101 by RTP/AVP; 10.99.0.2:5680 takes 0 101 by RTP/AVP",
        "opal-h2358-configured-faststart-goes-clear: mgrA to 2000: 16 normal clearing; 10.99.0.1:5018 takes 0 8 101 by RTP/AVP; 10.99.0.2:5794 takes 0 101 by RTP/AVP",
        "opal-h2358-hold-retrieve-empty-tcs: mgrA to 2000: 16 normal clearing; 10.99.0.1:5400 takes 125 0 101 by RTP/SAVP with 1 keys of AES_CM_128_HMAC_SHA1_32; 10.99.0.2:5308 takes 125 0 101 by RTP/SAVP with 1 keys of AES_CM_128_HMAC_SHA1_32",
        "opal-h2358-offered-peer-clear-goes-clear: mgrA to 2000: 16 normal clearing; 10.99.0.1:5318 takes 0 101 by RTP/AVP; 10.99.0.2:5978 takes 0 101 by RTP/AVP",
        "opal-h2358-srtp-slowstart-separate: mgrA to 2000: 16 normal clearing; 10.99.0.1:5278 takes 125 0 101 by RTP/SAVP with 2 keys of AES_CM_128_HMAC_SHA1_80; 10.99.0.2:5972 takes 125 0 101 by RTP/SAVP with 2 keys of AES_CM_128_HMAC_SHA1_80",
        "opal-h2358-srtp-slowstart-tunnelled: mgrA to 2000: 16 normal clearing; 10.99.0.1:5408 takes 125 0 101 by RTP/SAVP with 2 keys of AES_CM_128_HMAC_SHA1_80; 10.99.0.2:5564 takes 125 0 101 by RTP/SAVP with 2 keys of AES_CM_128_HMAC_SHA1_80",
        "opal-h4502-transfer-h4504-hold: mgrA to 2000: facilityCallDeflection; 10.99.0.1:5690 takes 125 0 101 by RTP/SAVP with 2 keys of AES_CM_128_HMAC_SHA1_32; 10.99.0.2:5814 takes 125 0 101 by RTP/SAVP with 2 keys of AES_CM_128_HMAC_SHA1_32",
        "opal-h4502-transfer-h4504-hold: gwB to 3000: 16 normal clearing; 10.99.0.2:5002 takes 125 0 8 101 by RTP/AVP; 10.99.0.4:5280 takes 125 0 101 by RTP/AVP",
      ]
    `);
  });

  test('which ends can encrypt, where media goes without', async () => {
    const ends = async (name: string) => [...((await read(name)).observations.legs()[0]?.canEncrypt ?? [])].sort();
    expect(await ends('opal-h2358-offered-peer-clear-goes-clear.pcap')).toEqual(['caller']);
    expect(await ends('opal-h2358-configured-faststart-goes-clear.pcap')).toEqual(['called', 'caller']);
    expect(await ends('ooh323c-faststart-g711u.pcap')).toEqual([]);
  });

  test('the ladder of the shortest whole call', async () => {
    const { observations } = await read('ooh323c-slowstart-separate-h245.pcap');
    const [leg] = observations.legs();
    expect(
      leg?.messages.map(({ path, name, detail }) => `${path.from.address.slice(-1)} ${name} ${detail ?? ''}`.trim()),
    ).toMatchInlineSnapshot(`
      [
        "1 Setup",
        "2 CallProceeding",
        "2 Alerting",
        "2 Connect H.245 at 10.99.0.2:12030",
        "2 TerminalCapabilitySet",
        "2 MasterSlaveDetermination",
        "1 TerminalCapabilitySet",
        "1 MasterSlaveDetermination",
        "1 TerminalCapabilitySetAck",
        "1 MasterSlaveDeterminationAck",
        "2 TerminalCapabilitySetAck",
        "1 OpenLogicalChannel channel 1001, g711Ulaw64k, no encryption",
        "2 MasterSlaveDeterminationAck",
        "2 OpenLogicalChannel channel 1001, g711Ulaw64k, no encryption",
        "1 OpenLogicalChannelAck channel 1001, receives at 10.99.0.1:5000",
        "2 OpenLogicalChannelAck channel 1001, receives at 10.99.0.2:5000",
        "1 UserInputIndication alphanumeric",
        "1 EndSessionCommand",
        "1 ReleaseComplete cause 16 normal clearing",
      ]
    `);
  });

  test('RAS tells who registers, and of each call who was admitted', async () => {
    const { observations, tally } = await read('ooh323c-gnugk-ras-direct-call.pcap');
    expect(tally.of('h323')).toMatchObject({ packets: 20, connections: 1 });
    expect(observations.disclosures().map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
      ['registration', '2000', 'registers at a gatekeeper for calls at 10.99.0.2:1720, gwB, objsys'],
      ['registration', '1000', 'registers at a gatekeeper for calls at 10.99.0.1:1720, mgrA, objsys'],
    ]);
    const [admitted, signalled] = observations.legs();
    expect(admitted?.messages.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
      'AdmissionRequest to call',
      'AdmissionConfirm call signalling at 10.99.0.2:1720',
      'AdmissionRequest to answer',
      'AdmissionConfirm call signalling at 10.99.0.1:1720',
      'DisengageRequest normalDrop',
      'DisengageRequest normalDrop',
    ]);
    expect([...(admitted?.related ?? [])]).toEqual([...(signalled?.related ?? [])]);
  });

  test('hold gives new keys, transfer is told of by its operation', async () => {
    const held = (await read('opal-h2358-hold-retrieve-empty-tcs.pcap')).observations.legs()[0];
    expect(held?.messages.filter(({ carriesKey }) => carriesKey)).toHaveLength(6);
    expect(held?.messages.some(({ detail }) => detail === 'takes nothing: media is paused')).toBe(true);
    const transferred = (await read('opal-h4502-transfer-h4504-hold.pcap')).observations.legs()[0];
    expect(transferred?.messages.some(({ detail }) => detail?.includes('callTransferInitiate'))).toBe(true);
  });

  test('the keys of each description open what its end receives, and nothing of it is left closed', async () => {
    const file = fileURLToPath(new URL('../../../vectors/opal-h2358-srtp-slowstart-separate.pcap', import.meta.url));
    const { observations } = await readCapture(file, [h323Readers]);
    const descriptions = observations.legs().flatMap((leg) => leg.descriptions);
    expect(descriptions).toHaveLength(2);
    for (const { receives, keys } of descriptions) {
      const tap = new Tap({ crypto: nodeCrypto, keys });
      for await (const item of readCaptureFile(file)) if (item.kind === 'packet') tap.handle(item);
      const flows = [...tap.heard()].filter(({ destination }) => destination.port === receives.port);
      expect(flows.map(({ opened }) => opened.kind)).toEqual(['with-key']);
    }
  });
});

describe('H.245 that no call signalling announces', () => {
  const pieces = controlOfCall();

  test('is recognised by its own words, and is a leg of its own with its media', () => {
    const first = pieces[0]?.[1];
    expect(first instanceof Uint8Array && h323Readers.recogniseConnection?.(first)).toBe('yes');
    const [leg, ...others] = readConversation(h323Readers, pieces).legs();
    expect(others).toEqual([]);
    expect(leg?.descriptions.map(({ end, receives, keys }) => [end, receives.port, keys.length])).toEqual([
      ['called', 5_000, 1],
    ]);
    expect(leg?.digits.map(({ digits, end }) => [digits, end])).toEqual([['5', 'caller']]);
  });

  test('goes on after octets that are missing', () => {
    const [, , ack] = pieces;
    if (ack === undefined) throw new Error('there is an acknowledgement');
    const [leg] = readConversation(h323Readers, [
      ...pieces.slice(0, 2),
      ['server', 33],
      ['server', Uint8Array.of(1, 2, 3, 0, 0)],
      ack,
    ]).legs();
    expect(leg?.descriptions).toHaveLength(1);
  });

  test('a key whose channel is never acknowledged lay open all the same', () => {
    const [leg] = readConversation(h323Readers, pieces.slice(0, 2)).legs();
    expect(leg?.descriptions.map(({ end, receives, keys }) => [end, receives.port, keys.length])).toEqual([
      ['called', 0, 1],
    ]);
  });
});

describe('it is recognised by what it says', () => {
  const roundTrip = encodeTpkt(
    h245Codec.encode({ kind: 'request', value: { kind: 'roundTripDelayRequest', value: { sequenceNumber: 1 } } }),
  );
  test.each([
    ['a Setup of which the rest is still to come', Uint8Array.of(3, 0, 1, 0, 8, 2, 0, 7, 5, 4), 'yes'],
    ['half a header', Uint8Array.of(3, 0), 'more'],
    ['one small message of H.245', roundTrip, 'more'],
    ['two of them', Uint8Array.of(...roundTrip, ...roundTrip), 'yes'],
    ['an empty TPKT, which keeps alive', Uint8Array.of(3, 0, 0, 4), 'more'],
    ['a connection request of RDP', Uint8Array.of(3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0), 'no'],
    ['S7', Uint8Array.of(3, 0, 0, 7, 2, 0xf0, 0x80), 'no'],
    ['TLS', Uint8Array.of(0x16, 3, 1, 0, 5), 'no'],
    ['text', new TextEncoder().encode('INVITE sip:a@b SIP/2.0\r\n'), 'no'],
  ] as const)('%s', (_, octets, expected) => {
    expect(h323Readers.recogniseConnection?.(octets)).toBe(expected);
  });

  test('RTP, STUN and texts are no RAS, nor are datagrams by chance', () => {
    const rtp = new Uint8Array(172).fill(0xd5);
    rtp.set([0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4]);
    const stun = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12).fill(7));
    for (const octets of [rtp, stun, new TextEncoder().encode('OPTIONS sip:a SIP/2.0\r\n\r\n'), new Uint8Array(60)]) {
      expect(h323Readers.recogniseDatagram?.(octets)).toBe(false);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => h323Readers.recogniseDatagram?.(octets) === false),
    );
  });
});

test('the fuzz target holds on its corpus, on every truncation of a part of it, and for any octets', () => {
  for (const data of corpus()) fuzz(data);
  const [first = new Uint8Array(0)] = corpus();
  for (let length = 0; length < first.byteLength; length += 7) fuzz(first.subarray(0, length));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1_000 }), (data) => fuzz(data)));
});
