import {
  createSrtpBatch,
  createSrtpReceiver,
  createSrtpSender,
  exportSrtpReceiver,
  exportSrtpSender,
  importSrtpReceiver,
  importSrtpSender,
  SrtpError,
  type SrtpReceiver,
  type SrtpSender,
} from '../src/index.ts';
import { optionsOf } from '../src/testing/fuzz-options.fixture.ts';

const sealing = { key: new Uint8Array(32).fill(3), nonce: new Uint8Array(12).fill(4) };
const MOST_OPERATIONS = 200;

/** Lists of operations, behind two octets that choose the options. */
export function corpus(): Uint8Array[] {
  return [0, 1, 2, 0x08, 0x10, 0x48].map((second, at) =>
    Uint8Array.from({ length: 160 }, (_, i) => (i === 0 ? at : i === 1 ? second : (i * 37 + at * 11) & 0xff)),
  );
}

/**
 * The input as a list of operations on a sender and a receiver: protect, deliver now, again or damaged, change the key,
 * go through a batch, let another process take over. What was protected is opened as it was, once; nothing else passes.
 */
export function fuzz(data: Uint8Array): void {
  const conversation = new Conversation(data[0] ?? 0, data[1] ?? 0);
  for (let at = 2; at + 1 < Math.min(data.byteLength, 2 * MOST_OPERATIONS); at += 2) {
    conversation.operate(data[at] as number, data[at + 1] as number);
  }
  conversation.close();
}

class Conversation {
  readonly #options: ReturnType<typeof optionsOf>;
  readonly #sequenceNumbers = [1, 1, 1];
  /** What was accepted, by its octets on the wire. */
  readonly #accepted = new Set<string>();
  readonly #kept: { readonly wire: Uint8Array; readonly plain: Uint8Array }[] = [];
  #sender: SrtpSender;
  #receiver: SrtpReceiver;

  constructor(first: number, second: number) {
    this.#options = optionsOf(first, second);
    this.#sender = createSrtpSender(this.#options);
    this.#receiver = createSrtpReceiver({ ...this.#options, maximumStreams: 3, atMaximumStreams: 'refuse' });
  }

  operate(operation: number, argument: number): void {
    switch (operation & 7) {
      case 0:
      case 1:
      case 2:
        this.#send(operation >> 3, argument, (operation & 7) === 2);
        return;
      case 3: // something from before comes again
        this.#deliver(this.#kept[argument % Math.max(1, this.#kept.length)]);
        return;
      case 4:
        this.#damage(operation >> 3, argument);
        return;
      case 5:
        if (this.#options.masterKeys.length > 1) this.#sender.useMasterKey(Uint8Array.of(1 + (argument & 1), 7));
        return;
      case 6:
        this.#report(argument);
        return;
      default:
        if ((argument & 7) === 0) this.#takeOver();
    }
  }

  close(): void {
    this.#sender.close();
    this.#receiver.close();
  }

  #send(which: number, argument: number, inBatch: boolean): void {
    const stream = which % 3;
    const step = argument & 0x80 ? 20_000 : 1 + (argument & 3);
    const sequenceNumber = ((this.#sequenceNumbers[stream] as number) + step) & 0xffff;
    this.#sequenceNumbers[stream] = sequenceNumber;
    const plain = packetOf(stream + 1, sequenceNumber, argument);
    const out = new Uint8Array(plain.byteLength + this.#sender.rtpOverhead);
    const length = inBatch ? this.#protectInBatch(plain, out) : this.#sender.protect(plain, out);
    const sent = { wire: out.slice(0, length), plain };
    this.#kept.push(sent);
    if ((argument & 0x0c) !== 0x0c) this.#deliver(sent);
  }

  #protectInBatch(plain: Uint8Array, out: Uint8Array): number {
    const batch = createSrtpBatch({ crypto: this.#options.crypto, capacity: 1 });
    batch.protect(this.#sender, plain, out);
    batch.flush();
    const outcome = batch.outcome(0);
    batch.close();
    if (typeof outcome !== 'number') throw new Error('a batch refused to protect');
    return outcome;
  }

  #deliver(sent: { readonly wire: Uint8Array; readonly plain: Uint8Array } | undefined): void {
    if (sent === undefined) return;
    const out = new Uint8Array(sent.wire.byteLength);
    const outcome = this.#receiver.unprotect(sent.wire, out);
    if (typeof outcome !== 'number') return;
    const wire = sent.wire.join();
    if (this.#accepted.has(wire)) throw new Error('a packet was accepted twice');
    this.#accepted.add(wire);
    // Cryptex may have added an empty extension; what follows it is what was said (RFC 9335 §5.2).
    const tail = out.subarray(outcome - 8, outcome).join();
    if (tail !== sent.plain.subarray(-8).join()) throw new Error('a packet was opened wrongly');
  }

  #damage(which: number, argument: number): void {
    const sent = this.#kept[which % Math.max(1, this.#kept.length)];
    if (sent === undefined) return;
    const damaged = sent.wire.slice();
    const at = argument % damaged.byteLength;
    damaged[at] = (damaged[at] as number) ^ (1 + (argument & 0x7f));
    if (this.#receiver.unprotect(damaged, new Uint8Array(damaged.byteLength)) === 'output-too-small') return;
    const again = damaged.slice();
    if (typeof this.#receiver.unprotect(again, again) === 'number') throw new Error('a damaged packet was accepted');
  }

  #report(argument: number): void {
    const report = Uint8Array.from([0x81, 0xc8, 0, 2, 0, 0, 0, 1 + (argument % 3), 1, 2, 3, argument]);
    const out = new Uint8Array(report.byteLength + this.#sender.rtcpOverhead);
    this.#sender.protectRtcp(report, out);
    const opened = new Uint8Array(out.byteLength);
    const outcome = this.#receiver.unprotectRtcp(out, opened);
    if (outcome === 'ssrc-limit') return;
    if (outcome !== report.byteLength || opened.subarray(0, outcome).join() !== report.join()) {
      throw new Error(`a report was not opened as it was: ${outcome}`);
    }
    if (this.#receiver.unprotectRtcp(out, opened) !== 'replayed') throw new Error('a report was accepted twice');
  }

  #takeOver(): void {
    const { crypto } = this.#options;
    const options = { crypto, sealingKey: sealing.key };
    const [sender, receiver] = [exportSrtpSender(this.#sender, sealing), exportSrtpReceiver(this.#receiver, sealing)];
    this.close();
    this.#sender = importSrtpSender(sender, { ...options, skippedRtcpIndices: 1 });
    this.#receiver = importSrtpReceiver(receiver, options);
    try {
      importSrtpSender(receiver, options);
    } catch (error) {
      if (error instanceof SrtpError && error.code === 'srtp.bad-sealed-state') return;
      throw error;
    }
    throw new Error('the state of a receiver was taken for that of a sender');
  }
}

/** With an extension, a CSRC list, or neither. */
function packetOf(ssrc: number, sequenceNumber: number, argument: number): Uint8Array {
  const csrc = argument & 0x10 ? 1 : 0;
  const extension = argument & 0x20 ? [0xbe, 0xde, 0, 1, 0x11, argument, 7, 0] : [];
  const payload = Array.from({ length: 8 + (argument % 40) }, (_, at) => (at * 3 + argument) & 0xff);
  return Uint8Array.from([
    ...[0x80 | csrc | (extension.length > 0 ? 0x10 : 0), 8, sequenceNumber >> 8, sequenceNumber & 0xff],
    ...[0, 0, 0, argument, 0, 0, 0, ssrc],
    ...(csrc === 1 ? [9, 9, 9, 9] : []),
    ...extension,
    ...payload,
  ]);
}
