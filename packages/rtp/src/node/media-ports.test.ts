import { expect, test } from 'vitest';
import { openMediaPorts } from './media-ports.ts';

test('an address that the machine does not have is named as that, and not as a lack of ports', async () => {
  await expect(openMediaPorts('192.0.2.11')).rejects.toMatchObject({
    code: 'rtp.no-address',
    message: expect.stringContaining('This machine has no address 192.0.2.11'),
  });
});

test('media ports are an even one and the next (RFC 3550 §11)', async () => {
  const ports = await openMediaPorts('127.0.0.1');
  expect(ports.port % 2).toBe(0);
  expect(ports.rtp.address().port).toBe(ports.port);
  expect(ports.rtcp.address().port).toBe(ports.port + 1);
  ports.rtp.close();
  ports.rtcp.close();
});
