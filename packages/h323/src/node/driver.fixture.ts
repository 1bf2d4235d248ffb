import { randomBytes, randomInt } from 'node:crypto';
import { Redacted } from '@trustline/base';
import type { CallsEvent, CallTerms, ConnectionProof } from '../endpoint/endpoint-calls.ts';
import type { HostPort } from '../endpoint/tcp-ends.ts';
import type { SrtpMasterKey } from '../h235/srtp-keys.ts';
import { H323Driver, type H323DriverOptions } from './h323-driver.ts';

/** An end with real sockets on the loopback interface, all that its calls told, and the keys that it made. */
export class LoopbackEnd {
  readonly driver: H323Driver;
  readonly events: CallsEvent[] = [];
  readonly calls = new Set<string>();
  readonly keys: Uint8Array[] = [];
  readonly turnedAway: string[] = [];
  /** Called with each event, to answer. */
  answer: (call: string, event: CallsEvent) => void = () => {};
  terms: CallTerms;
  at: HostPort = { address: '127.0.0.1', port: 0 };

  constructor(
    terms: Partial<CallTerms['endpoint']> & { protection?: string },
    options: Partial<H323DriverOptions> = {},
  ) {
    const { protection, ...endpoint } = terms;
    this.terms = {
      endpoint: {
        formats: [{ name: 'g711Ulaw64k', frames: 20 }],
        suites: ['AES_CM_128_HMAC_SHA1_80'],
        policy: 'prefer',
        terminalType: 60,
        drawNumber: () => randomInt(2 ** 24),
        drawKey: () => this.#drawKey(),
        keyForm: 'direct',
        ackKey: 'own',
        media: { host: Uint8Array.of(127, 0, 0, 1), port: 5000 },
        tunnelling: false,
        fastConnect: false,
        ...endpoint,
      },
      ...(protection === undefined ? {} : { protection }),
    };
    this.driver = new H323Driver({
      identity: () => ({
        endpointType: { gateway: {}, mc: false, undefinedNode: false },
        callIdentifier: randomBytes(16),
        conferenceId: randomBytes(16),
      }),
      drawCallReference: () => randomInt(1, 0x7fff),
      admit: () => this.terms,
      welcome: () => (protection === undefined ? {} : { protection }),
      turnedAway: (because) => void this.turnedAway.push(because),
      happened: (call, event) => {
        this.calls.add(call);
        this.events.push(event);
        this.answer(call, event);
      },
      ...options,
    });
  }

  async listen(): Promise<this> {
    this.at = await this.driver.listen({ address: '127.0.0.1', port: 0 });
    return this;
  }

  place(to: HostPort, calledNumber = '2000'): string {
    return this.driver.place({ ...this.terms, to, setup: { calledNumber } });
  }

  kinds(): string[] {
    return this.events.map((event) => (event.kind === 'media-opened' ? `${event.direction}-opened` : event.kind));
  }

  /** Rings, and answers. */
  answers(): this {
    this.answer = (call, event) => {
      if (event.kind !== 'setup-offered') return;
      this.driver.command(call, (endpoint, now) => {
        endpoint.alert(now);
        endpoint.connect(now);
      });
    };
    return this;
  }

  #drawKey(): SrtpMasterKey {
    const key = new Uint8Array(randomBytes(16));
    this.keys.push(key);
    return { key: new Redacted(key), salt: new Redacted(new Uint8Array(randomBytes(14))) };
  }
}

/** A protection that says what it is told to say, and was asked what is noted. */
export class ScriptedProtection {
  proof: ConnectionProof = { proven: true };
  readonly asked: { readonly gateway: string; readonly local: HostPort; readonly remote: HostPort; sent: number }[] =
    [];

  async baseline(gateway: string): Promise<unknown> {
    return { before: gateway };
  }

  async prove(
    gateway: string,
    { local, remote }: { readonly local: HostPort; readonly remote: HostPort },
    before: unknown,
    octetsSent: number,
  ): Promise<ConnectionProof> {
    if ((before as { before?: string }).before !== gateway) throw new Error('another baseline');
    this.asked.push({ gateway, local, remote, sent: octetsSent });
    return this.proof;
  }
}
