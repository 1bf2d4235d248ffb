/**
 * The media relay under any datagrams, and changes of its sides in any order: nothing of an SRTP party goes on that did not
 * authenticate, no party is followed to where only forgeries came from, and nothing is thrown.
 */
import { OpusLibrary } from '@trustline/rtp';
import { HoldAudio, holdTone } from '../src/media/hold-audio.ts';
import { alice, bob, Party, RelayLab, srtp } from '../src/media/party.fixture.ts';
import type { SpokenFormats, VoiceFormat } from '../src/media/settings.ts';

const elsewhere = { address: '203.0.113.9', port: 9_000 };
const opus = await OpusLibrary.load();
const hold = new HoldAudio(holdTone(), opus);
const formats: readonly VoiceFormat[] = [
  { codec: 'PCMU', payloadType: 0 },
  { codec: 'PCMA', payloadType: 8 },
  { codec: 'G722', payloadType: 9 },
  { codec: 'opus', payloadType: 96 },
];

function spoken(choice: number): SpokenFormats {
  const voice = formats.slice(choice % formats.length);
  const events = choice % 3 === 0 ? [] : [{ payloadType: 101, clockRate: choice % 3 === 1 ? 8_000 : 48_000 }];
  return { voice, events, milliseconds: 10 * (1 + (choice % 6)) };
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`relay: ${rule}`);
}

export function fuzz(data: Uint8Array): void {
  let at = 0;
  const octet = () => data[at++] ?? 0;
  let key = 1;
  const lab = new RelayLab({ protection: srtp(key, 2) }, {}, hold, opus);
  let party = new Party(0xa, alice, key, 2);
  const partner = new Party(0xb, bob);
  let number = 1;
  let forgeriesOnly = true;
  while (at < data.length) {
    lab.now += octet() % 50;
    switch (octet() % 9) {
      case 0: {
        const forged = Uint8Array.from({ length: octet() }, octet);
        if (forged.byteLength > 1) forged.set([0x80 | ((forged[0] ?? 0) & 0x3f)]);
        const component = octet() % 2 === 0 ? 'rtp' : 'rtcp';
        const sent = lab.receive(1, forged, elsewhere, component).filter(({ side }) => side === 2);
        check(sent.length === 0, 'what did not authenticate went on');
        break;
      }
      case 1: {
        const packet = party.rtp(number++ & 0xffff);
        if (octet() % 3 === 0) packet[octet() % packet.byteLength] = octet();
        lab.receive(1, packet);
        break;
      }
      case 2: {
        const any = Uint8Array.from({ length: octet() }, octet);
        lab.receive(2, any, octet() % 2 === 0 ? bob : elsewhere, octet() % 2 === 0 ? 'rtp' : 'rtcp');
        break;
      }
      case 3:
        lab.receive(2, partner.rtp(octet() * 256 + octet()));
        break;
      case 4: {
        if (octet() % 2 === 0) key = 3 + (octet() % 4) * 2;
        const plays = octet() % 3 === 0 ? { plays: formats[octet() % formats.length] as VoiceFormat } : {};
        const digits = octet() % 4 === 0 ? { digits: { payloadType: 101, clockRate: 8_000 } } : {};
        const speaks = octet() % 3 === 0 ? { speaks: spoken(octet()) } : {};
        lab.set(1, {
          protection: srtp(key, 2),
          gives: octet() % 4 !== 0,
          takes: octet() % 4 !== 0,
          ...plays,
          ...speaks,
          ...digits,
        });
        lab.set(2, octet() % 2 === 0 ? {} : { speaks: spoken(octet()) });
        party = new Party(0xa, alice, key, 2);
        break;
      }
      case 5:
        lab.relay.dial(lab.now, 1, {
          event: octet() % 16,
          payloadType: 101,
          clockRate: 8_000,
          milliseconds: 40 + octet(),
        });
        break;
      case 6:
        lab.relay.tick(lab.now);
        lab.flush();
        break;
      case 7:
        lab.relay.bridge(lab.now, 1 + (octet() % 3), 1 + (octet() % 3));
        break;
      default:
        forgeriesOnly &&= lab.notices().every((notice) => notice.kind !== 'moved');
    }
  }
  check(forgeriesOnly, 'a party was followed to where only forgeries came from');
  for (const side of [1, 2]) lab.relay.close(lab.now, side);
  check(lab.relay.size === 0 && lab.relay.nextDeadline() === undefined, 'something is left after all sides are closed');
}
