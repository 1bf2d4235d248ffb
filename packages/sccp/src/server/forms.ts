import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import type { SessionDialect } from './profile.ts';

/** From this protocol version on CallInfoV2 has its present layout. [C: CHSCCP] */
const DYNAMIC_CALL_INFO = 16;
/** From this protocol version on LineStatV2Res and FeatureStatV2Res are sent. [I: 7960s of version 11 lack them] */
const DYNAMIC_STATUS = 17;

/** Who takes part in a call, as a phone shows it. */
export type CallInformation = Omit<MessageOfKind<'CallInfo'>, 'kind' | 'trailing'>;

/** Who takes part in a call, in the form that a phone takes. */
export function callInfo(dialect: SessionDialect, information: CallInformation): KnownMessage {
  if (!dialect.dynamicMessages || dialect.version < DYNAMIC_CALL_INFO) return { kind: 'CallInfo', ...information };
  return {
    ...information,
    kind: 'CallInfoV2',
    originalCdpnRedirectReason: information.originalCdpnRedirectReason ?? 0,
    lastRedirectingReason: information.lastRedirectingReason ?? 0,
    callInstance: information.callInstance ?? 0,
    partyPIRestrictionBits: information.partyPIRestrictionBits ?? 0,
  };
}

/** A text in the line of prompts, in the form that a phone takes. */
export function displayPrompt(
  dialect: SessionDialect,
  prompt: Omit<MessageOfKind<'DisplayPromptStatus'>, 'kind' | 'trailing'>,
): KnownMessage {
  return { kind: dialect.dynamicMessages ? 'DisplayPromptStatusV2' : 'DisplayPromptStatus', ...prompt };
}

/** A text for some seconds, in the form that a phone takes. */
export function displayNotify(dialect: SessionDialect, seconds: number, notify: string): KnownMessage {
  return { kind: dialect.dynamicMessages ? 'DisplayNotifyV2' : 'DisplayNotify', timeOutValue: seconds, notify };
}

/** A text before others, in the form that a phone takes. */
export function displayPriorityNotify(
  dialect: SessionDialect,
  seconds: number,
  priority: number,
  notify: string,
): KnownMessage {
  const kind = dialect.dynamicMessages ? 'DisplayPriNotifyV2' : 'DisplayPriNotify';
  return { kind, timeOutValue: seconds, priority, notify };
}

/** What a line is, in the form that a phone takes. */
export function lineStatus(
  dialect: SessionDialect,
  line: Omit<MessageOfKind<'LineStatRes'>, 'kind' | 'trailing' | 'lineDisplayOptions'>,
  displayOptions: number,
): KnownMessage {
  return dialect.dynamicMessages && dialect.version >= DYNAMIC_STATUS
    ? { kind: 'LineStatV2Res', ...line, lineType: displayOptions }
    : { kind: 'LineStatRes', ...line, lineDisplayOptions: displayOptions };
}

/** What is on a feature key and how it stands, in the form that a phone takes. */
export function featureStatus(
  dialect: SessionDialect,
  feature: Omit<MessageOfKind<'FeatureStatRes'>, 'kind' | 'trailing'>,
): KnownMessage {
  const dynamic = dialect.dynamicMessages && dialect.version >= DYNAMIC_STATUS;
  return { kind: dynamic ? 'FeatureStatV2Res' : 'FeatureStatRes', ...feature };
}
