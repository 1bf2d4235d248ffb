import { withoutCopies } from '../copies.ts';
import type { SignallingProtocolReaders } from '../reader.ts';
import { CapfConnection, recogniseCapf, recogniseTvs, TvsConnection } from './enrolment.ts';
import { HttpConnection, recogniseHttp } from './http.ts';
import { recogniseTftp, TftpReader } from './tftp.ts';

/** What phones fetch and do when they boot. */
export const provisioningReaders: readonly SignallingProtocolReaders[] = [
  { name: 'tftp', recogniseDatagram: recogniseTftp, openDatagrams: (context) => new TftpReader(context) },
  {
    name: 'http',
    recogniseConnection: recogniseHttp,
    openConnection: withoutCopies((context) => new HttpConnection(context)),
  },
  {
    name: 'capf',
    recogniseConnection: recogniseCapf,
    openConnection: withoutCopies((context) => new CapfConnection(context)),
  },
  {
    name: 'tvs',
    recogniseConnection: recogniseTvs,
    openConnection: withoutCopies((context) => new TvsConnection(context)),
  },
];
