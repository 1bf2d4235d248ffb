import { withoutCopies } from '../copies.ts';
import type { SignallingProtocolReaders } from '../reader.ts';
import { H323Connection } from './connection.ts';
import { RasReader, recogniseRas } from './ras.ts';
import { recogniseTpkt } from './tpkt.ts';

/** H.323: H.225.0 call signalling and H.245 over TCP, or within TLS that was opened; RAS over UDP. */
export const h323Readers: SignallingProtocolReaders = {
  name: 'h323',
  recogniseConnection: recogniseTpkt,
  openConnection: withoutCopies((context) => new H323Connection(context)),
  recogniseDatagram: recogniseRas,
  openDatagrams: (context) => new RasReader(context),
};
