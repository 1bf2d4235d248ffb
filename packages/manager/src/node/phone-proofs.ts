import type { ManagerContext } from './parts.ts';

type ProofContext = Pick<ManagerContext, 'store' | 'log'>;

/** Notes the MIC (DER) that a phone has shown, wherever it did: the end of each is watched, whoever made it. */
export function noteShownMic(context: ProofContext, device: string, mic: Uint8Array): void {
  note(context, context.store.phoneProofs.noteMic(device, mic));
}

/** Notes that a phone has signed the number of a CAPF session: its proofs without may be recordings from now on. */
export function noteSignsSessions(context: ProofContext, device: string): void {
  note(context, context.store.phoneProofs.noteSignsSessions(device));
}

function note({ log }: ProofContext, writing: Promise<void>): void {
  writing.catch((error: Error) =>
    log.error(`What a phone has shown of itself could not be stored: ${error.message}. Check the disk of the store.`),
  );
}
