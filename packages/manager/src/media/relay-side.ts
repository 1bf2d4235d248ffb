import type { OpusLibrary } from '@trustline/rtp';
import type { SrtpCryptoProvider, SrtpRejection } from '@trustline/srtp';
import { DigitListener } from './digit-listener.ts';
import type { DigitSender } from './digit-sender.ts';
import { FailureWatch } from './failure-watch.ts';
import { readUint32 } from './octets.ts';
import { RtpOutbound } from './rtp-outbound.ts';
import type {
  Component,
  DirectionKeys,
  FailureCause,
  MediaEndpoint,
  RelayNotice,
  SideCounts,
  SideSettings,
} from './settings.ts';
import { openWith, receiverOf, SrtpInbound } from './srtp-inbound.ts';
import { Transcoder } from './transcoder.ts';

/** One side of the relay: a party, what it sends with, where it is, and our stream towards it. */
export class RelaySide {
  readonly outbound: RtpOutbound;
  readonly counts: SideCounts = {
    received: 0,
    taken: 0,
    sent: 0,
    octetsReceived: 0,
    octetsSent: 0,
    refused: 0,
    authenticationFailed: 0,
    replayed: 0,
    strange: 0,
    unsent: 0,
    moved: 0,
  };
  settings: SideSettings;
  /** How many packets of the sound for who is held it has heard. */
  played = 0;
  /** Digits that it is being sent; undefined when none is. */
  digits: DigitSender | undefined;
  /** The SSRC of that sound, before it is replaced by ours. */
  readonly soundSource: number;
  /** The side that has what this party sends, and whose party this one hears. */
  partner: RelaySide | undefined;
  /** What the party says on its way to its partner, where that understands another format. */
  transcoder: Transcoder | undefined;
  #transcodes = '';
  #digitListener: DigitListener | undefined;
  /** Whether the party uses its two keys the other way round; undefined while that is not known. */
  #isSwapped: boolean | undefined;
  /** Undefined where the party sends RTP without protection. */
  inbound: SrtpInbound | undefined;
  /** Where packets go: as signalled, until the party has shown to be elsewhere. */
  rtp: MediaEndpoint;
  rtcp: MediaEndpoint;
  readonly #crypto: SrtpCryptoProvider;
  readonly #watch = new FailureWatch();
  /** The packet that failed last, while it is not said yet that some do. */
  #lastFailure: FailedPacket | undefined;
  readonly #notice: (notice: RelayNotice) => void;

  constructor(
    crypto: SrtpCryptoProvider,
    random: (length: number) => Uint8Array,
    notice: (notice: RelayNotice) => void,
    settings: SideSettings,
  ) {
    this.#crypto = crypto;
    this.#notice = notice;
    this.outbound = new RtpOutbound(crypto, random);
    this.soundSource = readUint32(random(4), 0);
    this.settings = settings;
    this.rtp = settings.remote;
    this.rtcp = above(settings.remote);
    this.#useKeys(0, settings, true);
  }

  /** Takes the digits out of what the party sends; undefined where they go on with it. */
  get digitListener(): DigitListener | undefined {
    const { digits, side } = this.settings;
    if (digits === undefined) return undefined;
    const known = this.#digitListener;
    const { payloadType, clockRate } = known?.format ?? {};
    if (known !== undefined && payloadType === digits.payloadType && clockRate === digits.clockRate) return known;
    this.#digitListener = new DigitListener(digits, (digit, milliseconds) =>
      this.#notice({ kind: 'digit', side, digit, milliseconds }),
    );
    return this.#digitListener;
  }

  /** What its partner sends does not reach it now. */
  get hearsOther(): boolean {
    return this.plays || this.digits !== undefined;
  }

  /** The party is to hear a sound of the relay's, for who is held or whose call leaves protection. */
  get plays(): boolean {
    const { plays, announces, gives } = this.settings;
    return gives && (plays ?? announces) !== undefined;
  }

  /** What was learned stays where nothing says otherwise: the address a party was followed to, and its counters. */
  update(now: number, settings: SideSettings): void {
    const before = this.settings;
    const isSameAddress = sameEndpoint(before.remote, settings.remote);
    this.settings = settings;
    if (!isSameAddress) {
      this.rtp = settings.remote;
      this.rtcp = above(settings.remote);
    }
    this.#useKeys(now, settings, isSameAddress);
  }

  /** Sees to it that its partner understands what it says; what is the same as before goes on. */
  arrange(opus: OpusLibrary | undefined, ssrc: () => number): void {
    const [from, to] = [this.settings.speaks, this.partner?.settings.speaks];
    const differs = from !== undefined && to !== undefined && from.voice[0]?.codec !== to.voice[0]?.codec;
    const wanted = differs ? JSON.stringify([from, to, this.partner?.settings.side]) : '';
    if (wanted === this.#transcodes) return;
    this.#transcodes = wanted;
    this.transcoder?.close();
    this.transcoder = differs ? new Transcoder(from, to, ssrc(), opus) : undefined;
    this.partner?.outbound.follow();
  }

  /** Whether clear RTP may come from there. */
  mayComeFrom(address: string): boolean {
    const { clearSource, remote } = this.settings;
    return address === (clearSource ?? remote.address) || address === this.rtp.address;
  }

  /** The party has shown to be there, by a packet that authenticated or by the policy for clear RTP. */
  follow(component: Component, address: string, port: number): void {
    const known = this[component];
    if (known.port === port && known.address === address) return;
    this[component] = { address, port };
    this.counts.moved += 1;
    if (component === 'rtp') this.#notice({ kind: 'moved', side: this.settings.side, to: this.rtp });
  }

  /** Notes an RTP packet that authenticated. */
  authentic(ssrc: number): void {
    this.inbound?.accepted(ssrc);
    this.#keysVerified();
    this.#watched(false);
  }

  /** Notes a packet that SRTP has refused. */
  refused(rejection: SrtpRejection, component: Component, packet: Uint8Array, source: MediaEndpoint): void {
    const { counts } = this;
    if (rejection === 'replayed' || rejection === 'too-old') counts.replayed += 1;
    else if (rejection === 'authentication-failed') counts.authenticationFailed += 1;
    else counts.refused += 1;
    if (rejection !== 'authentication-failed') return;
    if (!this.#watch.said) this.#lastFailure = { component, packet: packet.slice(), source };
    this.#watched(true);
  }

  /** One more packet of the present look, which may be the one at which it is said that some fail. */
  #watched(failed: boolean): void {
    if (!this.#watch.note(failed) || this.#lastFailure === undefined) return;
    const { component, packet, source } = this.#lastFailure;
    this.#lastFailure = undefined;
    this.#notice({
      kind: 'authentication-failures',
      side: this.settings.side,
      fingerprint: this.inbound?.fingerprint ?? '',
      received: this.#watch.received,
      failed: this.#watch.failed,
      source,
      cause: this.#whyItFails(component, packet, source),
    });
  }

  close(): void {
    this.inbound?.close();
    this.inbound = undefined;
    this.transcoder?.close();
    this.outbound.close();
  }

  #whyItFails(component: Component, packet: Uint8Array, source: MediaEndpoint): FailureCause {
    const { protection } = this.settings;
    if (protection.kind === 'srtp' && this.inbound?.authenticated === true && component === 'rtp') {
      // A fresh context reads with a counter of zero. Nothing of what it opens is used.
      const probe = receiverOf(this.#crypto, protection.receive);
      const outcome = openWith(probe, component, packet, new Uint8Array(packet.byteLength));
      probe.close();
      if (typeof outcome === 'number') return 'rollover-counter-reset';
    }
    if (this.inbound?.opensByKeyBefore(component, packet) === true) return 'key-before';
    if (this.inbound?.authenticated !== true) return 'another-key';
    return sameEndpoint(source, this[component]) ? 'changed-since' : 'another-source';
  }

  #useKeys(now: number, { protection }: SideSettings, isSameAddress: boolean): void {
    if (protection.kind === 'clear') {
      this.inbound?.close();
      this.inbound = undefined;
      this.outbound.useKeys(undefined);
      return;
    }
    const { receive, send, mayBeSwapped = false } = protection;
    const isSwapped = mayBeSwapped && this.#isSwapped === true;
    this.outbound.useKeys(isSwapped ? receive : send);
    this.#receiveWith(now, isSwapped ? send : receive, isSameAddress);
    if (mayBeSwapped && this.#isSwapped === undefined) this.inbound?.mayUse(send);
  }

  /** The party has shown which key it sends with: it is sent the other. What is so for one pair is so for all of its call. */
  #keysVerified(): void {
    const { protection, side } = this.settings;
    if (protection.kind === 'clear' || protection.mayBeSwapped !== true || this.#isSwapped !== undefined) return;
    const { receive, send } = protection;
    this.#isSwapped = this.inbound?.fingerprint === send.fingerprint;
    if (this.#isSwapped) this.outbound.useKeys(receive);
    this.#notice({ kind: 'keys-verified', side, fingerprint: receive.fingerprint, isSwapped: this.#isSwapped });
  }

  #receiveWith(now: number, keys: DirectionKeys, isSameAddress: boolean): void {
    if (this.inbound?.fingerprint === keys.fingerprint) return;
    this.#watch.begin();
    this.#lastFailure = undefined;
    if (this.inbound === undefined) this.inbound = new SrtpInbound(this.#crypto, keys);
    else this.inbound.useKeys(now, keys, isSameAddress);
  }
}

interface FailedPacket {
  readonly component: Component;
  readonly packet: Uint8Array;
  readonly source: MediaEndpoint;
}

/** RTCP goes to the next port (RFC 3550 §11); above the last there is none, and it goes to that. */
function above({ address, port }: MediaEndpoint): MediaEndpoint {
  return { address, port: Math.min(port + 1, 65_535) };
}

function sameEndpoint(one: MediaEndpoint, other: MediaEndpoint): boolean {
  return one.port === other.port && one.address === other.address;
}
