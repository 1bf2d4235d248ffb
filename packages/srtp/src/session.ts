import { SrtpError } from './error.ts';
import { choiceOption, invalid, knownNames, optionsObject } from './option-checks.ts';
import {
  createSrtpReceiver,
  receiverState,
  refuseReceivedSsrcOf,
  type SrtpReceiver,
  type SrtpReceiverOptions,
} from './receiver.ts';
import { createSrtpSender, refuseSsrcOf, type SrtpSender, type SrtpSenderOptions, senderState } from './sender.ts';

/** Both directions of one conversation. */
export interface SrtpSessionOptions {
  readonly send: SrtpSenderOptions;
  readonly receive: SrtpReceiverOptions;
  /**
   * What to do when both directions have a master key in common. `refuse` (default): that is a mistake, or somebody who
   * sends our own key back. `keep-ssrc-apart`: as some key managements want it; an SSRC belongs to one direction
   * then, and the receiver refuses one more than it keeps rather than forget one.
   */
  readonly sharedMasterKey?: 'refuse' | 'keep-ssrc-apart';
}

export interface SrtpSession {
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
  /** Closes both. */
  close(): void;
}

/**
 * A sender and a receiver that know of each other. Under one master key the same SSRC in both directions would encrypt
 * two packets with the same keystream, which gives both away (RFC 3711 §9.1): a session does not let that happen.
 *
 * @throws {SrtpError} srtp.invalid-option
 */
export function createSrtpSession(options: SrtpSessionOptions): SrtpSession {
  optionsObject('options', options);
  knownNames('options', options, ['send', 'receive', 'sharedMasterKey']);
  const whenShared = choiceOption('sharedMasterKey', options.sharedMasterKey, ['refuse', 'keep-ssrc-apart']);
  const sender = createSrtpSender(options.send);
  const receiver = createSrtpReceiver(options.receive);
  const session = {
    sender,
    receiver,
    close: () => {
      sender.close();
      receiver.close();
    },
  };
  const received = receiverState(receiver);
  const sent = senderState(sender);
  const shared = sent.keys.some((key) => received.keys.some((other) => key.equals(other)));
  if (!shared) return session;
  if (whenShared === 'refuse') {
    session.close();
    throw invalid('sharedMasterKey: both directions have the same master key, which is refused', 'RFC 3711 §9.1');
  }
  received.streams.forgetNone(); // an SSRC forgotten could be sent, and its keystream used twice
  refuseSsrcOf(sender, (ssrc) => {
    if (!received.streams.has(ssrc)) return;
    throw new SrtpError(
      'srtp.ssrc-collision',
      `SSRC ${(ssrc >>> 0).toString(16)} is received already under the same master key: choose another (RFC 3550 §8.2)`,
      'RFC 3711 §9.1',
    );
  });
  refuseReceivedSsrcOf(receiver, (ssrc) => sent.streams.has(ssrc));
  return session;
}
