/** One thread of the media relay: its sockets, and the relay between them. Started by `relay-pool.ts`. */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { OpusLibrary } from '@trustline/rtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { HoldAudio } from '../../media/hold-audio.ts';
import { MediaRelay } from '../../media/media-relay.ts';
import type { SideId } from '../../media/settings.ts';
import { PortPair } from './port-pair.ts';
import type { FromRelayWorker, RelayWorkerOptions, ToRelayWorker } from './relay-messages.ts';

/** How often what was noticed is looked for, in milliseconds. */
const NOTICE_INTERVAL = 250;

const options = workerData as RelayWorkerOptions;
const pairs = new Map<SideId, PortPair>();
let flushWaits = false;
let sides = 0;
let nextPort = firstOwnPort();
/** Bindings go one after the other. */
let binding = Promise.resolve();

/** Runs while somebody is held, or in a conference. */
let ticking: NodeJS.Timeout | undefined;

const opus = await OpusLibrary.load();
const relay = new MediaRelay({
  opus,
  ...(options.hold === undefined ? {} : { hold: new HoldAudio(options.hold, opus) }),
  ...(options.announcement === undefined ? {} : { announcement: new HoldAudio(options.announcement, opus) }),
  crypto: hybridCrypto(),
  random: (length) => new Uint8Array(randomBytes(length)),
  transmit: (side, component, datagram, to) => pairs.get(side)?.send(component, datagram, to),
});

function say(message: FromRelayWorker): void {
  parentPort?.postMessage(message);
}

/** All that the event loop brings in one turn goes out together. */
function flush(): void {
  flushWaits = false;
  relay.flush(performance.now());
  sayNotices();
}

/** Sets the clock for what the relay sends by itself. */
function waitForTick(): void {
  const due = relay.nextDeadline();
  if (due === undefined || ticking !== undefined) return;
  ticking = setTimeout(
    () => {
      ticking = undefined;
      relay.tick(performance.now());
      waitForTick();
    },
    Math.max(0, due - performance.now()),
  );
}

function sayNotices(): void {
  for (let notice = relay.poll(); notice !== undefined; notice = relay.poll()) say({ kind: 'notice', notice });
}

/** Even ports; each worker has those that are its own, so that two never try the same. */
function firstOwnPort(): number {
  return options.firstPort + (options.firstPort % 2) + 2 * options.worker;
}

async function bind(wanted: number): Promise<void> {
  for (let left = wanted; left > 0; left--) {
    const why = await bindOne();
    if (why === undefined) continue;
    say({ kind: 'exhausted', pairs: left, why });
    return;
  }
}

/** Binds a pair at the next port of this worker that is free, or says why not. Those used last come last again. */
async function bindOne(): Promise<string | undefined> {
  const step = 2 * options.workers;
  const count = Math.floor((options.lastPort - 1 - firstOwnPort()) / step) + 1;
  let why = 'the range of ports is too small for the media workers';
  for (let tried = 0; tried < count; tried++) {
    const port = nextPort;
    nextPort = port + step < options.lastPort ? port + step : firstOwnPort();
    try {
      const pair = await PortPair.bind(options.host, port);
      const side = sides++ * options.workers + options.worker;
      pairs.set(side, pair);
      pair.onDatagram((component, datagram, address, from) => {
        relay.receive(performance.now(), side, component, datagram, address, from);
        if (flushWaits) return;
        flushWaits = true;
        setImmediate(flush);
      });
      say({ kind: 'bound', side, port: pair.port });
      return undefined;
    } catch (error) {
      why = (error as Error).message;
    }
  }
  return why;
}

function handle(message: ToRelayWorker): void {
  const now = performance.now();
  switch (message.kind) {
    case 'bind':
      binding = binding.then(() => bind(message.pairs));
      return;
    case 'set':
      relay.set(now, message.settings);
      waitForTick();
      return;
    case 'bridge':
      relay.bridge(now, message.one, message.other);
      return;
    case 'dial':
      relay.dial(now, message.side, message.digit);
      waitForTick();
      return;
    case 'close': {
      const counts = relay.close(now, message.side);
      pairs.get(message.side)?.close();
      pairs.delete(message.side);
      if (counts !== undefined) say({ kind: 'closed', side: message.side, counts });
      return;
    }
    case 'count':
      say({
        kind: 'counted',
        request: message.request,
        counts: [...pairs.keys()].flatMap((side) => {
          const counts = relay.counts(side);
          return counts === undefined ? [] : [[side, counts] as const];
        }),
      });
      return;
    case 'stop':
      clearInterval(noticing);
      clearTimeout(ticking);
      for (const side of pairs.keys()) relay.close(now, side);
      for (const pair of pairs.values()) pair.close();
      pairs.clear();
      parentPort?.close();
  }
}

const noticing = setInterval(sayNotices, NOTICE_INTERVAL);
parentPort?.on('message', handle);
