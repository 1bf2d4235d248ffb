import { Observations } from '../src/model/observations.ts';
import { controlOfCall } from '../src/signalling/h323/messages.fixture.ts';
import { h323Readers } from '../src/signalling/h323/readers.ts';

const client = { address: '192.0.2.1', port: 1 };
const server = { address: '192.0.2.2', port: 2 };

/** H.245 of a call, as one stream. */
export function corpus(): Uint8Array[] {
  return (['direct', 'genericKeyMaterial'] as const).map((form) =>
    Uint8Array.from(controlOfCall(form).flatMap(([, what]) => (typeof what === 'number' ? [] : [...what]))),
  );
}

/** Reads the octets as call signalling, as H.245, with a gap in them, and as RAS: nothing throws, nothing is kept without end. */
export function fuzz(data: Uint8Array): void {
  const observations = new Observations({ legs: 100, disclosures: 100 });
  const context = { observations, exposure: { kind: 'clear' } as const };
  const place = { number: 1, microseconds: 0 };
  h323Readers.recogniseConnection?.(data);
  h323Readers.recogniseDatagram?.(data);
  h323Readers.openDatagrams?.(context).datagram(client, server, data, place, false);
  for (const before of [
    [],
    [3, 0, (data.byteLength + 4) >>> 8, (data.byteLength + 4) & 255],
    [3, 0, 0, 9, 8, 2, 0, 1, 5],
  ]) {
    const reader = h323Readers.openConnection?.({ ...context, client, server });
    reader?.data('client', Uint8Array.from([...before, ...data]), place);
    reader?.gap('server', 5, place);
    reader?.data('server', data, place);
    reader?.ended('client', place);
    reader?.ended('server', place);
  }
  for (const leg of observations.legs()) {
    if (leg.messages.length > 500 || (leg.caller.name?.length ?? 0) > 256) throw new Error('more is kept than may be');
  }
}
