import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { octetsOfAddress } from '@trustline/h323';
import { openMediaPorts } from '@trustline/rtp/node';
import { eventually } from '@trustline/testing/node';
import { expect, test } from 'vitest';
import { formatOfCodec, H323Media } from './h323-media.ts';

test('RFC 4733: keys go as telephone-events under the number that the far side names, and not at all where it names none', async () => {
  const far = createSocket('udp4');
  const payloadTypes = new Set<number>();
  far.on('message', (packet) => payloadTypes.add((packet[1] ?? 0) & 0x7f));
  await once(far.bind(0, '127.0.0.1'), 'listening');
  const remote = octetsOfAddress({ address: '127.0.0.1', port: far.address().port });
  if (remote === undefined) throw new Error('this is no address');
  const media = new H323Media(await openMediaPorts('127.0.0.1'), 101, { digit: () => {}, failed: () => {} });
  expect(media.sendKeys('5', 97)).toBe(false);
  const format = formatOfCodec('PCMA');
  media.opened({ kind: 'media-opened', direction: 'transmit', format, payloadType: 8, remote });
  expect(media.sendKeys('5', undefined)).toBe(false);
  expect(media.sendKeys('5', 97)).toBe(true);
  await eventually('audio and the key', () => payloadTypes.has(8) && payloadTypes.has(97));
  expect(payloadTypes.size).toBe(2);
  media.audio.close();
  far.close();
});
