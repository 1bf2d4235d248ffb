import { type PhoneEvent, PhoneSession, type PhoneSessionOptions } from './index.ts';
import type { ServerEvent } from './server/events.ts';
import type { LocalTime, PhoneProfile } from './server/profile.ts';
import { ServerSession, type ServerSessionOptions } from './server/session.ts';
import { DeviceType } from './values/device-types.ts';
import { MediaPayloadType } from './values/media.ts';
import { ButtonType } from './values/registration.ts';
import { SoftKeyEvent } from './values/soft-keys.ts';

export const deviceName = 'SEP001122334455';

export const someTime: LocalTime = {
  year: 2026,
  month: 11,
  dayOfWeek: 5,
  day: 27,
  hour: 15,
  minute: 30,
  second: 5,
  millisecond: 250,
  unixSeconds: 1_795_793_405,
};

export const profile: PhoneProfile = {
  keepAliveSeconds: 30,
  secondaryKeepAliveSeconds: 60,
  dateTemplate: 'D.M.Y',
  userName: 'Ann',
  serverName: 'cm1',
  firmware: 'SCCP45.9-4-2SR3',
  lines: [
    { number: '1001', displayName: 'Ann', label: 'Ann 1001', forward: { all: '1009' } },
    { number: '1002', displayName: 'Ann', label: 'Private' },
  ],
  speedDials: [
    { number: '2001', label: 'Bob' },
    { number: '2002', label: 'Carol' },
  ],
  features: [
    { type: ButtonType.SpeedDial, label: 'Bob', status: 0 },
    { type: ButtonType.BusyLampFieldSpeeddial, label: 'Carol', status: 2 },
  ],
  services: [{ url: 'http://192.0.2.9/menu', label: 'Menu' }],
  buttons: [
    { type: ButtonType.Line, instance: 1 },
    { type: ButtonType.Line, instance: 2 },
    { type: ButtonType.SpeedDial, instance: 1 },
    { type: ButtonType.BusyLampFieldSpeeddial, instance: 2 },
    { type: ButtonType.ServiceURL, instance: 1 },
    { type: ButtonType.Unused, instance: 0 },
  ],
  softKeys: [
    { label: '\u0080\u0001', event: SoftKeyEvent.Redial },
    { label: '\u0080\u0002', event: SoftKeyEvent.NewCall },
    { label: '\u0080\u0009', event: SoftKeyEvent.EndCall },
  ],
  softKeySets: [
    [1, 2],
    [3, 0, 2],
  ],
  managers: [{ name: 'cm1', address: '192.0.2.10', port: 2443 }],
};

export const phoneOptions: PhoneSessionOptions = {
  deviceName,
  deviceType: DeviceType.Cisco7965,
  address: '192.0.2.1',
  codecs: [
    { payloadType: MediaPayloadType.G722_64k, maxFramesPerPacket: 40 },
    { payloadType: MediaPayloadType.G711Alaw64k, maxFramesPerPacket: 40 },
  ],
  firmware: 'SCCP45.9-4-2SR3',
};

/** A manager and a phone with a connection between them, on a clock that the test moves. */
export class SessionPair {
  now = 0;
  readonly server: ServerSession;
  readonly phone: PhoneSession;
  readonly serverEvents: ServerEvent[] = [];
  readonly phoneEvents: PhoneEvent[] = [];
  /** Every message, in the order in which they were said. */
  readonly said: Uint8Array[] = [];
  /** Whether either end has closed the connection. */
  closed = false;
  /** Octets on their way to the phone, with which a test may do something. */
  toPhone = (bytes: Uint8Array): readonly Uint8Array[] => [bytes];

  constructor(phone: Partial<PhoneSessionOptions> = {}, server: Partial<ServerSessionOptions> = {}) {
    this.server = new ServerSession({ now: 0, secure: true, localTime: () => someTime, ...server });
    this.phone = new PhoneSession({ ...phoneOptions, ...phone });
  }

  /** Carries octets until nobody has any more to say. */
  run(): this {
    for (let busy = true; busy; ) {
      busy = false;
      for (let output = this.server.poll(); output !== undefined; output = this.server.poll()) {
        busy = true;
        if (output.kind === 'event') this.serverEvents.push(output.event);
        else if (output.kind === 'close') this.closed = true;
        else this.#deliver(output.bytes);
      }
      for (let output = this.phone.poll(); output !== undefined; output = this.phone.poll()) {
        busy = true;
        if (output.kind === 'event') this.phoneEvents.push(output.event);
        else if (output.kind === 'close') this.closed = true;
        else {
          this.said.push(output.bytes);
          this.server.handleBytes(this.now, output.bytes);
        }
      }
    }
    return this;
  }

  #deliver(bytes: Uint8Array): void {
    this.said.push(bytes);
    for (const piece of this.toPhone(bytes)) this.phone.handleBytes(this.now, piece);
  }

  /** Registers the phone, and forgets the events of that. */
  registered(withProfile: PhoneProfile = profile): this {
    this.phone.register(this.now);
    this.run();
    this.server.accept(this.now, withProfile);
    this.run();
    this.serverEvents.length = 0;
    this.phoneEvents.length = 0;
    return this;
  }

  /** Lets time pass, with every deadline on the way. */
  pass(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (;;) {
      const next = Math.min(this.server.nextDeadline() ?? end + 1, this.phone.nextDeadline() ?? end + 1);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.server.handleTimeout(this.now);
      this.phone.handleTimeout(this.now);
      this.run();
    }
    this.now = end;
    return this.run();
  }

  /** Octets that no phone of ours would send. */
  inject(...pieces: readonly Uint8Array[]): this {
    for (const piece of pieces) this.server.handleBytes(this.now, piece);
    return this.run();
  }
}
