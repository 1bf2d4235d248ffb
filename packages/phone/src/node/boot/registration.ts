import { assertNever, type Redacted, TrustlineError } from '@trustline/base';
import type { PhoneLine, ServerAddress } from '@trustline/provisioning';
import type { RegisterOutput } from '../../boot/messages.ts';
import type { PhoneState } from '../../boot/state.ts';
import { PhoneError } from '../../error.ts';
import type { ListedConnection, ManagerJudgement, PhoneConnection } from '../credentials.ts';
import { Phone, type PhoneOptions } from '../phone.ts';
import { SkinnyPhone } from '../skinny/skinny-phone.ts';
import type { Softphone } from '../softphone.ts';
import { pemIdentity } from './identity.ts';

/** What the caller wants of the phone; the rest is as the configuration says. */
export type WantedOfPhone = Partial<
  Omit<PhoneOptions, 'line' | 'displayName' | 'device' | 'registrationId' | 'server' | 'connection'>
>;

export interface RegistrationRequest {
  readonly how: RegisterOutput;
  /** The one of its managers that is meant. */
  readonly manager: ServerAddress;
  /** RFC 5626 §4.2: of the connection to this manager, from 1. */
  readonly registrationId: number;
  readonly state: PhoneState;
  /** The number of one of its lines; its first by default. */
  readonly line: string | undefined;
  readonly judgeManager: (certificate: Uint8Array) => Promise<ManagerJudgement>;
  /** Of digest, for a phone that does not use TLS. */
  readonly digestPassword: Redacted<string> | undefined;
  readonly wanted: WantedOfPhone;
  /** Told before each try. */
  readonly onTry: (transport: 'tls' | 'tcp' | 'udp') => void;
  readonly signal: AbortSignal;
}

/**
 * Registers one line of a phone that has booted with one of its managers.
 *
 * @throws {TrustlineError} that of the last try, when the manager did not take it; phone.no-such-line, phone.no-password
 */
export async function registerWith(request: RegistrationRequest): Promise<Softphone> {
  const { how, manager, onTry, signal } = request;
  const line = lineOf(request);
  const [first, ...others] = transportsOf(how);
  try {
    return await registerBy(first);
  } catch (error) {
    const [next] = others;
    if (next === undefined || !(error instanceof TrustlineError)) throw error;
    // The manager was reached and does not take this phone: another transport would not change its mind.
    if (error.code === 'phone.registration-forbidden') throw error;
    return await registerBy(next);
  }

  async function registerBy(transport: RegisterOutput['transport']): Promise<Softphone> {
    signal.throwIfAborted();
    onTry(transport);
    const options = {
      security: how.securityMode === 'encrypted' ? ('require' as const) : ('clear' as const),
      ...request.wanted,
      line: line.name,
      device: how.device,
      server: manager,
    };
    const phone =
      how.protocol === 'SCCP'
        ? SkinnyPhone.start({
            ...options,
            connection: transport === 'tls' ? secureConnectionOf(request) : { kind: 'tcp' },
          })
        : Phone.start({
            ...options,
            displayName: line.displayName,
            registrationId: request.registrationId,
            connection: connectionOf(request, line, transport),
          });
    const stop = () => void phone.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await phone.registered();
      return phone;
    } catch (error) {
      await phone.stop();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** A configuration may leave it open whether TCP or UDP is used. */
function transportsOf({
  transport,
  protocol,
  configuration,
}: RegisterOutput): readonly [RegisterOutput['transport'], ...RegisterOutput['transport'][]] {
  return transport === 'tcp' && protocol === 'SIP' && configuration.transport === 'tcp-and-udp'
    ? ['tcp', 'udp']
    : [transport];
}

function lineOf({ how, line: wanted }: RegistrationRequest): PhoneLine {
  const { configuration, device } = how;
  const lines = configuration.kind === 'full' ? configuration.lines.toSorted((a, b) => a.button - b.button) : [];
  const line = lines.find(({ name }) => wanted === undefined || name === wanted);
  if (line !== undefined) return line;
  const numbers = lines.map(({ name }) => name).join(', ');
  throw new PhoneError(
    'phone.no-such-line',
    numbers === '' ? `The configuration of ${device} has no line` : `Line ${wanted} is none of ${device}`,
    { nextStep: numbers === '' ? `trustline device add ${device} --line NUMBER` : `Its lines are ${numbers}.` },
  );
}

function secureConnectionOf({ how, state, judgeManager }: RegistrationRequest): ListedConnection {
  const identity = how.identity === 'LSC' ? state.lsc : state.mic;
  if (identity === undefined) throw new TypeError(`there is no ${how.identity}`);
  const { chainPem: certificatePem, privateKeyPem } = pemIdentity(identity);
  return { kind: 'tls-by-lists', certificatePem, privateKeyPem, judgeManager };
}

function connectionOf(
  request: RegistrationRequest,
  line: PhoneLine,
  transport: RegisterOutput['transport'],
): PhoneConnection {
  const { how, digestPassword } = request;
  switch (transport) {
    case 'tls':
      return secureConnectionOf(request);
    case 'tcp':
    case 'udp': {
      const password = line.authentication?.password ?? digestPassword;
      if (password === undefined) {
        throw new PhoneError('phone.no-password', `${how.device} registers without TLS, and has no digest password`, {
          nextStep: `Give the password that \`trustline device add\` showed: --password-file FILE. A secure phone whose cluster left mixed mode finds its own in its encrypted configuration, once it has an LSC: trustline enrolment open ${how.device} --by mic`,
        });
      }
      return { kind: transport, user: line.authentication?.name ?? how.device, password };
    }
    default:
      return assertNever(transport);
  }
}
