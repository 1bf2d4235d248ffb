import { parameterValue, parseDecimal, type SipParameter, withParameter } from './grammar.ts';
import type { SipMessage, SipRequest, SipResponse } from './types.ts';
import { formatVia, parseVia, type Via } from './via.ts';

/** What a server says of its load to who sends it requests (RFC 7339 §4), by the loss-based scheme (§6). */
export interface OverloadFeedback {
  /** Of a hundred requests so many are not to be sent, 0 to 100. */
  readonly loss: number;
  /** For how long, in milliseconds; 0 ends it. */
  readonly validity: number;
  /** Higher than in any feedback before. */
  readonly sequence: number;
}

/** RFC 7339 §4.3. */
const usualValidity = 500;
const longestValidity = 60_000;
const scheme = 'loss';

/** A request of ours that says that we obey such feedback (RFC 7339 §5.1). */
export function withOverloadSupport(request: SipRequest): SipRequest {
  return changeTopVia(request, (via) => ({
    ...via,
    parameters: [...via.parameters, { name: 'oc', value: undefined }, { name: 'oc-algo', value: `"${scheme}"` }],
  }));
}

/** A response with feedback, where its request has said that it is obeyed; else the response as it is (RFC 7339 §5.2). */
export function withOverloadFeedback(response: SipResponse, feedback: () => OverloadFeedback): SipResponse {
  // Most say nothing of it: they are not taken apart.
  if (!topViaValue(response).includes(';oc')) return response;
  return changeTopVia(response, (via) => {
    const schemes = parameterValue(via.parameters, 'oc-algo')?.split(',') ?? [];
    if (parameterValue(via.parameters, 'oc') !== '' || !schemes.some((name) => name.trim() === scheme)) return via;
    const { loss, validity, sequence } = feedback();
    const said: readonly SipParameter[] = [
      { name: 'oc', value: String(loss) },
      { name: 'oc-algo', value: `"${scheme}"` },
      { name: 'oc-validity', value: String(validity) },
      { name: 'oc-seq', value: sequence.toFixed(3) },
    ];
    const parameters = said.reduce((all, { name, value }) => withParameter(all, name, value), via.parameters);
    return { ...via, parameters };
  });
}

/** The feedback in a response to a request of ours; undefined where there is none, or by a scheme that is not ours. */
export function overloadFeedback(response: SipResponse): OverloadFeedback | undefined {
  const value = topViaValue(response);
  if (!value.includes(';oc=')) return undefined;
  const parameters = parseVia(value)?.[0]?.parameters ?? [];
  const loss = parseDecimal(parameterValue(parameters, 'oc') ?? '');
  const sequence = parameterValue(parameters, 'oc-seq') ?? '';
  if (loss === undefined || loss > 100 || !/^\d{1,12}(\.\d{1,6})?$/.test(sequence)) return undefined;
  if ((parameterValue(parameters, 'oc-algo') ?? scheme).trim() !== scheme) return undefined;
  const said = parameterValue(parameters, 'oc-validity');
  const validity = said === undefined ? usualValidity : parseDecimal(said, longestValidity);
  return validity === undefined ? undefined : { loss, validity, sequence: Number(sequence) };
}

function topViaValue(message: SipMessage): string {
  return message.headers.find(({ name }) => name === 'Via')?.value ?? '';
}

function changeTopVia<Message extends SipMessage>(message: Message, change: (via: Via) => Via): Message {
  const at = message.headers.findIndex(({ name }) => name === 'Via');
  const [top, ...rest] = parseVia(message.headers[at]?.value ?? '') ?? [];
  if (top === undefined) return message;
  const changed = change(top);
  if (changed === top) return message;
  const value = [changed, ...rest].map(formatVia).join(', ');
  return {
    ...message,
    headers: message.headers.map((header, index) => (index === at ? { name: 'Via', value } : header)),
  };
}
