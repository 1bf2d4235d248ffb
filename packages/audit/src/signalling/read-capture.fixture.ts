import { readCaptureFile } from '@trustline/capture/node';
import { Observations } from '../model/observations.ts';
import { Recogniser } from '../recognise/recogniser.ts';
import { ProtocolTally } from '../recognise/tally.ts';
import { Traffic } from '../traffic/traffic.ts';
import type { SignallingProtocolReaders } from './reader.ts';

const noMedia = { watch: () => ({ datagram: () => false }) };

/** Reads a capture with the readers of some protocols alone: what one of them recognises it reads. */
export async function readCapture(
  file: string,
  signalling: readonly SignallingProtocolReaders[],
): Promise<{ readonly observations: Observations; readonly tally: ProtocolTally }> {
  const observations = new Observations();
  const tally = new ProtocolTally();
  const none = { secureConnections: [], secureDatagrams: [], media: noMedia };
  const recogniser = new Recogniser({ observations, tally, signalling, ...none });
  const traffic = new Traffic(recogniser);
  for await (const item of readCaptureFile(file)) if (item.kind === 'packet') traffic.handle(item);
  traffic.end();
  recogniser.end();
  return { observations, tally };
}
