import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { makeTestCertificates } from '@trustline/testing';
import { expect, test } from 'vitest';
import { SipTransportHub } from './hub.ts';

/** Both ends live in this process: two descriptors for each connection. */
const limit = 4_000;

test('thousands of idle connections to the TLS port keep no phone out, and the oldest of them go', async () => {
  const { rsa } = (await makeTestCertificates()).callManager;
  const flows: string[] = [];
  let refused = 0;
  const hub = new SipTransportHub<string>({
    onMessage: () => {},
    onFlowOpen: (flow) => flows.push(flow.id),
    onEvent: ({ kind }) => {
      if (kind === 'connection-refused') refused += 1;
    },
    limits: { connections: limit, handshakeTimeout: 100_000 },
  });
  const idlers: Socket[] = [];
  try {
    const { local } = await hub.listenTls({
      host: '127.0.0.1',
      port: 0,
      secureContextOptions: { key: rsa.privateKeyPem, cert: rsa.certificatePem },
      judge: () => ({ accepted: true, peer: 'phone' }),
    });
    const idle = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 100) {
        const batch = Array.from({ length: 100 }, () => connectTcp(local.port, local.host).on('error', () => {}));
        idlers.push(...batch);
        await Promise.all(batch.map((socket) => once(socket, 'connect')));
      }
    };
    await idle(limit);
    const phone = connectTls({ host: local.host, port: local.port, rejectUnauthorized: false });
    await once(phone, 'secureConnect');
    await expect.poll(() => flows.length).toBe(1);
    await idle(1_000);
    await expect.poll(() => refused, { timeout: 20_000 }).toBe(1_001);
    expect(hub.status).toMatchObject({ connections: limit, flows: 1 });
    expect(phone.destroyed).toBe(false);
    phone.destroy();
  } finally {
    for (const socket of idlers) socket.destroy();
    hub.close();
  }
});
