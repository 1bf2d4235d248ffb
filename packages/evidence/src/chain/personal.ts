import { EVENT_SCHEMA, eventKinds, type SecurityEvent } from '../event.ts';
import { CALL_RECORD_SCHEMA, type CallRecord } from '../record.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './canonical.ts';

/**
 * The border between what is kept for ever and what can be erased. Personal are devices, lines, numbers, names,
 * of operators too, addresses, proven identities, and the sentences, which may name any of these.
 */

/** What stands in place of an erased text when an entry is read back. */
export const ERASED = '(erased)';

export interface Separated {
  readonly body: JsonObject;
  readonly personal: JsonObject;
}

export function separateEvent(event: SecurityEvent): Separated {
  const { device, line, remoteAddress, cause, nextStep, actor, statedReason, ...body } = event;
  return { body, personal: { device, line, remoteAddress, cause, nextStep, actor, statedReason } };
}

/** The event of an entry whose signature was verified or that came from our own store. */
export function joinEvent(body: JsonObject, personal: JsonObject | undefined): SecurityEvent | undefined {
  if (body['schema'] !== EVENT_SCHEMA || typeof body['kind'] !== 'string' || !(body['kind'] in eventKinds)) {
    return undefined;
  }
  return { ...body, ...(personal ?? { cause: ERASED }) } as unknown as SecurityEvent;
}

export function separateRecord(record: CallRecord): Separated {
  const { cause, levels, protection, legs, route, transfer, ...rest } = record;
  return {
    body: {
      ...rest,
      levels: levels.map(({ at, level }) => ({ at, level })),
      ...(protection === undefined ? {} : { protection: protection.map(({ cause: _, ...change }) => change) }),
      ...(route === undefined ? {} : { route: route.map(({ at }) => ({ at })) }),
      legs: legs.map(({ party: _, ...leg }) => leg),
      ...(transfer === undefined ? {} : { transfer: { kind: transfer.kind, calls: [...transfer.calls] } }),
    },
    personal: {
      cause,
      levelCauses: levels.map((change) => change.cause),
      ...(protection === undefined ? {} : { protectionCauses: protection.map((change) => change.cause) }),
      ...(route === undefined ? {} : { routeCauses: route.map((step) => step.cause) }),
      parties: legs.map((leg) => ({ ...leg.party })),
      ...(transfer === undefined ? {} : { transferor: { ...transfer.by } }),
    },
  };
}

/** The record of an entry whose signature was verified or that came from our own store. */
export function joinRecord(body: JsonObject, personal: JsonObject | undefined): CallRecord | undefined {
  if (body['schema'] !== CALL_RECORD_SCHEMA) return undefined;
  const withCauses = (items: JsonValue | undefined, causes: readonly JsonValue[]) =>
    list(items)
      .filter(isJsonObject)
      .map((item, index) => ({ ...item, cause: causes[index] ?? ERASED }));
  const parties = list(personal?.['parties']);
  return {
    ...body,
    cause: personal?.['cause'] ?? ERASED,
    levels: withCauses(body['levels'], list(personal?.['levelCauses'])),
    ...(body['protection'] === undefined
      ? {}
      : { protection: withCauses(body['protection'], list(personal?.['protectionCauses'])) }),
    ...(body['route'] === undefined ? {} : { route: withCauses(body['route'], list(personal?.['routeCauses'])) }),
    legs: list(body['legs'])
      .filter(isJsonObject)
      .map((leg, index) => ({ ...leg, party: parties[index] ?? { device: ERASED } })),
    ...(isJsonObject(body['transfer'])
      ? { transfer: { ...body['transfer'], by: personal?.['transferor'] ?? { device: ERASED } } }
      : {}),
  } as unknown as CallRecord;
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
