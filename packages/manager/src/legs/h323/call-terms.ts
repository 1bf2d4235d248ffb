import type { CallTerms, SrtpMasterKey, SrtpSuite } from '@trustline/h323';
import { freshKey } from '../sccp/stream-choice.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { allFormats, type ChosenStream, h235Key, receivesAt } from './gateway-streams.ts';
import { number } from './gateway-words.ts';

/** A gateway (H.245 table C.1). */
const TERMINAL_TYPE = 60;

/**
 * What a call with a gateway is to be like.
 *
 * @param chosen what the other end offers, where it has; otherwise all that the gateway may
 * @param keyFor the key to send with under a suite; a fresh one where it has none
 */
export function callTerms(
  gateway: GatewaySettings,
  chosen: ChosenStream | undefined,
  random: (length: number) => Uint8Array,
  keyFor: (suite: SrtpSuite) => SrtpMasterKey | undefined,
): CallTerms {
  const { device, isProtected, tunnelling, fastStart, keyForm, codecs, suites, policy, localAddress } = gateway;
  const address = chosen?.address ?? localAddress;
  const media = chosen && address !== undefined ? receivesAt(chosen, address) : undefined;
  return {
    endpoint: {
      formats: chosen?.formats ?? allFormats(codecs),
      suites: chosen === undefined ? suites : [...chosen.keys.keys()],
      policy: chosen === undefined ? policy : chosen.keys.size > 0 ? 'require' : 'forbid',
      terminalType: TERMINAL_TYPE,
      drawNumber: () => number(random(3)),
      drawKey: (suite) => keyFor(suite) ?? h235Key(freshKey(random, suite, 1)),
      keyForm,
      ackKey: 'none',
      ...(media === undefined ? {} : { media }),
      tunnelling,
      fastConnect: fastStart,
      waits: true,
      symmetric: true,
      protectedPayloadType: 'of-format',
    },
    ...(isProtected ? { protection: device } : {}),
  };
}
