import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DAEMON_MARK } from '../daemon-settings.ts';
import { probeLeft, probeScript } from '../guard/probe.ts';
import { type GuardedPeer, type GuardPlan, PROBE_PORT, removalScript } from '../guard/ruleset.ts';
import type { ProbeResult } from '../helper/protocol.ts';
import { familyOf } from '../selector.ts';
import type { GuardKeeper } from './guard-keeper.ts';

/** A packet is at its last filter in microseconds; this is for a machine that is busy. */
const SETTLE_MS = 50;

/**
 * Sends one packet in the clear around the tunnel, and sees where it stops. What leaves is counted behind every other
 * filter, so that this does not take the guard's own word.
 */
export async function probeClear(
  keeper: GuardKeeper,
  plan: Omit<GuardPlan, 'peers'>,
  peer: GuardedPeer,
): Promise<ProbeResult> {
  const table = `${plan.table}_probe`;
  const before = await keeper.probesStopped(peer.connection);
  await keeper.run(probeScript({ ...plan, table, mark: DAEMON_MARK, address: peer.address }));
  try {
    const refusal = await send(peer.address);
    await delay(SETTLE_MS);
    const { inTheClear, inTheTunnel } = probeLeft(await keeper.list(table));
    const grown = (await keeper.probesStopped(peer.connection)) - before;
    if (inTheClear > 0) {
      return { leaked: true, message: `a packet in the clear to ${peer.address} left this machine` };
    }
    if (grown > 0) return { leaked: false, message: 'the guard stopped the packet' };
    if (inTheTunnel > 0)
      return { leaked: false, message: 'there is no way around the tunnel: the packet went into it' };
    if (refusal !== undefined)
      return { leaked: false, message: `the packet was stopped in front of the guard (${refusal})` };
    return { leaked: null, message: 'the packet was seen nowhere' };
  } finally {
    await keeper.run(removalScript(table));
  }
}

/** Why it could not be sent, or undefined. */
async function send(address: string): Promise<string | undefined> {
  const socket = createSocket(familyOf(address) === 'ipv6' ? 'udp6' : 'udp4');
  // A route that is missing is told by an event as well as by the callback.
  socket.on('error', () => {});
  try {
    socket.bind(0);
    await once(socket, 'listening');
    return await new Promise((resolve) => {
      socket.send('trustline probe', PROBE_PORT, address, (error) => {
        resolve(error === null ? undefined : ((error as NodeJS.ErrnoException).code ?? error.message));
      });
    });
  } finally {
    socket.close();
  }
}
