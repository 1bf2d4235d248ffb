import { DeadlineQueue } from '@trustline/base';
import type { LegProtection } from '@trustline/callcontrol';
import type { SdesSuiteName } from '@trustline/keying';
import {
  BusyLampStatus,
  DeviceResetType,
  type KnownMessage,
  type RegisteringDevice,
  SccpError,
  type SccpMessage,
  type ServerEvent,
  type ServerOutput,
  ServerSession,
  type SessionEnd,
} from '@trustline/sccp';
import type { DeviceDirectory } from '../../device-directory.ts';
import type { GateNotice, TlsPeer } from '../sip/gate.ts';
import { formatsOf, TELEPHONE_EVENT_CAPABILITY } from './audio-formats.ts';
import { localTime } from './local-time.ts';
import { isCarried } from './media-messages.ts';
import type { PhoneLine } from './phone-calls.ts';
import { languageOf, type PhoneKeys, phoneProfile, type SkinnySettings } from './phone-profile.ts';
import { endText, phoneTexts } from './phone-texts.ts';
import type { SccpLegs } from './sccp-legs.ts';

/** A connection that a phone has made. */
export interface SkinnyConnection {
  readonly id: string;
  /** Address and port of the phone. */
  readonly remoteAddress: string;
  /** The same, without the port. */
  readonly remoteHost: string;
  /** The address at which it came in: where the media relay is too, unless configured elsewhere. */
  readonly localHost: string;
  /** The same, with the port. */
  readonly localAddress: string;
  /** What its certificate proved; undefined without TLS. */
  readonly peer: TlsPeer | undefined;
}

/** What the door wants done. */
export type SkinnyOutput =
  | { readonly kind: 'transmit'; readonly connection: string; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly connection: string }
  /** The phone on this connection is one that is served. */
  | { readonly kind: 'served'; readonly connection: string }
  /** A phone has registered on a connection that was made then (monotonic). */
  | { readonly kind: 'seen'; readonly device: string; readonly address: string; readonly since: number };

export interface SkinnyDoorPorts {
  readonly directory: DeviceDirectory;
  readonly legs: SccpLegs;
  readonly settings: SkinnySettings;
  /** SRTP suites of the cluster, preferred first. */
  readonly suites: readonly SdesSuiteName[];
  /** Epoch milliseconds at a monotonic moment. */
  wallTime(now: number): number;
  /** No new phone is taken. */
  isClosing(): boolean;
  linesOf(device: string): readonly PhoneLine[];
  keysOf(device: string): PhoneKeys;
  /** What a device may see of the line of a number: a `BusyLampStatus`; undefined for nothing. */
  busyLamp(device: string, number: string): number | undefined;
  /** A phone is there no more: its calls end. One whose connection broke is not lost: calls go on without it. */
  lost(now: number, device: string): void;
  notice(notice: GateNotice): void;
  /** A message passes: for people who watch. */
  readonly passed?: ((passed: PassedSkinny) => void) | undefined;
}

/** A message as it passes, with its keys. */
export interface PassedSkinny {
  readonly direction: 'received' | 'sent';
  readonly connection: SkinnyConnection;
  /** Who is served on it; undefined before. */
  readonly device: string | undefined;
  readonly message: SccpMessage;
}

interface Entry {
  readonly connection: SkinnyConnection;
  readonly session: ServerSession;
  readonly openedAt: number;
  /** What the phone said in the same segment as what is being handled now. */
  readonly later: Exclude<ServerOutput, { readonly kind: 'transmit' }>[];
  /** The device as which it was admitted, served or on its way to it. */
  admitted: string | undefined;
  /** The device that is served on it. */
  served: string | undefined;
}

type RefusalReason =
  | 'unknown-device'
  | 'certificate-of-another-device'
  | 'certificate-expired'
  | 'not-non-secure'
  | 'declared-as-sip'
  | 'no-line'
  | 'service-unavailable';

/** From this protocol version on addresses have a type. [R: reference §4.1] */
const IPV6_VERSION = 17;
/** A phone that is refused while the manager closes may ask again after so many seconds. */
const TOKEN_WAIT_SECONDS = 60;

/**
 * Skinny's door and its gate: connections and octets go in. A phone is served as the device that it says it is when the
 * certificate of its connection says so too, or, without TLS, when that device is a non-secure one. One device is served once:
 * the newest connection counts. Sans-IO; times are monotonic milliseconds.
 */
export class SkinnyDoor {
  readonly #ports: SkinnyDoorPorts;
  readonly #entries = new Map<string, Entry>();
  /** Device → the connection on which it was admitted last. */
  readonly #admitted = new Map<string, Entry>();
  /** Device → the connection on which it is served. */
  readonly #served = new Map<string, Entry>();
  readonly #deadlines = new DeadlineQueue<string>();
  readonly #outputs: SkinnyOutput[] = [];

  constructor(ports: SkinnyDoorPorts) {
    this.#ports = ports;
  }

  /** Phones that are served. */
  get size(): number {
    return this.#served.size;
  }

  opened(now: number, connection: SkinnyConnection): void {
    const { timeZone } = this.#ports.settings;
    const session = new ServerSession({
      now,
      secure: connection.peer !== undefined,
      localTime: (at) => localTime(this.#ports.wallTime(at), timeZone),
      passed: (direction, message) =>
        this.#ports.passed?.({ direction, connection, device: this.#entries.get(connection.id)?.served, message }),
    });
    const entry = { connection, session, openedAt: now, later: [], admitted: undefined, served: undefined };
    this.#entries.set(connection.id, entry);
    this.#settle(now, entry);
  }

  received(now: number, connection: string, bytes: Uint8Array): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return;
    entry.session.handleBytes(now, bytes);
    this.#settle(now, entry);
  }

  closed(now: number, connection: string): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return;
    entry.session.handleConnectionLost();
    this.#settle(now, entry);
  }

  handleTime(now: number): void {
    for (;;) {
      const connection = this.#deadlines.takeDue(now);
      const entry = connection === undefined ? undefined : this.#entries.get(connection);
      if (entry === undefined) return;
      entry.session.handleTimeout(now);
      this.#settle(now, entry);
    }
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): SkinnyOutput | undefined {
    return this.#outputs.shift();
  }

  /** Tells phones to boot again. A phone does so when it has no call. [C: CHSCCP] */
  reset(now: number, devices: readonly string[]): void {
    for (const device of devices) {
      const entry = this.#served.get(device);
      if (entry === undefined) continue;
      entry.session.reset(DeviceResetType.Reset);
      this.#settle(now, entry);
    }
  }

  /** A device is none any more, or may not be served as it is. */
  dismiss(now: number, device: string): void {
    const entry = this.#admitted.get(device);
    if (entry === undefined) return;
    entry.session.close();
    this.#settle(now, entry);
  }

  /** Trust has changed: connections that `judge` no longer believes are closed, for the reason that it gives. */
  rejudge(now: number, judge: (peer: TlsPeer) => string | undefined): void {
    for (const entry of [...this.#entries.values()]) {
      const { peer, remoteAddress } = entry.connection;
      const reason = peer && judge(peer);
      if (peer === undefined || reason === undefined) continue;
      const cause = `the connection of ${peer.device} was closed: its certificate ${reason}`;
      const notice = { kind: 'connection-closed', reason: 'certificate-not-believed', remoteAddress } as const;
      this.#ports.notice({ ...notice, cause, device: peer.device });
      entry.session.close();
      this.#settle(now, entry);
    }
  }

  /** Devices that are served without TLS and must use it now; they have to come again. */
  dismissClear(now: number): void {
    for (const [device, { connection }] of [...this.#admitted]) {
      const isSecure = this.#ports.directory.device(device)?.securityMode !== 'non-secure';
      if (isSecure && connection.peer === undefined) this.dismiss(now, device);
    }
  }

  #settle(now: number, entry: Entry): void {
    const { connection, session } = entry;
    const next = () => entry.later.shift() ?? session.poll();
    for (let output = next(); output !== undefined; output = next()) {
      if (output.kind === 'transmit') {
        this.#outputs.push({ kind: 'transmit', connection: connection.id, bytes: output.bytes });
      } else if (output.kind === 'close') {
        this.#entries.delete(connection.id);
        this.#outputs.push({ kind: 'close', connection: connection.id });
      } else this.#happened(now, entry, output.event);
    }
    this.#deadlines.set(connection.id, session.nextDeadline());
  }

  /** All of a segment is read before any of it happens here: by then the session may have ended, or be further. */
  #happened(now: number, entry: Entry, event: ServerEvent): void {
    const { session } = entry;
    switch (event.kind) {
      case 'token-requested':
        if (session.state !== 'connected') return;
        if (this.#ports.isClosing()) session.refuseToken(TOKEN_WAIT_SECONDS);
        else session.grantToken();
        return;
      case 'registration-requested':
        if (session.state === 'registering') this.#register(now, entry, event.device);
        return;
      case 'registered':
        if (session.state === 'registered') this.#serve(entry, event);
        return;
      case 'unregistered':
        this.#gone(now, entry, event.reason === 'asked' ? 'it asked to leave' : 'it registers again');
        return;
      case 'ended':
        this.#ended(now, entry, event.reason);
        return;
      case 'alarm':
        if (entry.served !== undefined) this.#say(entry, 'phone-alarm', 'alarm', `it says: ${printable(event.text)}`);
        return;
      case 'key-pad-flooded':
        this.#say(
          entry,
          'malformed-input',
          'key-pad-flood',
          'it sends more digits than fingers press; the rest is dropped',
        );
        return;
      default:
        if (entry.served !== undefined) this.#ports.legs.received(now, entry.served, event);
    }
  }

  #register(now: number, entry: Entry, { name, type, maxLines }: RegisteringDevice): void {
    const { connection, session } = entry;
    const refusal = this.#refusal(now, connection, name);
    if (refusal !== undefined) {
      const { remoteAddress } = connection;
      const known = this.#ports.directory.device(name) === undefined ? {} : { device: name };
      const notice = { kind: 'registration-refused', reason: refusal, remoteAddress, ...known } as const;
      this.#ports.notice({ ...notice, cause: sentences[refusal](printable(name), connection.peer?.device) });
      session.reject(endText(phoneTexts[languageOf(this.#ports.settings, name)], 'call-rejected'));
      return;
    }
    const before = this.#admitted.get(name);
    if (before !== undefined && before !== entry) {
      const { remoteAddress } = before.connection;
      const cause = `${name} has registered on another connection: this one was closed`;
      const reason = 'registered-elsewhere';
      this.#ports.notice({ kind: 'connection-closed', reason, cause, device: name, remoteAddress });
      // A phone comes again where its connection broke, often before anybody here knows of that.
      this.#broken(now, before, 'it has registered on another connection');
      before.session.close();
      this.#settle(now, before);
    }
    entry.admitted = name;
    this.#admitted.set(name, entry);
    const { directory, linesOf, keysOf, busyLamp, settings } = this.#ports;
    const phone = {
      device: name,
      type,
      maximumLines: maxLines,
      lines: linesOf(name),
      keys: keysOf(name),
      forwardedTo: (line: string) => directory.line(line)?.forwarding?.always,
      busyLamp: (number: string) => busyLamp(name, number) ?? BusyLampStatus.Unknown,
    };
    session.accept(now, phoneProfile(phone, settings));
  }

  #refusal(now: number, { peer }: SkinnyConnection, name: string): RefusalReason | undefined {
    const device = this.#ports.directory.device(name);
    if (device === undefined || device.kind !== 'phone') return 'unknown-device';
    if (peer !== undefined && peer.device !== name) return 'certificate-of-another-device';
    if (peer !== undefined && this.#ports.wallTime(now) > peer.notAfter) return 'certificate-expired';
    if (peer === undefined && device.securityMode !== 'non-secure') return 'not-non-secure';
    if (this.#ports.directory.protocolOf(name) !== 'sccp') return 'declared-as-sip';
    if (device.lines.length === 0) return 'no-line';
    return this.#ports.isClosing() ? 'service-unavailable' : undefined;
  }

  #serve(entry: Entry, { device, dialect, codecs }: Extract<ServerEvent, { kind: 'registered' }>): void {
    const { connection } = entry;
    const { name } = device;
    const { directory, legs, settings, suites, linesOf, keysOf } = this.#ports;
    const mode = directory.device(name)?.securityMode;
    if (mode === undefined) return;
    const protection: LegProtection = {
      protocol: 'sccp',
      ...(connection.peer === undefined
        ? { signalling: 'none', proof: 'none' }
        : {
            signalling: 'tls-mutual',
            proof: 'certificate',
            provenIdentity: connection.peer.protection.provenIdentity ?? name,
          }),
      remoteAddress: connection.remoteAddress,
    };
    const payloads = codecs.map(({ payloadType }) => payloadType);
    entry.served = name;
    this.#served.set(name, entry);
    directory.setSkinny(name, protection);
    legs.registered({
      device: name,
      lines: linesOf(name),
      speedDials: keysOf(name).speedDials,
      protection,
      dialect,
      media: {
        formats: formatsOf(payloads),
        telephoneEvents: payloads.includes(TELEPHONE_EVENT_CAPABILITY),
        takesIpv6: dialect.version >= IPV6_VERSION,
        suites:
          mode === 'encrypted' && connection.peer !== undefined
            ? suites.filter((suite) => isCarried(suite, dialect))
            : [],
      },
      language: languageOf(settings, name),
      host: connection.remoteHost,
      hasStreams: device.activeStreams > 0,
      localAddress: connection.localHost,
      send: (message) => this.#send(entry, message),
    });
    const { remoteHost: address, id } = connection;
    this.#outputs.push({ kind: 'served', connection: id });
    this.#outputs.push({ kind: 'seen', device: name, address, since: entry.openedAt });
    this.#say(entry, 'registration', 'registered', `it registered by Skinny, protocol version ${dialect.version}`);
    this.#tellDarkLamps(entry, name);
  }

  #tellDarkLamps(entry: Entry, name: string): void {
    const { keysOf, busyLamp } = this.#ports;
    for (const { number, busyLamp: hasLamp } of keysOf(name).speedDials) {
      if (!hasLamp || busyLamp(name, number) !== undefined) continue;
      const why = `the lamp of its speed dial ${number} stays dark: it may not watch that line, or there is none`;
      this.#say(entry, 'request-refused', 'no-watching-right', why);
    }
  }

  /** What cannot be written hurts the one call that it is of, and nobody else. */
  #send(entry: Entry, message: KnownMessage): void {
    if (entry.session.state !== 'registered') return;
    try {
      entry.session.send(message);
    } catch (error) {
      if (!(error instanceof SccpError)) throw error;
      this.#say(entry, 'malformed-input', error.code, `${message.kind} could not be written for it: ${error.message}`);
      return;
    }
    this.#flush(entry);
  }

  /** What the session has to say of its own accord goes out at once: its order counts. The phone's next words wait. */
  #flush({ connection, session, later }: Entry): void {
    for (let output = session.poll(); output !== undefined; output = session.poll()) {
      if (output.kind !== 'transmit') later.push(output);
      else this.#outputs.push({ kind: 'transmit', connection: connection.id, bytes: output.bytes });
    }
  }

  #ended(now: number, entry: Entry, reason: SessionEnd): void {
    const sentence = badEnds[reason];
    if (sentence !== undefined) this.#say(entry, 'malformed-input', reason, sentence);
    if (broken.has(reason)) this.#broken(now, entry, endings[reason]);
    else this.#gone(now, entry, endings[reason]);
    if (entry.admitted !== undefined && this.#admitted.get(entry.admitted) === entry) {
      this.#admitted.delete(entry.admitted);
    }
  }

  /** Nothing was said that ends the calls of the phone: they go on, and it may come back to them. */
  #broken(now: number, entry: Entry, why: string): void {
    const device = entry.served;
    if (device === undefined) return;
    const left = this.#ports.legs.phoneLost(now, device);
    const calls = left === 0 ? '' : `; ${left === 1 ? 'its call goes' : `${left} calls go`} on without it`;
    this.#leave(entry, device, `${why}${calls}`);
  }

  #gone(now: number, entry: Entry, why: string): void {
    const device = entry.served;
    if (device === undefined) return;
    this.#leave(entry, device, why);
    this.#ports.legs.lose(device);
    this.#ports.lost(now, device);
  }

  #leave(entry: Entry, device: string, why: string): void {
    this.#say(entry, 'unregistration', 'gone', `it is registered no longer: ${why}`);
    entry.served = undefined;
    this.#served.delete(device);
    this.#ports.directory.setSkinny(device, undefined);
  }

  #say({ connection, served, session }: Entry, kind: GateNotice['kind'], reason: string, sentence: string): void {
    const device = served ?? connection.peer?.device;
    const who = device ?? (session.device === undefined ? 'a phone' : printable(session.device.name));
    const known = device === undefined ? {} : { device };
    const { remoteAddress } = connection;
    this.#ports.notice({ kind, reason, cause: `${who}: ${sentence}`, remoteAddress, ...known });
  }
}

const sentences: Readonly<Record<RefusalReason, (name: string, peer: string | undefined) => string>> = {
  'unknown-device': (name) => `${name} is no phone of this cluster; add it with: trustline device add ${name}`,
  'certificate-of-another-device': (name, peer) => `${peer} registered as ${name}, with a certificate of its own name`,
  'certificate-expired': (name) => `the certificate of ${name} expired while it was connected`,
  'not-non-secure': (name) => `${name} is not a non-secure device and may not use Skinny without TLS; restart it`,
  'declared-as-sip': (name) =>
    `${name} is declared to speak SIP and came by Skinny; restart it, or, to have it speak Skinny, remove it and add it again: trustline device add ${name} --protocol sccp`,
  'no-line': (name) => `${name} has no line; give it one with: trustline device`,
  'service-unavailable': (name) => `${name} was refused: the call manager is closing`,
};

const endings: Readonly<Record<SessionEnd, string>> = {
  'connection-lost': 'its connection is gone',
  'keep-alive-timeout': 'it has given no sign of life',
  'not-registered': 'it did not register',
  'bad-frame': 'its octets are no Skinny',
  'bad-messages': 'too many of its messages could not be read or were out of place',
  flooding: 'it sent more than a phone does',
  'another-device': 'it took the name of another device',
  rejected: 'it was refused',
  unregistered: 'it asked to leave',
  closed: 'the call manager closed its connection',
};

/** Ends that nobody has wished. */
const broken: ReadonlySet<SessionEnd> = new Set<SessionEnd>(['connection-lost', 'keep-alive-timeout']);

/** Ends that are a fault of the far end. */
const badEnds: Readonly<Partial<Record<SessionEnd, string>>> = {
  'bad-frame': endings['bad-frame'],
  'bad-messages': endings['bad-messages'],
  flooding: endings.flooding,
  'another-device': endings['another-device'],
};

/** What a stranger says of itself, as it can stand in a line of a log. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
}
