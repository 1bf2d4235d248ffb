/**
 * How SIP desk phones are told to fetch their files again: a NOTIFY outside any dialog with `Event: service-control` and a
 * body of plain text. No standard; this is what several open call managers send to such phones.
 */
export const SERVICE_CONTROL_EVENT = 'service-control';
export const SERVICE_CONTROL_TYPE = 'text/plain';

/** `reset`: boots as from power-on; `restart`: reads its configuration again; `check-version`: only if it is another one. */
export type ServiceControlAction = 'reset' | 'restart' | 'check-version';

export interface ServiceControl {
  readonly action: ServiceControlAction;
  /** Call-ID of the phone's own REGISTER: a phone obeys nobody who does not know it. */
  readonly registerCallId: string;
}

/** Stands for "whatever you have is old". */
const noVersion = '{0000000000000000}';
const versions = ['ConfigVersionStamp', 'DialplanVersionStamp', 'SoftkeyVersionStamp'];
const longestBody = 4_096;

export function serializeServiceControl({ action, registerCallId }: ServiceControl): Uint8Array {
  const lines = [
    `action=${action}`,
    `RegisterCallId={${registerCallId}}`,
    ...versions.map((name) => `${name}=${noVersion}`),
  ];
  return new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''));
}

/** What a body asks for; undefined when it is not of this kind, or says one thing twice. */
export function parseServiceControl(body: Uint8Array): ServiceControl | undefined {
  if (body.byteLength > longestBody) return undefined;
  const fields = new Map<string, string>();
  for (const line of new TextDecoder().decode(body).split(/\r?\n/)) {
    const [, name = '', value = ''] = /^\s*([A-Za-z]+)=(.*?)\s*$/.exec(line) ?? [];
    if (name === '') continue;
    if (fields.has(name.toLowerCase())) return undefined;
    fields.set(name.toLowerCase(), value);
  }
  const action = fields.get('action');
  const registerCallId = /^\{(.+)\}$/.exec(fields.get('registercallid') ?? '')?.[1];
  if (registerCallId === undefined || !isAction(action)) return undefined;
  return { action, registerCallId };
}

function isAction(text: string | undefined): text is ServiceControlAction {
  return text === 'reset' || text === 'restart' || text === 'check-version';
}
