import { verifyTrustList } from '@trustline/pki';
import { judgePublication, type PublicationContext } from '../src/trust/publication.ts';

/** A cluster that has published nothing: whatever is in order as a list of two tokens could be its first. */
const context: PublicationContext = {
  servers: { hostName: 'cm', ipAddress: undefined, callManager: [], tftp: [], capf: [], tvs: [] },
  published: undefined,
  phones: [{ device: 'SEP001122334455', held: { ctl: undefined, itl: undefined }, mayHold: [] }],
  verification: undefined,
  now: 4_000_000_000_000,
};

/** Any octets as a list that is offered: never publishable unless the list holds together and every phone takes it. */
export function fuzz(data: Uint8Array): void {
  const publication = judgePublication(data, context);
  const verified = verifyTrustList(data);
  if ('rule' in publication) {
    if (verified.ok) throw new Error('a list that holds together was said to be broken');
    return;
  }
  if (!verified.ok) throw new Error('a list that does not hold together was judged');
  if (publication.problems.length === 0 && publication.simulation.locked.length > 0) {
    throw new Error('a list that locks phones out may be published');
  }
}
