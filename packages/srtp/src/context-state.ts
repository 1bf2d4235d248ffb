import type { ActiveKey } from './master-keys.ts';
import { readUint32, writeUint32 } from './octets.ts';
import { integerOption } from './option-checks.ts';
import { type PortableOptions, profileNamed, type SrtpContextOptions, type SrtpMasterKey } from './options.ts';
import { createSrtpReceiver, receiverState, restoreReceiver, type SrtpReceiver } from './receiver.ts';
import { badState, type SrtpSealing, seal, unseal } from './sealing.ts';
import { createSrtpSender, restoreSender, type SrtpSender, senderState } from './sender.ts';

/**
 * A running context as octets, sealed, so that another process can go on with it: for a planned move, or to be ready
 * when this one fails.
 *
 * Go on with the sequence numbers of the stream itself. A sender that was copied while it ran must not protect other
 * packets under numbers that the first one used since: with the numbers of the source, as a relay has them, it does not.
 * A receiver that was copied while it ran takes what came since for new, once. Of a session each half is copied by itself:
 * where both directions share a key, keep their SSRC apart at the other end too.
 */
export interface ImportOptions {
  /** The key it was sealed with. */
  readonly sealingKey: Uint8Array;
  readonly crypto: SrtpContextOptions['crypto'];
  readonly onKeyWarning?: SrtpContextOptions['onKeyWarning'];
}

export interface SenderImportOptions extends ImportOptions {
  /** SRTCP indices to leave out, for reports that were sent since it was sealed. Default 1,000. */
  readonly skippedRtcpIndices?: number;
}

const DEFAULT_SKIPPED_RTCP_INDICES = 1_000;
const VERSION = 1;

/** What is not secret, as JSON; the master keys follow in octets, so that they can be cleared. */
interface Description {
  readonly version: number;
  readonly kind: 'sender' | 'receiver';
  readonly options: PortableOptions;
  readonly keys: readonly {
    readonly mki: readonly number[];
    readonly rtpLifetime: number;
    readonly rtpPackets: number;
    readonly rtcpPackets: number;
  }[];
  /** Of a sender: the position of the key in use. */
  readonly current: number;
  readonly streams: readonly StreamDescription[];
}

/** SSRC, first rollover counter, then of a sender: highest index, next SRTCP index; of a receiver: its two windows. */
type StreamDescription = readonly [number, number, ...(number | readonly number[])[]];

/** Seals a running sender. @throws {SrtpError} srtp.closed, srtp.invalid-option */
export function exportSrtpSender(sender: SrtpSender, sealing: SrtpSealing): Uint8Array {
  return sealContent(senderState(sender).options.crypto, sealing, senderContent(sender));
}

/** Seals a running receiver. @throws {SrtpError} srtp.closed, srtp.invalid-option */
export function exportSrtpReceiver(receiver: SrtpReceiver, sealing: SrtpSealing): Uint8Array {
  return sealContent(receiverState(receiver).options.crypto, sealing, receiverContent(receiver));
}

/** @throws {SrtpError} srtp.bad-sealed-state */
export function importSrtpSender(sealed: Uint8Array, options: SenderImportOptions): SrtpSender {
  const given = options.skippedRtcpIndices ?? DEFAULT_SKIPPED_RTCP_INDICES;
  const skipped = integerOption('skippedRtcpIndices', given, 0, 2 ** 31, 'RFC 3711 §9.1');
  const content = unseal(options.crypto, options.sealingKey, sealed);
  try {
    return restoredSender(content, options, skipped);
  } finally {
    content.fill(0);
  }
}

function restoredSender(content: Uint8Array, options: SenderImportOptions, skipped: number): SrtpSender {
  const { description, contextOptions } = read(content, 'sender', options);
  const sender = createSrtpSender(contextOptions);
  restoreSender(sender, {
    current: description.current,
    counts: counts(description),
    streams: new Map(
      description.streams.map(([ssrc, firstRolloverCounter, highestIndex, rtcpIndex]) => [
        ssrc,
        {
          firstRolloverCounter,
          highestIndex: Number(highestIndex),
          nextRtcpIndex: Math.min(Number(rtcpIndex) + skipped, 2 ** 31),
        },
      ]),
    ),
  });
  return sender;
}

/** @throws {SrtpError} srtp.bad-sealed-state */
export function importSrtpReceiver(sealed: Uint8Array, options: ImportOptions): SrtpReceiver {
  const content = unseal(options.crypto, options.sealingKey, sealed);
  try {
    return restoredReceiver(content, options);
  } finally {
    content.fill(0);
  }
}

function restoredReceiver(content: Uint8Array, options: ImportOptions): SrtpReceiver {
  const { description, contextOptions } = read(content, 'receiver', options);
  const receiver = createSrtpReceiver(contextOptions);
  const window = (highest: unknown, words: unknown) => ({
    highest: Number(highest),
    words: Uint32Array.from(words as readonly number[]),
  });
  restoreReceiver(receiver, {
    counts: counts(description),
    streams: new Map(
      description.streams.map(([ssrc, firstRolloverCounter, highest, words, rtcpHighest, rtcpWords]) => [
        ssrc,
        { firstRolloverCounter, rtp: window(highest, words), rtcp: window(rtcpHighest, rtcpWords) },
      ]),
    ),
  });
  return receiver;
}

/** All that a sender knows, secrets included: clear it after use. */
function senderContent(sender: SrtpSender): Uint8Array {
  const { portable, keys, current, streams } = senderState(sender);
  return write(keys, {
    ...describe('sender', portable, keys),
    current: keys.indexOf(current),
    streams: [...streams].map(([ssrc, { firstRolloverCounter, highestIndex, nextRtcpIndex }]) => [
      ssrc,
      firstRolloverCounter,
      highestIndex,
      nextRtcpIndex,
    ]),
  });
}

/** The same of a receiver. */
export function receiverContent(receiver: SrtpReceiver): Uint8Array {
  const { portable, keys, streams } = receiverState(receiver);
  return write(keys, {
    ...describe('receiver', portable, keys),
    current: 0,
    streams: [...streams.entries()].map(([ssrc, { firstRolloverCounter, rtp, rtcp }]) => [
      ssrc,
      firstRolloverCounter,
      rtp.highest,
      [...rtp.marks],
      rtcp.highest,
      [...rtcp.marks],
    ]),
  });
}

function describe(
  kind: Description['kind'],
  options: PortableOptions,
  keys: readonly ActiveKey[],
): Pick<Description, 'version' | 'kind' | 'options' | 'keys'> {
  return {
    version: VERSION,
    kind,
    options,
    keys: keys.map(({ mki, rtpLifetime, rtpPackets, rtcpPackets }) => ({
      mki: [...mki],
      rtpLifetime,
      rtpPackets,
      rtcpPackets,
    })),
  };
}

/** Length of the JSON ‖ JSON ‖ key and salt of each master key. */
function write(keys: readonly ActiveKey[], description: Description): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(description));
  const secrets = keys.flatMap((key) => [key.secrets.key, key.secrets.salt]);
  const content = new Uint8Array(4 + text.byteLength + secrets.reduce((sum, { byteLength }) => sum + byteLength, 0));
  writeUint32(content, 0, text.byteLength);
  content.set(text, 4);
  let at = 4 + text.byteLength;
  for (const secret of secrets) {
    content.set(secret, at);
    at += secret.byteLength;
  }
  return content;
}

function sealContent(crypto: SrtpContextOptions['crypto'], sealing: SrtpSealing, content: Uint8Array): Uint8Array {
  try {
    return seal(crypto, sealing, content);
  } finally {
    content.fill(0);
  }
}

/** What was authentic was written by this package: only its version and its kind are in question. */
function read(
  content: Uint8Array,
  kind: Description['kind'],
  { crypto, onKeyWarning }: ImportOptions,
): { readonly description: Description; readonly contextOptions: SrtpContextOptions } {
  const length = readUint32(content, 0);
  const description = JSON.parse(new TextDecoder().decode(content.subarray(4, 4 + length))) as Description;
  if (description.version !== VERSION) throw badState(`its version is ${description.version}, ${VERSION} is read here`);
  if (description.kind !== kind) throw badState(`it is that of a ${description.kind}`);
  const { masterKeyLength, masterSaltLength } = profileNamed(description.options.profile);
  let at = 4 + length;
  const take = (octets: number) => {
    at += octets;
    return content.subarray(at - octets, at);
  };
  const masterKeys: SrtpMasterKey[] = description.keys.map(({ mki, rtpLifetime }) => ({
    key: take(masterKeyLength),
    salt: take(masterSaltLength),
    lifetime: rtpLifetime,
    ...(mki.length === 0 ? {} : { mki: Uint8Array.from(mki) }),
  }));
  return {
    description,
    contextOptions: {
      ...description.options,
      crypto,
      masterKeys,
      ...(onKeyWarning === undefined ? {} : { onKeyWarning }),
    },
  };
}

function counts({ keys }: Description): { readonly rtpPackets: number; readonly rtcpPackets: number }[] {
  return keys.map(({ rtpPackets, rtcpPackets }) => ({ rtpPackets, rtcpPackets }));
}
