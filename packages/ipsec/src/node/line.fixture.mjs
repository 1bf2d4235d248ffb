// One end of a TCP connection in a namespace. Told on standard input what to do, a word per line:
// `listen PORT`, `connect ADDRESS PORT`, `send COUNT`. What happened is told on standard output, JSON per line.
import net from 'node:net';
import readline from 'node:readline';

const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
let socket;

function use(one) {
  socket = one;
  let received = 0;
  one.on('data', (octets) => {
    received += octets.length;
    tell({ received });
  });
  one.on('error', (error) => tell({ failed: error.code }));
  one.on('close', () => tell({ closed: true }));
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, first, second] = line.split(' ');
  if (word === 'listen') {
    net
      .createServer((one) => {
        use(one);
        tell({ accepted: true });
      })
      .listen(Number(first), () => tell({ listening: true }));
  }
  if (word === 'connect') {
    const one = net.connect({ host: first, port: Number(second) });
    use(one);
    one.once('connect', () => tell({ connected: { address: one.localAddress, port: one.localPort } }));
  }
  if (word === 'send') socket.write(Buffer.alloc(Number(first), 0x6b));
});
tell({ ready: true });
