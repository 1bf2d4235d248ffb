/** Lines of the daemon's log that say why an association did not come up, the most telling first. */
const tellingLines: readonly RegExp[] = [
  /(constraint check failed: .+)/,
  /(no trusted .+ public key found for .+)/,
  /(no issuer certificate found for .+)/,
  /(certificate was revoked .*)/,
  /(subject certificate invalid .*)/,
  /(no private key found for .+)/,
  /(no shared key found for .+)/,
  /received ([A-Z0-9_]+) (?:error )?notify/,
  /received ([A-Z0-9_]+),? .*(?:no CHILD_SA built|error)/,
  /(giving up after \d+ retransmits)/,
  /(error writing to socket: .+)/,
];
const MAX_REASON = 200;

const inWords: Readonly<Record<string, string>> = {
  AUTHENTICATION_FAILED: 'the far end does not believe us (AUTHENTICATION_FAILED)',
  NO_PROPOSAL_CHOSEN: 'the far end wants other algorithms, or has no child to match (NO_PROPOSAL_CHOSEN)',
  TS_UNACCEPTABLE: 'the far end protects other addresses or ports (TS_UNACCEPTABLE)',
};

/**
 * Why an initiation failed, of what the daemon wrote while it tried; `otherwise` where that says nothing. The far end may
 * have a part in what is written: it is one line of plain text.
 */
export function initiationFailure(lines: readonly string[], otherwise: string): string {
  for (const telling of tellingLines) {
    const found = lines.map((line) => telling.exec(line)?.[1]).findLast((one) => one !== undefined);
    if (found === undefined) continue;
    if (found.startsWith('giving up')) return 'the far end does not answer';
    return inWords[found] ?? found.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON);
  }
  return otherwise;
}
