import { expect, test } from 'vitest';
import { openMediaPorts } from './media-ports.ts';

test('media ports are an even one and the next (RFC 3550 §11)', async () => {
  const ports = await openMediaPorts('127.0.0.1');
  expect(ports.port % 2).toBe(0);
  expect(ports.rtp.address().port).toBe(ports.port);
  expect(ports.rtcp.address().port).toBe(ports.port + 1);
  ports.rtp.close();
  ports.rtcp.close();
});
