import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askFarProbe, ProbeListener } from './far-probe.ts';

/** A port that nothing else of the tests uses. */
const port = 17_311;
const ends = { localAddress: '127.0.0.1', remoteAddress: '127.0.0.1', port };
const close: (() => void)[] = [];
afterEach(() => {
  for (const one of close.splice(0)) one();
});

test('the far end is asked, probes towards who asked, and tells how it went; not again at once', async () => {
  const asked: string[] = [];
  const probe = async (from: string) => {
    asked.push(from);
    return { leaked: false, message: 'the guard stopped the packet' };
  };
  const listener = await ProbeListener.listen('127.0.0.1', probe, port);
  close.push(() => listener.close());
  expect(await askFarProbe(ends)).toEqual({ leaked: false, message: 'the guard stopped the packet' });
  expect(await askFarProbe(ends)).toMatchObject({ leaked: null });
  expect(asked).toEqual(['127.0.0.1']);
});

test('who is not the far end of a tunnel is not answered', async () => {
  const listener = await ProbeListener.listen('127.0.0.1', async () => undefined, port);
  close.push(() => listener.close());
  expect(await askFarProbe(ends)).toEqual({ leaked: null, message: 'no gateway of ours answers there' });
});

test.each(['', '{', '{"leaked":"no","message":"x"}', 'null', 'x'.repeat(9_000)])(
  'an answer that is none (%#) measures nothing, and neither does nobody',
  async (answer) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(answer));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await askFarProbe(ends)).toMatchObject({ leaked: null });
    await new Promise((resolve) => server.close(resolve));
    expect(await askFarProbe(ends)).toMatchObject({ leaked: null });
  },
);
