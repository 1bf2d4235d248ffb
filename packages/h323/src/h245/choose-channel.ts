import type { SrtpSuite } from '../h235/object-identifiers.ts';
import type { AudioFormat } from './audio-format.ts';
import type { PeerCapabilities } from './capability-set.ts';

/** Whether media must, may or must not be protected. */
export type ProtectionPolicy = 'require' | 'prefer' | 'forbid';

export interface ChannelChoice {
  readonly format: AudioFormat;
  readonly suite?: SrtpSuite;
}

/**
 * What to send: the first of our formats that the peer takes, protected before clear. `suites` are those whose key may be
 * sent now; none of `refused` is tried again. Undefined where there is none that the policy allows.
 */
export function chooseChannel(
  formats: readonly AudioFormat[],
  suites: readonly SrtpSuite[],
  policy: ProtectionPolicy,
  peer: PeerCapabilities,
  refused: ReadonlySet<string>,
): ChannelChoice | undefined {
  const common = formats.flatMap((format) => {
    const entry = peer.formats.find((one) => one.format.name === format.name);
    if (entry === undefined) return [];
    const frames = Math.min(format.frames, entry.format.frames);
    return [{ ...entry, format: { name: format.name, frames } }];
  });
  for (const { format, suites: theirs } of policy === 'forbid' ? [] : common) {
    const suite = suites.find((one) => theirs.includes(one));
    if (suite !== undefined && !refused.has(choiceName({ format, suite }))) return { format, suite };
  }
  if (policy === 'require') return undefined;
  const clear = common.find(({ format, clear: taken }) => taken && !refused.has(choiceName({ format })));
  return clear === undefined ? undefined : { format: clear.format };
}

/** What a choice is remembered by. */
export function choiceName({ format, suite }: ChannelChoice): string {
  return `${format.name} ${suite ?? 'clear'}`;
}
