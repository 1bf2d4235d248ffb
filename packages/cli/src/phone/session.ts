import { X509Certificate } from 'node:crypto';
import { TrustlineError } from '@trustline/base';
import { heldLines, type PhoneState } from '@trustline/phone';
import {
  NetworkBoot,
  Phone,
  type PhoneCredentials,
  type PhoneOptions,
  SkinnyPhone,
  type Softphone,
  type StateFolder,
  type WantedOfPhone,
} from '@trustline/phone/node';
import type { SipHostPort } from '@trustline/sip';

/** Where a phone's line, manager and proof come from. */
export type PhoneSource =
  /** As `trustline device credentials` wrote it. */
  | { readonly kind: 'credentials'; readonly credentials: PhoneCredentials }
  /** As a phone that has booted keeps it. */
  /** A phone that speaks Skinny without TLS: it says who it is, and has nothing that proves it. */
  | { readonly kind: 'unproven'; readonly device: string; readonly server: SessionServer }
  | {
      readonly kind: 'state';
      readonly folder: StateFolder;
      readonly digestPassword: PhoneBootPassword;
    };

type PhoneBootPassword = Parameters<typeof NetworkBoot.resume>[0]['digestPassword'];

interface SessionServer {
  readonly host: string;
  readonly port?: number | undefined;
}

interface SessionLine {
  /** Undefined where the manager is to say it: Skinny alone. */
  readonly number: string | undefined;
  readonly displayName: string | undefined;
}

/** How a phone is to be: what the command line says of it. */
export interface SessionOptions {
  readonly line: SessionLine;
  readonly device: string | undefined;
  readonly server: PhoneOptions['server'] | undefined;
  /** What it speaks; as it did when it booted, or SIP, without. */
  readonly protocol: 'SIP' | 'SCCP' | undefined;
  readonly wanted: WantedOfPhone;
}

/** A phone that registers and stays so. */
export interface PhoneSession {
  /** Once it is there; one with credentials is at once, one that has booted when it has registered. */
  readonly phone: () => Softphone | undefined;
  /** Rejects when the first try failed. */
  registered(): Promise<Softphone>;
  stop(): Promise<void>;
}

/**
 * The line of a phone that is asked for; its first by default.
 *
 * @throws {TrustlineError} cli.no-such-line, cli.never-booted
 */
export function chosenLine(source: PhoneSource, wanted: string | undefined): SessionLine {
  if (source.kind === 'unproven') return { number: wanted, displayName: undefined };
  const lines = source.kind === 'credentials' ? source.credentials.lines : linesOf(source.folder);
  const line = lines.find(({ number }) => wanted === undefined || number === wanted);
  if (line !== undefined) return line;
  throw new TrustlineError('cli.no-such-line', `Line ${wanted} is none of this phone`, {
    nextStep: `Its lines are ${lines.map(({ number }) => number).join(', ')}.`,
  });
}

/** The device's name as its credentials prove it (the common name of its certificate, or its digest user), or as it is kept. */
export function deviceNameOf(source: PhoneSource): string | undefined {
  if (source.kind === 'state') return source.folder.place()?.device;
  if (source.kind === 'unproven') return source.device;
  const { credentials } = source;
  if (credentials.protocol === 'SCCP' && credentials.device !== undefined) return credentials.device;
  const { connection } = credentials;
  if (connection.kind === 'unproven') return undefined;
  if (connection.kind !== 'tls') return connection.user;
  try {
    return /^CN=(.+)$/m.exec(new X509Certificate(connection.certificatePem).subject)?.[1];
  } catch {
    return undefined; // what is wrong with it, the connection says, with the next step
  }
}

/**
 * Begins to register.
 *
 * @throws {TrustlineError} cli.phone-source where what is wanted does not fit together
 */
export function startSession(source: PhoneSource, options: SessionOptions): PhoneSession {
  const { line, protocol, wanted } = options;
  if (source.kind === 'state') return resume(source, line.number, protocol, wanted);
  const phone = source.kind === 'unproven' ? startUnproven(source, options) : startProven(source, options);
  return {
    phone: () => phone,
    async registered() {
      await phone.registered();
      return phone;
    },
    stop: () => phone.stop(),
  };
}

function startProven(
  { credentials }: Extract<PhoneSource, { kind: 'credentials' }>,
  options: SessionOptions,
): Softphone {
  const { line, device, server, protocol, wanted } = options;
  if (protocol !== undefined && protocol !== credentials.protocol) {
    const [is, other] = credentials.protocol === 'SIP' ? ['SIP', 'sccp'] : ['Skinny (SCCP)', 'sip'];
    throw new TrustlineError('cli.phone-source', `These are the credentials of a phone that speaks ${is}.`, {
      nextStep: `Leave out --protocol; or add a device with trustline device add --protocol ${other}, and write its credentials.`,
    });
  }
  if (credentials.protocol === 'SCCP') {
    const name = device ?? deviceNameOf({ kind: 'credentials', credentials });
    if (name === undefined) throw namesNoDevice();
    const { connection } = credentials;
    const place = server === undefined ? credentials.server : skinnyPlace(server, connection.kind);
    if (connection.kind === 'unproven') return startClear(name, place, options);
    return SkinnyPhone.start({
      security: 'require',
      ...wanted,
      line: line.number,
      device: name,
      server: place,
      connection,
    });
  }
  return Phone.start({
    security: 'require',
    ...wanted,
    line: line.number ?? '',
    displayName: line.displayName,
    device,
    server: server ?? credentials.server,
    connection: credentials.connection,
  });
}

function startUnproven(
  { device, server }: Extract<PhoneSource, { kind: 'unproven' }>,
  options: SessionOptions,
): Softphone {
  return startClear(device, skinnyPlace(server, 'unproven'), options);
}

function startClear(device: string, server: SipHostPort, { line, wanted }: SessionOptions): Softphone {
  return SkinnyPhone.start({
    security: 'clear',
    ...wanted,
    line: line.number,
    device,
    server,
    connection: { kind: 'tcp' },
  });
}

/** Skinny's usual ports. */
const skinnyPorts = { tls: 2443, unproven: 2000 } as const;

function skinnyPlace({ host, port }: SessionServer, kind: keyof typeof skinnyPorts): SipHostPort {
  return { host, port: port ?? skinnyPorts[kind] };
}

function namesNoDevice(): TrustlineError {
  return new TrustlineError(
    'cli.phone-source',
    'A phone that speaks Skinny registers as a device, and none is named.',
    {
      nextStep: 'Name it with --device SEP and 12 digits.',
    },
  );
}

function resume(
  { folder, digestPassword }: Extract<PhoneSource, { kind: 'state' }>,
  line: string | undefined,
  protocol: SessionOptions['protocol'],
  wanted: WantedOfPhone,
): PhoneSession {
  const place = folder.place();
  if (place === undefined) throw neverBooted(folder);
  const boot = NetworkBoot.resume({
    device: place.device,
    files: place,
    memory: folder,
    digestPassword,
    line,
    protocol: protocol ?? place.protocol,
    phone: wanted,
  });
  return {
    phone: () => boot.phone,
    async registered() {
      try {
        return await boot.registered();
      } catch (error) {
        throw error instanceof TrustlineError && isOfOldFiles(error) ? bootAgain(error, folder) : error;
      }
    },
    stop: () => boot.stop(),
  };
}

/** So a manager refuses a phone whose files are of another security mode than its own: by TLS, or by 403. */
function isOfOldFiles({ code }: TrustlineError): boolean {
  return code === 'phone.closed-without-a-word' || code === 'phone.registration-forbidden';
}

/** It goes by the files that it keeps; whoever wrote them for it has nothing to write anew. */
function bootAgain(error: TrustlineError, { path }: StateFolder): TrustlineError {
  return new TrustlineError(error.code, error.message, {
    nextStep: `The phone’s files may be older than the mode of the cluster. Boot it again: trustline phone boot --state ${path}. If it is refused still, \`trustline events\` where the manager runs names the reason.`,
    cause: error,
  });
}

function linesOf(folder: StateFolder): readonly SessionLine[] {
  const state: PhoneState = folder.load();
  const lines = heldLines(state);
  if (lines.length === 0) throw neverBooted(folder);
  return lines.map(({ name, displayName }) => ({ number: name, displayName }));
}

function neverBooted({ path }: StateFolder): TrustlineError {
  return new TrustlineError('cli.never-booted', `${path} holds no phone that has booted`, {
    nextStep: `Boot it first: trustline phone boot --tftp HOST --mac MAC --state ${path}`,
  });
}
