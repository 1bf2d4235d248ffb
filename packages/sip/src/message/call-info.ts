import { formatParameters, type HeaderReader, parseList, type SipParameter } from './grammar.ts';

/** RFC 3261 §20.9, also the shape of Alert-Info and Error-Info: a URI in brackets and parameters. */
export interface CallInfo {
  readonly uri: string;
  readonly parameters: readonly SipParameter[];
}

function readCallInfo(reader: HeaderReader): CallInfo | undefined {
  if (reader.peek() !== '<') return undefined;
  reader.position++;
  const uri = reader.until('>');
  if (uri === '' || reader.peek() !== '>') return undefined;
  reader.position++;
  const parameters = reader.parameters();
  return parameters === undefined ? undefined : { uri, parameters };
}

export function parseCallInfo(value: string): readonly CallInfo[] | undefined {
  return parseList(value, readCallInfo);
}

export function formatCallInfo({ uri, parameters }: CallInfo): string {
  return `<${uri}>${formatParameters(parameters)}`;
}
