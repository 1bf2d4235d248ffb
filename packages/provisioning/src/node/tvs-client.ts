import { randomBytes } from 'node:crypto';
import { type TvsAnswer, type TvsClientOutput, TvsClientSession, type TvsQuestion } from '../tvs/client-session.ts';
import { tvsMessageStream } from '../tvs/message.ts';
import { monotonicNow } from './clock.ts';
import { connectTls, type TlsConnectOptions } from './tls/connect.ts';
import { Drive } from './tls/drive.ts';

export interface TvsAskOptions extends TlsConnectOptions {
  /** As the phone calls itself: `CP-8861-SEP001122334455`. */
  readonly device: string;
  readonly question: TvsQuestion;
  /** Milliseconds. Default 10,000. */
  readonly answerTimeout?: number;
}

/** Asks the Trust Verification Service one question, as a phone does, on a connection of its own. Never rejects. */
export async function askTvs(options: TvsAskOptions): Promise<TvsAnswer> {
  const { device, question, answerTimeout } = options;
  const connection = await connectTls(options);
  if (!connection.connected) return { outcome: 'failed', reason: connection.reason };
  const session = new TvsClientSession(monotonicNow(), {
    device,
    question,
    sessionId: randomBytes(4).readUInt32BE(),
    ...(answerTimeout === undefined ? {} : { answerTimeout }),
  });
  return new Promise((resolve) => {
    const drive = new Drive(connection.socket, tvsMessageStream(), session, (output: TvsClientOutput) => {
      switch (output.kind) {
        case 'transmit':
          drive.transmit(output.bytes);
          return;
        case 'finished':
          drive.close();
          resolve(output.answer);
          return;
      }
    });
    drive.pump();
  });
}
