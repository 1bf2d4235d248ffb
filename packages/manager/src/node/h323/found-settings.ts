import type { GatewaySettings } from '../../legs/h323/gateway-settings.ts';
import type { ManagerContext } from '../parts.ts';

/** Stores what a call has shown of a gateway, and tells it. A gateway that is gone meanwhile stays gone. */
export async function keepFound(
  { store, journal, log }: Pick<ManagerContext, 'store' | 'journal' | 'log'>,
  settings: GatewaySettings,
): Promise<void> {
  const { device, keyReading } = settings;
  try {
    if ((await store.gateways.find(device)) === undefined) return;
    await store.gateways.set(settings);
    const cause = `Its media are protected by the key of the ${keyReading}: a packet of its first call has shown it.`;
    await journal.event('gateway-changed', { device, reason: 'key-reading-found', cause });
  } catch (error) {
    log.warn(`What was found of ${device} is not stored, and will be found again: ${(error as Error).message}`);
  }
}
