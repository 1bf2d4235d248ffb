import type { EventKind } from '@trustline/evidence';
import type { HoldOutput } from '@trustline/ipsec';
import type { ProtectionEvent } from '@trustline/ipsec/node';

/** The journal, as far as it is needed here. */
interface Teller {
  event(kind: IpsecEventKind, fields: EventFields): Promise<unknown>;
}
type IpsecEventKind = Extract<EventKind, `ipsec-${string}`>;

interface EventFields {
  readonly cause: string;
  readonly nextStep?: string;
  readonly reason?: string;
  readonly device?: string;
}

const explain = (gateway: string) => `See why, and what to do: trustline ipsec explain ${gateway}`;

function guardLost({ problem, times, at }: ProtectionEvent & { kind: 'ipsec-guard-lost' }): string {
  if (at === undefined) {
    return `The guard against signalling in the clear is not in place: ${problem}. No key goes until it is.`;
  }
  const often = times === 1 ? '' : `, ${times} times,`;
  return `The guard against signalling in the clear was${often} not in place, last at ${new Date(at).toISOString()}: ${problem}. It was put back; each connection is proven anew.`;
}

/** Says in the journal what happens to tunnels and guard. */
export class IpsecEvents {
  readonly #journal: Teller;
  /** Why each tunnel that is tried again and again did not come up: told again only when it changes. */
  readonly #failures = new Map<string, string>();

  constructor(journal: Teller) {
    this.#journal = journal;
  }

  async tell(event: ProtectionEvent): Promise<void> {
    switch (event.kind) {
      case 'ipsec-up':
        return await this.#up(event);
      case 'ipsec-down':
        return await this.#about(event.connection, event.kind, {
          cause: `The IPsec tunnel to ${event.connection} is down: ${event.reason}. It is asked for again.`,
          nextStep: explain(event.connection),
        });
      case 'ipsec-failed': {
        const { connection, reason } = event;
        if (this.#failures.get(connection) === reason) return;
        this.#failures.set(connection, reason);
        return await this.#about(connection, event.kind, {
          cause: `The IPsec tunnel to ${connection} does not come up: ${reason}. It is tried again until it does.`,
          nextStep: explain(connection),
        });
      }
      case 'ipsec-rekeyed':
        return await this.#about(event.connection, event.kind, {
          cause: `The IPsec tunnel to ${event.connection} has new keys, by ${event.encryption}, without a gap.`,
        });
      case 'ipsec-unreachable':
        return await this.#say(event.kind, {
          cause: `IPsec cannot be seen to, so no key goes to any gateway: ${event.reason}.`,
          nextStep: event.nextStep ?? 'Start the helper: systemctl start trustline-ipsec',
        });
      case 'ipsec-guard-lost':
        return await this.#say(event.kind, {
          cause: guardLost(event),
          nextStep: 'The helper puts it back; find out which program changes the rules of nftables.',
        });
      case 'ipsec-guard-restored':
        return await this.#say(event.kind, {
          cause: 'The guard against signalling in the clear is in place again.',
        });
      case 'ipsec-clear-packets': {
        const { inbound, outbound } = event.dropped;
        const ours = outbound > 0;
        return await this.#about(event.connection, event.kind, {
          cause: `Packets that went around the tunnel of ${event.connection} were dropped: ${inbound} in and ${outbound} out. ${
            ours
              ? 'Some were ours: calls whose proof saw that were refused.'
              : 'None was ours: no call is refused for them.'
          }`,
          nextStep: ours
            ? explain(event.connection)
            : `Find who sends them in its name, or whether its own guard is missing: trustline ipsec check ${event.connection}, and a capture between the two`,
        });
      }
    }
  }

  async tellHold(gateway: string, output: HoldOutput, patience: number): Promise<void> {
    switch (output.kind) {
      case 'lost':
        return await this.#about(gateway, 'ipsec-keys-stopped', {
          cause: `Calls over ${gateway} get no new keys and no signalling, for ${output.cause}; media already keyed go on for ${patience} seconds.`,
          nextStep: explain(gateway),
        });
      case 'returned':
        return await this.#about(gateway, 'ipsec-keys-resumed', {
          cause: `The signalling of ${gateway} is protected: calls may get keys, once each connection is proven.`,
        });
      case 'given-up':
        return await this.#about(gateway, 'ipsec-media-ended', {
          cause: `The protection of ${gateway} was away for ${patience} seconds, for ${output.cause}: its calls end.`,
          nextStep: explain(gateway),
        });
    }
  }

  async tellLeak(gateway: string, end: 'here' | 'there', message: string): Promise<void> {
    const side = end === 'here' ? 'this machine' : `the gateway ${gateway}`;
    await this.#about(gateway, 'ipsec-leak', {
      cause: `A probe in the clear left ${side} around the tunnel of ${gateway}: ${message}.`,
      nextStep: 'Let no call over it until the guard stops it: systemctl restart trustline-ipsec',
    });
  }

  async #up({ connection, remoteIdentity, encryption, weak }: ProtectionEvent & { kind: 'ipsec-up' }): Promise<void> {
    this.#failures.delete(connection);
    await this.#about(connection, 'ipsec-up', {
      cause: `The IPsec tunnel to ${connection} is up: the far end proved to be ${remoteIdentity}; ESP by ${encryption}.`,
    });
    if (weak.length === 0) return;
    await this.#about(connection, 'ipsec-weak', {
      reason: 'weak-algorithms',
      cause: `The IPsec tunnel to ${connection} uses what is weak by RFC 8247 and RFC 8221: ${weak.join(', ')}.`,
      nextStep: 'Use `profile: standard` as soon as the gateway speaks IKEv2.',
    });
  }

  async #about(gateway: string, kind: IpsecEventKind, fields: EventFields): Promise<void> {
    await this.#say(kind, { ...fields, device: gateway });
  }

  async #say(kind: IpsecEventKind, fields: EventFields): Promise<void> {
    await this.#journal.event(kind, fields);
  }
}
