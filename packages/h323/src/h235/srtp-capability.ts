import type { SrtpCryptoCapability } from '../generated/h235-srtp.types.ts';
import type { GenericCapability } from '../generated/h245.types.ts';
import { schema } from '../schema.ts';
import { SRTP_CAPABILITY, type SrtpSuite, srtpSuiteOf, srtpSuites } from './object-identifiers.ts';

const cryptoCapabilityCodec = schema.codec<SrtpCryptoCapability>('H235-SRTP', 'SrtpCryptoCapability');

/** What stands in `genericH235SecurityCapability` for suites in order of preference (H.235.8 §8.1). */
export function srtpCapability(suites: readonly SrtpSuite[]): GenericCapability {
  const nonCollapsingRaw = cryptoCapabilityCodec.encode(
    suites.map((suite) => ({
      cryptoSuite: srtpSuites[suite],
      sessionParams: { unencryptedSrtp: false, unencryptedSrtcp: false, unauthenticatedSrtp: false },
    })),
  );
  return { capabilityIdentifier: { kind: 'standard', value: SRTP_CAPABILITY }, nonCollapsingRaw };
}

/**
 * The suites of such a capability that can be used, in the peer's order; none where it is another capability or says
 * nothing that is understood. One without encryption or authentication, with a key derivation rate, or with another
 * session parameter that changes what is on the wire is not among them.
 */
export function usableSrtpSuites(capability: GenericCapability): readonly SrtpSuite[] {
  const { capabilityIdentifier, nonCollapsingRaw } = capability;
  if (capabilityIdentifier.kind !== 'standard' || capabilityIdentifier.value !== SRTP_CAPABILITY) return [];
  const decoded = nonCollapsingRaw === undefined ? undefined : cryptoCapabilityCodec.decode(nonCollapsingRaw);
  if (!decoded?.ok) return [];
  return decoded.value.flatMap(({ cryptoSuite, sessionParams = {} }) => {
    const { unencryptedSrtp, unencryptedSrtcp, unauthenticatedSrtp, kdr = 0, fecOrder, newParameter } = sessionParams;
    const weak = unencryptedSrtp || unencryptedSrtcp || unauthenticatedSrtp;
    const suite = cryptoSuite === undefined ? undefined : srtpSuiteOf(cryptoSuite);
    const plain = kdr === 0 && fecOrder === undefined && newParameter === undefined && !weak;
    return suite !== undefined && plain ? [suite] : [];
  });
}
