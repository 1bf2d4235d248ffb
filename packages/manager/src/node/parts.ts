import type { Forwarding, LineLimits } from '@trustline/callcontrol';
import type { Cluster } from '@trustline/pki/node';
import type { Sound } from '@trustline/rtp';
import type { Logger } from 'pino';
import type { CallAnswer, ListenerStatus, TrunkStatus } from '../api/contract.ts';
import type { Configuration } from '../configuration/schema.ts';
import type { GatewaySettings } from '../legs/h323/gateway-settings.ts';
import type { WaitingMessages } from '../subscriptions/documents.ts';
import type { WatchedMessage } from '../trace/message-trace.ts';
import type { TrunkAccount } from '../trunks/trunk-accounts.ts';
import type { ManagerIpsec } from './ipsec/ipsec.ts';
import type { Journal } from './journal.ts';
import type { KeptCalls } from './kept-calls.ts';
import type { StoredDevice } from './store/devices.ts';
import type { StoredRegistration } from './store/registrations.ts';
import type { Store } from './store/store.ts';

/** Time as the parts see it: both in milliseconds. */
export interface Clock {
  /** Since the epoch; it may jump. For what is written down. */
  now(): number;
  /** Since the process began; it never goes back. For everything that waits. */
  monotonic(): number;
}

/** What every part of a manager is given. */
export interface ManagerContext {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly store: Store;
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly log: Logger;
  /** What outlives this process of answered calls. */
  readonly keptCalls: KeptCalls;
  /** What a held party hears; absent for what the phone that holds sends. */
  readonly holdSound?: Sound | undefined;
  /** What a caller hears whose call leaves protection; absent where nobody is told. */
  readonly announcement?: Sound | undefined;
  /** The tunnels to gateways, and the proof of them; absent where `ipsec.enabled` is not set. */
  readonly ipsec?: ManagerIpsec | undefined;
  /** What trunks know the manager by; absent where none is configured. */
  readonly trunkAccounts?: readonly TrunkAccount[];
}

/** A part of a manager: started in the order of `manager.ts`, stopped in the opposite one. */
export interface ManagerPart {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Something that happens when a device proves who it is. */
export interface DeviceSighting {
  readonly device: string;
  /** Where it is, without the port. */
  readonly address: string;
  /** When it began what it proved itself in: a connection, or a registration without one. Monotonic milliseconds. */
  readonly since: number;
  /** What it did, for a sentence: `registered`. */
  readonly did: string;
}

/** A line that a device answers for, and how it is reached. */
export interface ReachedRegistration extends Pick<StoredRegistration, 'device' | 'line' | 'expiresAt'> {
  readonly transport: StoredRegistration['transport'] | 'sccp' | 'sccp-tls';
  /** Empty where its connection is gone. */
  readonly remoteAddress: string;
}

/** Listeners, legs and call control: all that speaks with devices. */
export interface Signalling extends ManagerPart {
  /** As bound. */
  listeners(): readonly ListenerStatus[];
  registrations(): readonly ReachedRegistration[];
  calls(): readonly CallAnswer[];
  /** How it is with a trunk or gateway. */
  trunk(name: string): TrunkStatus;
  /** How many connections of devices are open. */
  connections(): number;
  /** Calls the watcher with every SIP message from now on; the returned function ends that. */
  watchMessages(watcher: (message: WatchedMessage) => void): () => void;
  /** Called before the answer to who added it. */
  deviceAdded(device: StoredDevice): void;
  /** A gateway is called and calls so from now on. */
  gatewaySet(settings: GatewaySettings): void;
  /** Calls of this line go there from now on. */
  lineForwarded(number: string, forwarding: Forwarding): void;
  /** So many calls a line has from now on. */
  lineLimited(number: string, limits: LineLimits): void;
  /** So many messages wait for a line: its phones are told. */
  messagesWait(number: string, messages: WaitingMessages): void;
  /** Also ends its connections and calls. */
  deviceRemoved(name: string): void;
  /** The manager's certificates or its trust changed: judge and serve by the new ones from now on. */
  trustChanged(): void;
  /**
   * The cluster has entered mixed mode or left it, and everything that phones are given says so.
   *
   * @param staying phones that are not told to boot again, for they could not register then
   */
  modeChanged(staying: readonly string[]): void;
  /** Tells phones that are registered to boot again, as soon as they have no call. */
  resetPhones(names: readonly string[]): void;
  /** Takes no new call; resolves when none is left, or after the time-out in milliseconds. */
  drain(timeout: number): Promise<void>;
}
