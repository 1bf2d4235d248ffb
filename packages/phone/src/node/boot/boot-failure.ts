import type { TrustlineError } from '@trustline/base';
import type { EnrolmentResult, WaitingCause } from '../../boot/messages.ts';
import { PhoneError } from '../../error.ts';

/** What has happened in one try to boot, as far as it tells why nothing came of it. */
export interface BootFacts {
  /** Files by name. */
  readonly files: ReadonlyMap<string, 'found' | 'not-found' | 'refused' | 'failed'>;
  readonly enrolment: EnrolmentResult | undefined;
  /** It keeps a key whose certificate it has not got. */
  readonly hasNewKey: boolean;
  /** Its maker has put a certificate into it. */
  readonly hasMic: boolean;
  /** The last alarm of the phone, in our words. */
  readonly alarm: string | undefined;
  /** The last warning about CAPF or a file, in our words. */
  readonly warning: string | undefined;
}

/** Why a phone that has begun to wait could not register, and what to do. */
export function bootFailure(device: string, host: string, cause: WaitingCause, facts: BootFacts): PhoneError {
  switch (cause) {
    case 'no-configuration':
      return withoutConfiguration(device, host, facts);
    case 'no-managers':
      return new PhoneError('phone.unprovisioned', `The configuration of ${device} names no call manager`, {
        nextStep: 'Give the manager a SIP listener: listeners in trustline.yaml.',
      });
    case 'no-trust-list':
      return new PhoneError(
        'phone.no-trust-list',
        `${device} must use TLS, and no trust list that it holds names a call manager`,
        { nextStep: 'See what is published: trustline trust status. Publish a CTL with: trustline ctl update' },
      );
    case 'no-certificate':
      return enrolmentFailure(device, facts.enrolment, facts.hasNewKey) ?? withoutProof(device, facts);
  }
}

/** Why CAPF gave the phone nothing; undefined where it was not asked, or gave something. */
export function enrolmentFailure(
  device: string,
  result: EnrolmentResult | undefined,
  hasNewKey: boolean,
): PhoneError | undefined {
  switch (result?.outcome) {
    case 'no-action':
      return new PhoneError('phone.not-enrolled', `${device} has no certificate, and CAPF has nothing pending for it`, {
        nextStep: `Open an enrolment where the manager runs: trustline enrolment open ${device} --by mic`,
      });
    case 'declined':
      // CAPF tells phones no more (its reason 7), so that whoever guesses learns nothing.
      return new PhoneError(
        'phone.enrolment-declined',
        `CAPF declined to enrol ${device}: a wrong string, a certificate that it does not take, or a lock`,
        {
          nextStep: `See \`trustline events\` where the manager runs. After five wrong strings: trustline enrolment unlock ${device}`,
        },
      );
    case 'unknown-device':
      return new PhoneError('phone.unprovisioned', `CAPF does not know ${device}`, {
        nextStep: `Add it where the manager runs: trustline device add ${device} --line NUMBER`,
      });
    case 'retry-later':
      if (hasNewKey) return awaitsCertificate(device);
      return notEnrolled(device, result.reason);
    case 'failed':
      return notEnrolled(device, result.reason);
    default:
      return undefined;
  }
}

/**
 * A manager closes the connection without a word when it does not believe the certificate of the phone.
 *
 * @param warning what the phone said last about CAPF or a file
 */
export function notBelieved(device: string, error: TrustlineError, warning: string | undefined): PhoneError {
  const before = warning === undefined ? '' : ` (${warning.replace(/\.$/, '')})`;
  return new PhoneError('phone.closed-without-a-word', `${error.message}${before}`, {
    nextStep: `It does not believe the certificate of the phone: \`trustline events\` there says why. Let the phone get one there: trustline enrolment open ${device} --by mic, and boot it with --mic FOLDER; or --by string, with --authentication-string`,
  });
}

/** CAPF has its key; it keeps it, and asks again by itself. */
function awaitsCertificate(device: string): PhoneError {
  return new PhoneError('phone.certificate-awaited', `${device} waits for a certificate of an outside authority`, {
    nextStep:
      'Have its request signed where the manager runs: trustline capf csr, then trustline capf import. The phone keeps its key; boot it again then, or let it run: it asks by itself.',
  });
}

function notEnrolled(device: string, reason: string): PhoneError {
  return new PhoneError('phone.enrolment-failed', `${device} could not enrol: ${reason}`, {
    nextStep: 'Boot it again; see `trustline events` where the manager runs.',
  });
}

/** Without a certificate of its maker an enrolment by MIC, which may be open already, is none that it can use. */
function withoutProof(device: string, { warning, hasMic }: BootFacts): PhoneError {
  const nextStep = hasMic
    ? `Open an enrolment where the manager runs: trustline enrolment open ${device} --by mic`
    : `Have the certificate made that its maker would have put into it, where the manager runs: trustline phone mic ${device} --out FOLDER; and boot it with --mic FOLDER. Or by digits: trustline enrolment open ${device} --by string, and boot it with --authentication-string`;
  const why = warning === undefined ? '' : `: ${warning}`;
  return new PhoneError('phone.not-enrolled', `${device} must use TLS and has no certificate${why}`, { nextStep });
}

function withoutConfiguration(
  device: string,
  host: string,
  { files, alarm, enrolment, hasNewKey }: BootFacts,
): PhoneError {
  const answers = [...files];
  if (answers.every(([, answer]) => answer === 'failed')) {
    return new PhoneError('phone.files-unreachable', `No server of phones’ files answers at ${host}`, {
      nextStep:
        'Check the address and the ports (--tftp HOST:PORT, --http-port), and that the manager runs: trustline status',
    });
  }
  const configurations = answers.filter(([name]) => name.includes('.cnf.xml'));
  if (configurations.every(([, answer]) => answer === 'not-found')) {
    return new PhoneError('phone.unprovisioned', `${host} has no configuration of ${device}`, {
      nextStep: `Add it where the manager runs: trustline device add ${device} --line NUMBER`,
    });
  }
  const failure = enrolmentFailure(device, enrolment, hasNewKey);
  if (failure !== undefined) return failure;
  return new PhoneError('phone.files-refused', `${device} believes none of what ${host} offers: ${alarm ?? ''}`, {
    nextStep:
      'If the phone belongs to that cluster now, delete its trust lists (--erase-trust-lists) and boot it again; else something on the way changes files.',
  });
}
