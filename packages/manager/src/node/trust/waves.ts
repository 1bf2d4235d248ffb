import { ManagerError } from '../../error.ts';
import type { GivenList, HeldList } from '../store/phone-lists.ts';
import type { Store } from '../store/store.ts';
import type { StoredTrustList } from '../store/trust-lists.ts';
import type { HeldLists } from './held-lists.ts';

/** Phones that a refusal names; `trustline ctl wave status` has them all. */
const namedPhones = 8;

/** A list that some phones get first, and which of them hold it by now. */
export interface Wave {
  readonly list: StoredTrustList;
  readonly phones: readonly PhoneOfWave[];
}

export interface PhoneOfWave {
  readonly device: string;
  /** Since when it is known to hold the list; undefined while it is not. */
  readonly back: HeldList | undefined;
  /** To whom the list was given in its name, last; undefined where it was given to nobody, or the phone is back. */
  readonly given: GivenList | undefined;
}

/** The CTL that is published to a wave; undefined while there is none. */
export async function currentWave({ trustLists, phoneLists }: Store, held: HeldLists): Promise<Wave | undefined> {
  const list = await trustLists.inWave('CTL');
  if (list === undefined) return undefined;
  await held.settled();
  const holders = new Map((await phoneLists.holders(list.number)).map((one) => [one.device, one]));
  const devices = await trustLists.wave(list.number);
  const phones = devices.map((device) => ({
    device,
    back: holders.get(device),
    given: held.openFor(device).findLast((one) => one.list === list.number),
  }));
  return { list, phones };
}

/**
 * The phones that are not waited for: those that are not back, each of which somebody has given up.
 *
 * @param without the phones that need not come back
 * @throws {ManagerError} manager.not-in-wave; manager.wave-not-back while others are not back
 */
export function givenUp({ phones }: Wave, without: readonly string[]): readonly string[] {
  const stranger = without.find((name) => !phones.some(({ device }) => device === name));
  if (stranger !== undefined) {
    throw new ManagerError('manager.not-in-wave', `${stranger} is not in the wave.`, {
      nextStep: 'trustline ctl wave status names the phones that are.',
    });
  }
  const away = phones.filter(({ back }) => back === undefined).map(({ device }) => device);
  const missing = away.filter((device) => !without.includes(device));
  if (missing.length === 0) return away;
  const named = missing.slice(0, namedPhones).join(', ');
  const more = missing.length > namedPhones ? ` and ${missing.length - namedPhones} more` : '';
  throw new ManagerError(
    'manager.wave-not-back',
    `${missing.length} of the ${phones.length} phones of the wave are not known to hold its list: ${named}${more}.`,
    {
      nextStep:
        'Watch them come back with trustline ctl wave status --follow; a phone fetches its lists when it starts. ' +
        'For those that are dead: trustline ctl wave complete --without SEP… --reason "…"',
    },
  );
}
