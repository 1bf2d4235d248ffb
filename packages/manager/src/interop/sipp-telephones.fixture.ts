/** Telephones that SIPp plays, in the clear by UDP or encrypted by TLS, and what their people do. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallRecord } from '@trustline/evidence';
import {
  freeTcpPort,
  freeUdpPort,
  Lab,
  portTaken,
  runSipp,
  type SippOptions,
  type SippResult,
  TlsTunnel,
} from '@trustline/testing/node';
import {
  type Described,
  expectAcceptanceAndKeepTo,
  expectInviteAndKeepEnds,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  isHungUp,
  newKey,
  ofCalled,
  ofKept,
  ofLast,
  register,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

/** How a phone comes to the manager and what its media are: UDP with a password and RTP, or TLS with its certificate and SRTP. */
export type Way = 'clear' | 'encrypted';

/** One device. */
interface Telephone {
  readonly device: string;
  readonly line: string;
  readonly way: Way;
  /** Where SIPp waits for calls. */
  readonly port: number;
  /** What SIPp is told of where the manager is and who it is itself. */
  readonly reach: Pick<SippOptions, 'target' | 'transport' | 'credentials'>;
}

/** Name of a phone, what it does when it is called, and how often; once by default. */
type Wait = readonly [name: string, text: string, calls?: number];

type ResultsOf<Waits extends readonly Wait[]> = { readonly [At in keyof Waits]: SippResult };

/** A manager and its telephones, each of which has registered. */
export class Telephones {
  readonly lab: Lab;
  readonly #folder: string;
  readonly #telephones = new Map<string, Telephone>();
  readonly #tunnels: TlsTunnel[] = [];
  /** Device → the folder of the run that it began last. */
  readonly #folders = new Map<string, string>();
  #runs = 0;

  private constructor(folder: string, lab: Lab) {
    this.#folder = folder;
    this.lab = lab;
  }

  /**
   * @param folder for what the runs leave behind
   * @param configuration further lines of `trustline.yaml`
   * @param names `1002` for the phone of a line, `1002 b` for another one of it; what begins with 1 is clear
   */
  static async start(folder: string, configuration: readonly string[], names: readonly string[]): Promise<Telephones> {
    const made = new Telephones(folder, await Lab.start(join(folder, 'manager'), configuration));
    for (const name of names) await made.#moveIn(name);
    return made;
  }

  /** Adds a trunk that the manager connects to, without TLS, at this UDP port: what is called there waits as phones do. */
  async addTrunk(name: string, port: number): Promise<void> {
    await this.lab.client.addDevice({ name, kind: 'trunk', securityMode: 'non-secure', lines: [] });
    this.#telephones.set(name, { device: name, line: name, way: 'clear', port, reach: {} });
    await this.lab.event('the trunk is connected', ({ kind, device }) => kind === 'trunk-connected' && device === name);
  }

  async stop(): Promise<void> {
    for (const tunnel of this.#tunnels) await tunnel.close();
    await this.lab.stop();
  }

  /** A phone dials a number and does as the scenario says; it has to come to its end. */
  async dial(name: string, number: string, text: string): Promise<SippResult> {
    const telephone = this.#find(name);
    const { target, credentials } = telephone.reach;
    return demandEnd(
      name,
      await this.#run(telephone, text, {
        ...(credentials && { credentials: { ...credentials, uri: `${number}@${target}` } }),
        variables: { line: telephone.line, number },
      }),
    );
  }

  /**
   * Phones wait for a call, or several, and do as their scenarios say.
   *
   * @returns once they wait: what becomes of them, in their order; they have to come to their ends
   */
  async wait<const Waits extends readonly Wait[]>(...waits: Waits): Promise<() => Promise<ResultsOf<Waits>>> {
    const ends = waits.map(([name, text, calls = 1]) => this.#wait(name, text, calls));
    const all = Promise.all(ends) as Promise<unknown> as Promise<ResultsOf<Waits>>;
    all.catch(() => {}); // whoever asks for it is told
    await Promise.all(
      waits.map(([name]) => {
        const { way, port } = this.#find(name);
        return portTaken(way === 'clear' ? 'udp' : 'tcp', port);
      }),
    );
    return () => all;
  }

  /** A phone dials while others wait; what became of it and of them, in this order. */
  async call<const Waits extends readonly Wait[]>(
    name: string,
    number: string,
    text: string,
    ...waits: Waits
  ): Promise<readonly [SippResult, ...ResultsOf<Waits>]> {
    const waited = await this.wait(...waits);
    const [heard, others] = await Promise.all([this.dial(name, number, text), waited()]);
    return [heard, ...(others as ResultsOf<Waits>)];
  }

  /** All messages that a phone has seen so far in what it does now. */
  messagesSoFar(name: string): Promise<string> {
    const folder = this.#folders.get(this.#find(name).device) ?? this.#folder;
    return readFile(join(folder, 'messages.log'), 'utf8').catch(() => '');
  }

  /** Takes a phone out, which ends its calls at both ends. */
  async remove(name: string): Promise<void> {
    await this.lab.client.removeDevice(this.#find(name).device);
  }

  /** What is kept of the calls that ended last, the oldest first, once none is left. */
  async records(count: number): Promise<readonly CallRecord[]> {
    await this.lab.idle();
    return (await this.lab.client.calls()).ended.slice(-count);
  }

  async #wait(name: string, text: string, calls: number): Promise<SippResult> {
    const { reach, ...telephone } = this.#find(name);
    // By TLS it answers on the connection by which it is called.
    const { credentials, target, ...byTls } = reach;
    const byUdp = target === undefined ? {} : { target };
    const options = { localPort: telephone.port, calls, ...(telephone.way === 'clear' ? byUdp : byTls) };
    return demandEnd(name, await this.#run({ ...telephone, reach: {} }, text, options));
  }

  #find(name: string): Telephone {
    const telephone = this.#telephones.get(name);
    if (telephone === undefined) throw new Error(`there is no phone ${name}`);
    return telephone;
  }

  async #moveIn(name: string): Promise<void> {
    const [line = ''] = name.split(' ');
    const telephone = line.startsWith('1') ? await this.#clear(line) : await this.#encrypted(line);
    this.#telephones.set(name, telephone);
    const { way, reach } = telephone;
    const text = way === 'clear' ? register : scenario(request('REGISTER', { cseq: 1 }), expectResponse(200));
    // The port is the one at which a phone by UDP is called.
    const localPort = way === 'clear' ? { localPort: telephone.port } : {};
    demandEnd(name, await this.#run(telephone, text, { ...reach, ...localPort }));
  }

  async #clear(line: string): Promise<Telephone> {
    const { name, password } = await this.lab.passwordDevice(line);
    const target = `127.0.0.1:${this.lab.ports.md5.udp}`;
    const reach = { target, credentials: { user: name, password, uri: target } };
    return { device: name, line, way: 'clear', port: await freeUdpPort(), reach };
  }

  async #encrypted(line: string): Promise<Telephone> {
    const device = await this.lab.secureDevice(line);
    const port = await freeTcpPort();
    const tunnel = await TlsTunnel.open(device, this.lab.ports.tls, port);
    this.#tunnels.push(tunnel);
    return {
      device: device.name,
      line,
      way: 'encrypted',
      port,
      reach: { target: `127.0.0.1:${tunnel.port}`, transport: 'tcp' },
    };
  }

  #run({ device, line, way, reach }: Telephone, text: string, options: Partial<SippOptions>): Promise<SippResult> {
    this.#runs += 1;
    const directory = join(this.#folder, `${this.#runs}-${line}`);
    this.#folders.set(device, directory);
    return runSipp({
      directory,
      scenario: way === 'clear' ? patient(text) : byTls(text),
      timeout: 15,
      variables: { line, number: line },
      ...reach,
      ...options,
    });
  }
}

/** Nothing is lost here: a manager that is slow for a while is not asked again. */
const patient = (text: string) => text.replaceAll(/retrans="\d+"/g, 'retrans="8000"');
/** SIPp knows nothing of the tunnel. */
const byTls = (text: string) => text.replaceAll('[transport]', 'TLS');

function demandEnd(name: string, result: SippResult): SippResult {
  if (result.exitCode === 0) return result;
  throw new Error(`the phone ${name} saw something else than it was to see: ${result.errors}`);
}

/** What a phone describes; each of its calls, and each offer that asks it for that, with another key. */
export function described(way: Way, { key = newKey(), ...more }: Described = {}): Described {
  return way === 'encrypted' ? { ...more, key } : more;
}
/** It takes no UPDATE (RFC 3311), so that what it is to be shown comes with what it is sent anyway. */
export const allow = 'Allow: INVITE, ACK, CANCEL, BYE';

/** Calls, and hears how it is getting on; without an offer where it describes nothing. */
export function dials(way: Way, media: Described | false = {}, headers: readonly string[] = [allow]): string {
  const progress = [181, 180, 181, 180].map((status) => expectResponse(status, { optional: true }));
  const offer = media !== false && described(way, media);
  const first = request('INVITE', { cseq: 1, described: offer, headers });
  const begun =
    way === 'clear'
      ? invite({ headers, described: offer })
      : [first, expectResponse(100, { optional: true })].join('\n');
  return [begun, ...progress].join('\n');
}

/** The CSeq of the INVITE that is answered in the end. */
export const invitationOf = (way: Way) => (way === 'clear' ? 2 : 1);

/** Calls, is answered, and hangs up. */
export function talks(way: Way): string {
  const cseq = invitationOf(way);
  return scenario(
    dials(way),
    expectAcceptanceAndKeepTo,
    request('ACK', { cseq, ...ofKept }),
    request('BYE', { cseq: cseq + 1, ...ofKept, repeat: 500 }),
    expectResponse(200),
  );
}

/** Calls, and is refused so. */
export function isRefused(way: Way, status: number): string {
  return scenario(dials(way), expectResponse(status), request('ACK', { cseq: invitationOf(way), ...ofLast }));
}

/** Rings, answers, and is hung up. */
export function answers(way: Way): string {
  return scenario(...answering(way), ...isHungUp);
}

export function answering(way: Way, key = newKey()): readonly string[] {
  return [
    expectInviteAndKeepEnds,
    respond('180 Ringing', { headers: [allow] }),
    respond('200 OK', { described: described(way, { key }), repeat: 500, headers: [allow] }),
    expectRequest('ACK'),
  ];
}

/** Calls, is answered, and talks until it is hung up. */
export function talksOn(way: Way): string {
  return scenario(...talking(way), ...isHungUp);
}

function talking(way: Way): readonly string[] {
  return [dials(way), expectResponse(200), request('ACK', { cseq: invitationOf(way), ...inDialog })];
}

/**
 * Calls where several phones ring, and is hung up by the one that {@link answersAmongOthers}. All have learned the key of the
 * caller, which is therefore asked for another once it is answered, by an offer within the call.
 */
export function talksToOneOfSeveral(way: Way): string {
  return scenario(...talking(way), ...takesOffer(way), ...isHungUp);
}

/** The one that answers: it is told the new key of the caller, keeps its own, and hangs up. */
export function answersAmongOthers(way: Way): string {
  const key = newKey();
  return scenario(...answering(way, key), ...takesOffer(way, key), ...hangsUpAsCalled);
}

/** Is asked for another key, and has that one in the end. */
export function takesOffer(way: Way, key = newKey()): readonly string[] {
  return way === 'clear' ? [] : isOffered(way, { key }); // what has no key needs no other
}

/** Takes an offer within the call. */
export function isOffered(way: Way, media?: Described): readonly string[] {
  return [
    expectRequest('INVITE'),
    respond('200 OK', { described: described(way, media), tagged: false, repeat: 500 }),
    expectRequest('ACK'),
  ];
}

/** The called hangs up. */
export const hangsUpAsCalled = [
  request('BYE', { cseq: 1, ...ofCalled, uri: 'sip:[number]@127.0.0.1', repeat: 500 }),
  expectResponse(200),
];

/** Rings until that is called off. */
export const rings = scenario(
  expectRequest('INVITE'),
  respond('180 Ringing'),
  expectRequest('CANCEL'),
  respond('200 OK'),
  respond('487 Request Terminated', { cseq: 'CSeq: [cseq] INVITE', repeat: 500 }),
  expectRequest('ACK'),
);

/** Which lines rang, and which at once: as the way of a call has it. */
export function rung({ route = [] }: CallRecord): readonly string[] {
  return route.flatMap(({ cause }) => {
    const at = /^It rings at (.*)\.$/.exec(cause)?.[1];
    return at === undefined ? [] : [at.replaceAll(/ on [^,]+/g, '')];
  });
}

/** Who called, and who answered by which number: whom the call is charged to. */
export function charged({ legs }: CallRecord): readonly string[] {
  return legs.map(({ role, party: { line = '', number = line } }) => `${role} ${line} ${number}`);
}

/** The levels that a phone was shown, in order, without repetitions. */
export function levelsShown({ messages }: SippResult): readonly string[] {
  const shown = [...messages.matchAll(/^Call-Info: <urn:x-cisco-remotecc:callinfo>.*; security=(\w+)/gm)];
  return shown.map(([, level = '']) => level).filter((level, at, all) => level !== all[at - 1]);
}
