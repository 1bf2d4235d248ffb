import { withoutCopies } from '../copies.ts';
import type { SignallingProtocolReaders } from '../reader.ts';
import { SkinnyConnection } from './connection.ts';
import { recogniseSkinny } from './framing.ts';

/** Skinny (SCCP), over TCP or within TLS that was opened. */
export const skinnyReaders: SignallingProtocolReaders = {
  name: 'skinny',
  recogniseConnection: recogniseSkinny,
  openConnection: withoutCopies((context) => new SkinnyConnection(context)),
};
