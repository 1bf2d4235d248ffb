/** Why a tunnel did not come up, and what to do about it. */
export interface InitiationFailure {
  readonly reason: string;
  /** Absent where nothing more is known than that it failed. */
  readonly nextStep?: string;
}

const again = 'it is tried again every 30 s at the latest';
const giveCertificate =
  'give the far end a certificate of this identity, `trustline ipsec certificate`, or change `identity`, `certificateFile` or `authorityFile` here';

/** Lines of the daemon's log that say why an association did not come up, the most telling first. */
const tellingLines: readonly { readonly line: RegExp; readonly says?: string; readonly nextStep: string }[] = [
  { line: /(constraint check failed: .+)/, nextStep: giveCertificate },
  { line: /(no trusted .+ public key found for .+)/, nextStep: giveCertificate },
  { line: /(no issuer certificate found for .+)/, nextStep: giveCertificate },
  { line: /(certificate was revoked.*)/, nextStep: giveCertificate },
  { line: /(subject certificate invalid.*)/, nextStep: `${giveCertificate}; see that both clocks are right` },
  { line: /(no shared key found for .+)/, nextStep: 'give both ends the same key, each for both identities' },
  {
    line: /received (AUTHENTICATION_FAILED)/,
    says: 'the far end has no such identity as is expected of it, or does not believe ours',
    nextStep: `compare both identities there, and the authority that it believes: its log says which; ${again}`,
  },
  {
    line: /received (NO_PROPOSAL_CHOSEN)/,
    says: 'the far end knows no connection with us, or wants other algorithms',
    nextStep: `configure it there as \`trustline gateway show\` prints it; ${again}`,
  },
  {
    line: /received (TS_UNACCEPTABLE)/,
    says: 'the far end protects other addresses or ports',
    nextStep: 'mirror the selectors at both ends; leave them out where nothing needs them',
  },
  {
    line: /(giving up after \d+ retransmits)/,
    says: 'the far end does not answer',
    nextStep: `see that UDP 500 and 4500 pass between the two, and that it runs; ${again}`,
  },
  {
    line: /error writing to socket: (.+)/,
    says: 'nothing can be sent to the far end',
    nextStep: 'look at the interfaces, routes and filters of this machine',
  },
];
const MAX_REASON = 200;

/**
 * Why an initiation failed, of what the daemon wrote while it tried; `otherwise` where that says nothing. The far end may
 * have a part in what is written: it is one line of plain text.
 */
export function initiationFailure(lines: readonly string[], otherwise: string): InitiationFailure {
  for (const { line, says, nextStep } of tellingLines) {
    const found = lines.map((one) => line.exec(one)?.[1]).findLast((one) => one !== undefined);
    if (found === undefined) continue;
    const text = found.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON);
    return { reason: says === undefined ? text : `${says} (${text})`, nextStep };
  }
  return { reason: otherwise };
}
