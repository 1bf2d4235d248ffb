import { h323Readers } from './h323/readers.ts';
import { mgcpReaders } from './mgcp/readers.ts';
import { provisioningReaders } from './provisioning/readers.ts';
import type { SignallingProtocolReaders } from './reader.ts';
import { sipReaders } from './sip/readers.ts';
import { skinnyReaders } from './skinny/readers.ts';
import { webSocketReaders } from './websocket/readers.ts';

/** Every protocol of signalling that is read, in the order in which octets are shown to them: those that tell themselves best first. */
export const allSignalling: readonly SignallingProtocolReaders[] = [
  sipReaders,
  webSocketReaders,
  skinnyReaders,
  h323Readers,
  mgcpReaders,
  ...provisioningReaders,
];
