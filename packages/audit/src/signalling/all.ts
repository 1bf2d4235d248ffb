import type { SignallingProtocolReaders } from './reader.ts';

/** Every protocol of signalling that is read, in the order in which octets are shown to them: those that tell themselves best first. */
export const allSignalling: readonly SignallingProtocolReaders[] = [];
