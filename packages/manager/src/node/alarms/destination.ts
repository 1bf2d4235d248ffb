import type { SecurityEvent } from '@trustline/evidence';

/** Where alarms go. */
export interface Destination {
  /** For sentences: `syslog udp 192.0.2.1:514`. It holds no secret. */
  readonly name: string;
  /** Resolves when the event has left, as far as the way there can tell; rejects with a sentence of why it has not. */
  deliver(event: SecurityEvent): Promise<void>;
  close(): void;
}
