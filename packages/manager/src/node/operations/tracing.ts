import { serializeMessage } from '@trustline/sip';
import { API_SCHEMA } from '../../api/answer.ts';
import type { TracedMessage, TracedText } from '../../api/trace-contract.ts';
import { ManagerError } from '../../error.ts';
import { h323Words } from '../../trace/h323-words.ts';
import { hideKeys } from '../../trace/hidden-keys.ts';
import type { WatchedMessage } from '../../trace/message-trace.ts';
import { isOfInvitation } from '../../trace/message-words.ts';
import { isOfCall } from '../../trace/skinny-words.ts';
import { wordsOf } from '../../trace/watched-words.ts';
import { following } from '../following.ts';
import { currentAttribution } from './attribution.ts';
import type { Services } from './services.ts';

/** The messages of calls as they pass, those that are refused before they began too, a line of JSON each. */
export async function* callMessages(services: Services, signal: AbortSignal): AsyncGenerator<string> {
  for await (const watched of watching(services, signal)) {
    if (isOfCalls(watched)) yield `${JSON.stringify(describe(services, watched))}\n`;
  }
}

function isOfCalls(watched: WatchedMessage): boolean {
  if (watched.protocol === 'sccp') return isOfCall(watched.message);
  if (watched.protocol === 'h323') return !h323Words(watched.payload).isIdle;
  return watched.leg !== undefined || isOfInvitation(watched.message);
}

/**
 * The messages of one device as they pass, those of SIP with their text and without keys, a line of JSON each. It is an event
 * that somebody watches.
 *
 * @param decrypted with what passes over TLS, which nobody else sees: then a reason is needed
 * @throws {ManagerError} manager.device-unknown, manager.reason-needed
 */
export async function deviceMessages(
  services: Services,
  device: string,
  decrypted: boolean,
  signal: AbortSignal,
): Promise<AsyncGenerator<string>> {
  const { store, journal } = services;
  if ((await store.devices.find(device)) === undefined) {
    throw new ManagerError('manager.device-unknown', `There is no device ${device}.`, {
      nextStep: 'trustline device list shows them all.',
    });
  }
  if (decrypted && currentAttribution()?.statedReason === undefined) {
    throw new ManagerError('manager.reason-needed', 'Somebody wants to see into TLS, and says not why.', {
      nextStep: `Say it, for the record: trustline sip trace --device ${device} --decrypted --reason "…"`,
    });
  }
  await journal.event('signalling-traced', {
    device,
    reason: decrypted ? 'decrypted' : 'without-tls',
    cause: decrypted
      ? `The signalling of ${device} is watched, with what passes over TLS; keys are hidden.`
      : `The signalling of ${device} is watched, as far as it passes without TLS; keys are hidden.`,
  });
  return (async function* () {
    for await (const watched of watching(services, signal)) {
      if (watched.device !== device) continue;
      const isHidden = ['tls', 'wss'].includes(watched.transport) && !decrypted;
      const text =
        isHidden || watched.protocol !== 'sip'
          ? null
          : hideKeys(Buffer.from(serializeMessage(watched.message)).toString('utf8'));
      yield `${JSON.stringify({ ...describe(services, watched), text } satisfies TracedText)}\n`;
    }
  })();
}

function watching({ signalling }: Services, signal: AbortSignal): AsyncGenerator<WatchedMessage> {
  return following((watcher) => signalling?.watchMessages(watcher) ?? (() => undefined), signal);
}

function describe({ configuration, clock }: Services, watched: WatchedMessage): TracedMessage {
  const { now, direction, protocol, transport, local, remote, callId, device = null, leg } = watched;
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    at: new Date(clock.now() - clock.monotonic() + now).toISOString(),
    direction,
    protocol,
    transport,
    local,
    remote,
    device,
    ...wordsOf(watched),
    callId,
    leg: leg === undefined ? null : { call: leg.call, role: leg.role, line: leg.line, level: leg.level },
  };
}
