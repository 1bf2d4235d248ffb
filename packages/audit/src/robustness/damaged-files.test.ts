import {
  type CapturedPacket,
  CaptureReader,
  encapsulateUdp,
  enhancedPacketBlock,
  interfaceDescriptionBlock,
  linkTypes,
  sectionHeaderBlock,
} from '@trustline/capture';
import { nodeCrypto } from '@trustline/srtp/node';
import { schemaViolations } from '@trustline/testing';
import { expect, describe as group, test } from 'vitest';
import { fuzz } from '../../fuzz/audit.ts';
import { Audit } from '../audit.ts';
import type { AuditReport } from '../model/report.ts';
import { auditReportSchema } from '../report/schema/report-schema.ts';
import { captured } from '../traffic/frames.fixture.ts';
import { alice, auditOf, bob, sipMessage } from '../traps/capture-script.fixture.ts';
import { mixedPackets } from './mixed-packets.fixture.ts';

const isFull = process.env['TRUSTLINE_FULL'] === '1';
const packets = mixedPackets();
const whole = auditOf(packets);

/** As a file of pcapng. */
function fileOf(given: readonly CapturedPacket[]): Uint8Array {
  const blocks = [
    sectionHeaderBlock(),
    interfaceDescriptionBlock({ linkType: linkTypes.ethernet }),
    ...given.map(({ time, data }) =>
      enhancedPacketBlock({ interface: 0, time: time ?? { microseconds: 0, nanoseconds: 0 }, data }),
    ),
  ];
  return Uint8Array.from(blocks.flatMap((block) => [...block]));
}

function audited(file: Uint8Array): AuditReport {
  const reader = new CaptureReader();
  const audit = new Audit({ crypto: nodeCrypto });
  reader.push(file);
  for (let item = reader.next(); item !== undefined; item = reader.next())
    if (item.kind === 'packet') audit.handle(item);
  audit.end();
  return audit.report({ madeAt: '2026-01-01T00:00:00.000Z', toolVersion: '', captures: [] });
}

test('the whole capture: a call of SIP in the clear, one whose keys lie open, Skinny, H.323 and TLS', () => {
  expect(whole.calls.filter(({ verdict }) => verdict === 'heard').length).toBeGreaterThanOrEqual(2);
  expect(whole.calls.map(({ verdict }) => verdict)).not.toContain('protected');
  expect(whole.protocols.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['sip', 'skinny', 'h323', 'tls', 'rtp']),
  );
});

group('cut anywhere', () => {
  test('at each packet: what lies in the clear is at no place called protected', () => {
    const step = isFull ? 1 : 5;
    for (let count = 0; count <= packets.length; count += step) {
      const { calls } = auditOf(packets.slice(0, count));
      for (const { verdict, heardSeconds } of calls) {
        if (verdict === 'protected') expect({ count, heardSeconds }).toEqual({ count, heardSeconds: 0 });
      }
    }
  });

  test('within each block of the beginning, and of each packet in some of its octets', () => {
    const file = fileOf(packets);
    const step = isFull ? 17 : 977;
    for (let length = 0; length < file.byteLength; length += length < 600 ? 1 : step) {
      expect(audited(file.subarray(0, length)).calls.length).toBeLessThanOrEqual(whole.calls.length + 2);
    }
  });
});

test('with octets changed it is read to its end all the same', () => {
  const file = fileOf(packets);
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
  for (let round = 0; round < (isFull ? 2_000 : 40); round++) {
    const changed = Uint8Array.from(file);
    for (let change = 0; change < 1 + random(200); change++) changed[random(file.byteLength)] = random(256);
    expect(schemaViolations(auditReportSchema, audited(changed))).toEqual([]);
    fuzz(changed.subarray(random(2_000), 4_000));
  }
});

test('what could not be read of SIP is said among the limits', () => {
  const [from, to] = [
    { address: '192.0.2.1', port: 5_060 },
    { address: '192.0.2.2', port: 5_060 },
  ];
  const invite = sipMessage({ start: 'INVITE sip:b@c SIP/2.0', caller: alice, callee: bob, cseq: '1 INVITE' });
  const datagrams = [invite.slice(0, invite.indexOf('CSeq')), invite.replace(/Call-ID: .*\r\n/, '')];
  const frames = datagrams.map((text) =>
    encapsulateUdp({ source: from, destination: to, payload: new TextEncoder().encode(text) }),
  );
  expect(auditOf(captured(frames, linkTypes.ethernet)).limits).toEqual([
    '1 message of SIP was cut or damaged: what came of it was read',
    '1 message of SIP without a Call-ID: of no call',
  ]);
  expect(auditOf(captured(frames.concat(frames), linkTypes.ethernet)).limits[0]).toMatch(/^2 messages of SIP were cut/);
});

test('nothing of a packet is looked at once it was handled: its octets may be written over', () => {
  const overwritten = function* () {
    for (const packet of packets) {
      const data = Uint8Array.from(packet.data);
      yield { ...packet, data };
      data.fill(0xee);
    }
  };
  expect(auditOf(overwritten())).toEqual(whole);
});
