import { H323Error } from '@trustline/h323';
import { SipError } from '@trustline/sip';
import type { ListenerConfiguration } from '../configuration/schema.ts';
import { ManagerError } from '../error.ts';

/** The error of a listener that could not be opened, with the option that an operator may change. */
export function namingTheOption(error: unknown, listener: ListenerConfiguration | undefined, index: number): unknown {
  if (!(error instanceof SipError || error instanceof H323Error) || listener === undefined) return error;
  const option = `listeners[${index}].${error.code.endsWith('.no-such-address') ? 'host' : 'port'}`;
  const nextStep = `${error.nextStep ?? ''} In trustline.yaml it is ${option}, transport ${listener.transport}.`.trim();
  const code = error.code.endsWith('.port-in-use') ? 'manager.port-in-use' : 'manager.listener-failed';
  return new ManagerError(code, error.message, { nextStep, cause: error });
}
