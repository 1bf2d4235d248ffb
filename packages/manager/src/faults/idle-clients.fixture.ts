/**
 * A process of its own that opens many connections and says nothing: `node idle-clients.fixture.ts PORT COUNT`. It prints how
 * many are open when all have been tried, and again how many are left, with the first one's number, whenever a line
 * comes in.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const open = new Set<number>();
for (let done = 0; done < count; done += 100) {
  const batch = Array.from({ length: Math.min(100, count - done) }, async (_, at) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.once('close', () => open.delete(done + at));
    socket.resume();
    open.add(done + at);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  });
  await Promise.all(batch);
}
const say = () => process.stdout.write(`${JSON.stringify({ open: open.size, oldest: Math.min(...open) })}\n`);
say();
for await (const _ of createInterface({ input: process.stdin })) say();
process.exit(0);
