import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { CallState, DeviceType, type PhoneEvent, PhoneSession } from '@trustline/sccp';

/** A Skinny phone of the load, on a TLS connection of its own. It takes every call, and opens every stream. */
export class SkinnyLoadPhone {
  readonly line: string;
  isInCall = false;
  readonly #device: string;
  readonly #socket: TLSSocket;
  #session: PhoneSession;
  #call: { line: number; reference: number } | undefined;
  #changed: () => void = () => undefined;
  #isSending = false;

  static async connect(
    at: { readonly port: number; readonly cert: string; readonly key: string },
    name: { readonly device: string; readonly line: string },
  ): Promise<SkinnyLoadPhone> {
    const socket = connect({ host: '127.0.0.1', ...at, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.setNoDelay(true);
    return new SkinnyLoadPhone(socket, name);
  }

  private constructor(socket: TLSSocket, { device, line }: { readonly device: string; readonly line: string }) {
    this.#socket = socket;
    this.#device = device;
    this.line = line;
    this.#session = this.#newSession();
    socket.on('error', () => undefined);
  }

  /** Says anything to a server that knows no Skinny, and waits for its answer. */
  async greet(): Promise<void> {
    const answered = once(this.#socket, 'data');
    this.#socket.write('question');
    await answered;
  }

  /** Registers, or registers again, and waits until it is served. */
  async register(): Promise<void> {
    this.#session = this.#newSession();
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', (chunk: Uint8Array) => this.#does((session, now) => session.handleBytes(now, chunk)));
    this.#does((session, now) => session.register(now));
    await this.#until(() => this.#session.state === 'registered');
  }

  /** Gives its signs of life. */
  handleTime(now: number): void {
    const deadline = this.#session.nextDeadline();
    if (deadline !== undefined && deadline <= now) this.#does((session) => session.handleTimeout(now));
  }

  /** Calls a number; over when both ends have hung up. `connected` is called once the voice goes both ways. */
  async call(number: string, called: SkinnyLoadPhone | undefined, connected: () => void): Promise<void> {
    this.isInCall = true;
    if (called !== undefined) called.isInCall = true;
    this.#does((session) => session.dial(number));
    await this.#until(() => this.#isSending);
    if (called !== undefined) await called.#until(() => called.#isSending);
    connected();
    const { line, reference } = this.#call ?? { line: 0, reference: 0 };
    this.#does((session) => session.onHook(line, reference));
    await this.#until(() => this.#call === undefined);
    if (called !== undefined) {
      await called.#until(() => called.#call === undefined);
      called.isInCall = false;
    }
    this.isInCall = false;
  }

  close(): void {
    this.#socket.destroy();
  }

  #newSession(): PhoneSession {
    return new PhoneSession({
      deviceName: this.#device,
      deviceType: DeviceType.Cisco7962,
      address: '127.0.0.1',
      codecs: [4, 2, 257].map((payloadType) => ({ payloadType, maxFramesPerPacket: 40 })),
    });
  }

  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      this.#changed = () => {
        if (isSo()) resolve();
      };
    });
    this.#changed = () => undefined;
  }

  #does(act: (session: PhoneSession, now: number) => void): void {
    const session = this.#session;
    act(session, performance.now());
    const said: Uint8Array[] = [];
    for (let output = session.poll(); output !== undefined; output = session.poll()) {
      if (output.kind === 'transmit') said.push(output.bytes);
      else if (output.kind === 'event') this.#happened(session, output.event);
    }
    if (said.length > 0) this.#socket.write(Buffer.concat(said));
    this.#changed();
  }

  #happened(session: PhoneSession, event: PhoneEvent): void {
    switch (event.kind) {
      case 'call': {
        const { callReference: reference, line, state } = event.call;
        if (state === CallState.RingIn) session.offHook(line, reference);
        this.#call = state === CallState.OnHook ? undefined : { line, reference };
        return;
      }
      case 'open-receive-channel':
        session.receiveChannelOpened(event.stream.passThroughPartyId, { address: '127.0.0.1', port: 40_000 });
        return;
      case 'start-transmission':
        this.#isSending = true;
        session.transmissionStarted(event.stream.passThroughPartyId, { address: '127.0.0.1', port: 40_000 });
        return;
      case 'stop-transmission':
        this.#isSending = false;
        return;
      default:
    }
  }
}
