import type { ActiveKey } from './master-keys.ts';
import type { CheckedOptions, PortableOptions } from './options.ts';
import type { StreamTable } from './stream-table.ts';

/** A receiver as it is sealed. */
export interface ReceiverState {
  readonly options: CheckedOptions;
  readonly portable: PortableOptions;
  readonly keys: readonly ActiveKey[];
  readonly streams: StreamTable;
}

export interface RestoredReceiver {
  readonly streams: ReadonlyMap<
    number,
    { readonly firstRolloverCounter: number; readonly rtp: WindowState; readonly rtcp: WindowState }
  >;
  readonly counts: readonly { readonly rtpPackets: number; readonly rtcpPackets: number }[];
}

interface WindowState {
  readonly highest: number;
  readonly words: Uint32Array;
}
