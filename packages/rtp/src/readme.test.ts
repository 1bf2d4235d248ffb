import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  AudioPlayout,
  encodeALaw,
  RTP_HEADER_LENGTH,
  RtcpSession,
  RtpHeaderView,
  TelephoneEventReceiver,
  TelephoneEventSender,
  writeRtpHeader,
} from './index.ts';

test('the example of the README carries audio and a digit', () => {
  const ssrc = 7;
  const random = (length: number) => Uint8Array.from({ length }, (_, i) => i * 37 + 1);
  const datagrams: Uint8Array[] = [];
  const send = (datagram: Uint8Array) => datagrams.push(datagram.slice());
  const speaker = new Int16Array(160);
  // README
  const view = new RtpHeaderView();
  const events = new TelephoneEventSender({ clockRate: 8000 });
  const heardEvents = new TelephoneEventReceiver({ clockRate: 8000 });
  const playout = new AudioPlayout({ payloadTypes: new Map([[8, 'PCMA']]), random });
  const rtcp = new RtcpSession({
    ssrc,
    canonicalName: 'p7@x',
    clockRate: 8000,
    unixTimeAtZero: 0,
    startedAt: 0,
    random,
  });
  const packet = new Uint8Array(RTP_HEADER_LENGTH + 160);

  /** Every 20 ms: a digit in progress goes instead of audio. */
  function transmit(now: number, sequenceNumber: number, timestamp: number, microphone: Int16Array): void {
    const event = events.next(timestamp);
    const payload = event?.payload ?? new Uint8Array(160);
    if (event === undefined) encodeALaw(microphone, payload);
    writeRtpHeader(
      packet,
      event?.marker ?? false,
      event ? 101 : 8,
      sequenceNumber,
      event?.timestamp ?? timestamp,
      ssrc,
    );
    packet.set(payload, RTP_HEADER_LENGTH);
    rtcp.handleSent(now, timestamp, payload.byteLength);
    send(packet.subarray(0, RTP_HEADER_LENGTH + payload.byteLength));
  }

  function receive(now: number, datagram: Uint8Array): void {
    if (view.read(datagram) !== undefined) return;
    const { payloadType, sequenceNumber, timestamp, marker, payloadOffset, payloadLength } = view;
    const payload = datagram.subarray(payloadOffset, payloadOffset + payloadLength);
    rtcp.handleReceived(now, view.ssrc, sequenceNumber, timestamp);
    if (payloadType === 101) heardEvents.handlePacket(now, timestamp, payload);
    else playout.handlePacket(now, payloadType, sequenceNumber, timestamp, marker, payload);
  }
  // README END
  events.enqueue({ event: 5 });
  for (let i = 0; i < 50; i++) {
    transmit(i * 20, i, i * 160, new Int16Array(160).fill(1000));
    for (const datagram of datagrams.splice(0)) receive(i * 20, datagram);
    playout.play(i * 20, speaker);
  }
  expect(heardEvents.poll()).toMatchObject({ kind: 'event-started', digit: '5' });
  expect(heardEvents.poll()).toMatchObject({ kind: 'event-ended', durationMilliseconds: 100 });
  expect(speaker[80]).toBeGreaterThan(900);
  expect(rtcp.statistics().packetsReceived).toBe(49);
});

test('the README shows the code that ran', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const source = readFileSync(import.meta.filename, 'utf8');
  const code = /^ {2}\/\/ README\n(.*?)^ *\/\/ README END$/ms.exec(source)?.[1];
  if (code === undefined) throw new Error('the example is gone');
  expect(readme).toContain(code.replaceAll(/^ {2}/gm, '').trim());
});
