import type * as H245 from '../generated/h245.types.ts';
import type { SrtpSuite } from '../h235/object-identifiers.ts';
import { srtpCapability, usableSrtpSuites } from '../h235/srtp-capability.ts';
import { type AudioFormat, audioCapabilityOf, audioFormatOf } from './audio-format.ts';
import type { Capabilities } from './machines/cese.ts';

/** H.245 version 7. */
const PROTOCOL = '0.0.8.245.0.7';

export interface OfferedCapabilities {
  /** The most wanted first. */
  readonly formats: readonly AudioFormat[];
  /** None where no key may be sent. */
  readonly suites: readonly SrtpSuite[];
  /** Whether clear audio may be opened; only where there are suites can it be refused. */
  readonly clear: boolean;
  /** The payload type of telephone-events that we take. */
  readonly telephoneEvent?: number;
}

/** What the peer can receive. */
export interface PeerCapabilities {
  /** It can receive nothing now (H.323 §8.4.6). */
  readonly empty: boolean;
  readonly formats: readonly {
    readonly format: AudioFormat;
    readonly suites: readonly SrtpSuite[];
    readonly clear: boolean;
  }[];
  readonly userInput: ReadonlySet<H245.UserInputCapability['kind']>;
  readonly telephoneEvent: number | undefined;
}

/** The set that says: now nothing can be received. */
export const emptyCapabilities: Capabilities = { protocolIdentifier: PROTOCOL };

const unicastOnly: H245.MultipointCapability = {
  multicastCapability: false,
  multiUniCastConference: false,
  mediaDistributionCapability: [
    {
      centralizedControl: false,
      distributedControl: false,
      centralizedAudio: false,
      distributedAudio: false,
      centralizedVideo: false,
      distributedVideo: false,
    },
  ],
};

/** A security entry refers to the clear one, so that stays in the table; where clear is not allowed no descriptor has it. */
export function capabilitySet(offered: OfferedCapabilities): Capabilities {
  const { formats, suites, clear, telephoneEvent } = offered;
  const table: { capabilityTableEntryNumber: number; capability: H245.Capability }[] = [];
  const add = (capability: H245.Capability): number => {
    table.push({ capabilityTableEntryNumber: table.length + 1, capability });
    return table.length;
  };
  const clearEntries = formats.map((format) =>
    add({ kind: 'receiveAudioCapability', value: audioCapabilityOf(format) }),
  );
  const secured =
    suites.length === 0 ? [] : clearEntries.map((mediaCapability) => add(securityEntry(suites, mediaCapability)));
  const audio = clear ? [...secured, ...clearEntries] : secured;
  const input: number[] = (['basicString', 'dtmf'] as const).map((kind) =>
    add({ kind: 'receiveAndTransmitUserInputCapability', value: { kind } }),
  );
  if (telephoneEvent !== undefined) {
    const value = { dynamicRTPPayloadType: telephoneEvent, audioTelephoneEvent: '0-15' };
    input.push(add({ kind: 'receiveRTPAudioTelephonyEventCapability', value }));
  }
  const simultaneous = [...(audio.length > 0 ? [audio] : []), input];
  return {
    protocolIdentifier: PROTOCOL,
    multiplexCapability: {
      kind: 'h2250Capability',
      value: {
        maximumAudioDelayJitter: 60,
        receiveMultipointCapability: unicastOnly,
        transmitMultipointCapability: unicastOnly,
        receiveAndTransmitMultipointCapability: unicastOnly,
        mcCapability: { centralizedConferenceMC: false, decentralizedConferenceMC: false },
        rtcpVideoControlCapability: false,
        mediaPacketizationCapability: { h261aVideoPacketization: false },
      },
    },
    capabilityTable: table,
    capabilityDescriptors: [{ capabilityDescriptorNumber: 1, simultaneousCapabilities: simultaneous }],
  };
}

/** Reads a set in the order of its descriptors, which is that of preference; without any, in that of its table. */
export function readCapabilities(set: H245.TerminalCapabilitySet): PeerCapabilities {
  const table = new Map<number, H245.Capability>();
  for (const { capabilityTableEntryNumber, capability } of set.capabilityTable ?? []) {
    if (capability !== undefined) table.set(capabilityTableEntryNumber, capability);
  }
  const listed = (set.capabilityDescriptors ?? []).flatMap(({ simultaneousCapabilities = [] }) =>
    simultaneousCapabilities.flat(),
  );
  const numbers = new Set(listed.length > 0 ? listed : table.keys());
  const formats = new Map<number, { format: AudioFormat; suites: SrtpSuite[]; clear: boolean }>();
  const userInput = new Set<H245.UserInputCapability['kind']>();
  let telephoneEvent: number | undefined;
  for (const number of numbers) {
    const capability = table.get(number);
    if (capability?.kind === 'h235SecurityCapability') {
      const { mediaCapability, encryptionAuthenticationAndIntegrity } = capability.value;
      const generic = encryptionAuthenticationAndIntegrity.genericH235SecurityCapability;
      const entry = entryOf(mediaCapability);
      if (entry !== undefined && generic !== undefined) entry.suites.push(...usableSrtpSuites(generic));
    } else if (
      capability?.kind === 'receiveAndTransmitUserInputCapability' ||
      capability?.kind === 'receiveUserInputCapability'
    ) {
      userInput.add(capability.value.kind);
    } else if (capability?.kind === 'receiveRTPAudioTelephonyEventCapability') {
      telephoneEvent = capability.value.dynamicRTPPayloadType;
    } else {
      const entry = entryOf(number);
      if (entry !== undefined) entry.clear = true;
    }
  }
  return { empty: table.size === 0, formats: [...formats.values()], userInput, telephoneEvent };

  function entryOf(number: number) {
    const capability = table.get(number);
    if (capability?.kind !== 'receiveAudioCapability' && capability?.kind !== 'receiveAndTransmitAudioCapability')
      return undefined;
    const format = audioFormatOf(capability.value);
    if (format === undefined) return undefined;
    const entry = formats.get(number) ?? { format, suites: [], clear: false };
    formats.set(number, entry);
    return entry;
  }
}

function securityEntry(suites: readonly SrtpSuite[], mediaCapability: number): H245.Capability {
  const encryptionAuthenticationAndIntegrity = { genericH235SecurityCapability: srtpCapability(suites) };
  return { kind: 'h235SecurityCapability', value: { encryptionAuthenticationAndIntegrity, mediaCapability } };
}
