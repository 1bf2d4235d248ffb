import { IpsecError, readAssociations, ViciClient, viciMessage } from '../src/index.ts';

const listing = viciMessage({ noblock: true });

/** Answers as the daemon gives them: a registration, an association, the end of the listing. */
export function corpus(): Uint8Array[] {
  const hex = ['0000000105', '0000000f07076c6973742d7361010367773102', '0000000101'];
  return [Uint8Array.from(Buffer.from(hex.join(''), 'hex')), Uint8Array.from(Buffer.from('0000000106', 'hex'))];
}

/**
 * The stream of a daemon that may say anything, in pieces of one to sixteen octets: each command ends once, with an
 * answer or with the typed error, and what was streamed is read as associations or refused.
 */
export function fuzz(data: Uint8Array): void {
  const client = new ViciClient();
  const ids = [
    client.command(0, { name: 'list-sas', message: listing, stream: 'list-sa', timeout: 500 }),
    client.command(0, { name: 'stats', message: [], timeout: 500 }),
  ];
  const step = ((data[0] ?? 0) % 16) + 1;
  for (let at = 0; at < data.length; at += step) client.receive(0, data.subarray(at, at + step));
  client.closed();
  const completed = new Map<number, number>();
  for (let output = client.poll(); output !== undefined; output = client.poll()) {
    if (output.kind !== 'completed') continue;
    completed.set(output.id, (completed.get(output.id) ?? 0) + 1);
    if (output.outcome.ok) for (const message of output.outcome.streamed) readOrRefuse(message);
  }
  if (ids.some((id) => completed.get(id) !== 1)) throw new Error('a command did not end exactly once');
}

function readOrRefuse(message: Parameters<typeof readAssociations>[0]): void {
  try {
    readAssociations(message);
  } catch (error) {
    if (!(error instanceof IpsecError)) throw error;
  }
}
