import { formatParameters, type HeaderReader, parameterValue, parseList, type SipParameter } from './grammar.ts';
import { headerValue, headerValues } from './headers.ts';
import { formatHost, readHostPort } from './host.ts';
import { remembered } from './remembered.ts';
import type { SipMessage } from './types.ts';

/** One hop of a message's way (RFC 3261 §20.42). */
export interface Via {
  /** `SIP/2.0`, without the white space that may stand around the slash. */
  readonly protocol: string;
  /** In upper case: UDP, TCP, TLS, or a name we do not know. */
  readonly transport: string;
  /** sent-by: a name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** In order, so that a response carries back exactly what its request had. */
  readonly parameters: readonly SipParameter[];
}

function readVia(reader: HeaderReader): Via | undefined {
  const name = reader.token();
  if (name === undefined || !reader.separator('/')) return undefined;
  const version = reader.token();
  if (version === undefined || !reader.separator('/')) return undefined;
  const transport = reader.token();
  if (transport === undefined) return undefined;
  const before = reader.position;
  reader.skipSpace();
  if (reader.position === before) return undefined;
  const sentBy = readHostPort(reader);
  if (sentBy === undefined) return undefined;
  const parameters = reader.parameters();
  if (parameters === undefined) return undefined;
  const { host, port } = sentBy;
  return { protocol: `${name}/${version}`, transport: transport.toUpperCase(), host, port, parameters };
}

/** All hops of one Via line, top first; undefined if it is malformed. */
export const parseVia: (value: string) => readonly Via[] | undefined = remembered((value) => parseList(value, readVia));

export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${formatHost(via.host)}${port}${formatParameters(via.parameters)}`;
}

/** The hop that sent the message to us; undefined if there is none or it is malformed. */
export function topVia(message: SipMessage): Via | undefined {
  const value = headerValue(message, 'Via');
  return value === undefined ? undefined : parseVia(value)?.[0];
}

/** Every hop over all Via lines, top first; undefined if any is malformed. */
export function vias(message: SipMessage): readonly Via[] | undefined {
  const out: Via[] = [];
  for (const value of headerValues(message, 'Via')) {
    const hops = parseVia(value);
    if (hops === undefined) return undefined;
    out.push(...hops);
  }
  return out;
}

/** The branch of a hop, undefined if it has none. */
export function viaBranch(via: Via): string | undefined {
  return parameterValue(via.parameters, 'branch');
}
