import { createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type CapfClientInput,
  type CapfClientOptions,
  type CapfClientOutput,
  type CapfClientResult,
  CapfClientSession,
} from '../capf/client-session.ts';
import type { CapfCertificate, CapfKeyRequest } from '../capf/elements.ts';
import { capfMessageStream } from '../capf/message.ts';
import { opensslCurve } from '../capf/public-key.ts';
import { monotonicNow } from './clock.ts';
import { connectTls, type TlsConnectOptions } from './tls/connect.ts';
import { Drive } from './tls/drive.ts';

export interface CapfEnrolOptions extends TlsConnectOptions, Omit<CapfClientOptions, 'heldKeys'> {
  /** Makes a key of the kind that the server asks for; without it OpenSSL does. */
  readonly makeKey?: (key: CapfKeyRequest) => Promise<KeyObject>;
  /** Keys that the phone has; see {@link CapfClientOptions}. */
  readonly heldKeys?: readonly KeyObject[];
  /** Keeps a key that was made, before its public half leaves: its certificate may come at another visit. */
  readonly keepKey?: (privateKey: KeyObject) => void;
  /** Keeps a new certificate (DER) and its key. The server is told that it is stored once this has resolved. */
  readonly keep: (certificate: Uint8Array, privateKey: KeyObject) => Promise<void>;
  /** Deletes the phone's LSC and its key. */
  readonly remove?: () => Promise<void>;
  /** The LSC that the phone has, for the server to see. */
  readonly ownCertificate?: () => Promise<CapfCertificate | undefined>;
}

/** Connects to CAPF as a phone does and carries out what the server has pending for it. Never rejects. */
export async function enrolByCapf(options: CapfEnrolOptions): Promise<CapfClientResult> {
  const connection = await connectTls(options);
  if (!connection.connected) return { outcome: 'failed', reason: connection.reason };
  const { heldKeys = [] } = options;
  const session = new CapfClientSession(monotonicNow(), { ...options, heldKeys: heldKeys.map(spkiOf) });
  let made: KeyObject | undefined;

  async function carryOut(output: CapfClientOutput): Promise<CapfClientInput> {
    switch (output.kind) {
      case 'make-key': {
        made = await (options.makeKey ?? makeKey)(output.key);
        options.keepKey?.(made);
        return { kind: 'key-made', publicKey: spkiOf(made) };
      }
      case 'sign':
        return made === undefined
          ? { kind: 'not-done' }
          : { kind: 'signed', signature: sign('sha256', output.data, made) };
      case 'store': {
        const key = [...(made === undefined ? [] : [made]), ...heldKeys].find(
          (one) => Buffer.compare(spkiOf(one), output.publicKey) === 0,
        );
        if (key === undefined) return { kind: 'not-done' };
        await options.keep(output.certificate, key);
        return { kind: 'kept' };
      }
      case 'delete':
        if (options.remove === undefined) return { kind: 'not-done' };
        await options.remove();
        return { kind: 'kept' };
      case 'fetch': {
        const certificate = await options.ownCertificate?.();
        return certificate === undefined ? { kind: 'not-done' } : { kind: 'own-certificate', certificate };
      }
      default:
        return { kind: 'not-done' };
    }
  }

  return new Promise((resolve) => {
    const drive = new Drive(connection.socket, capfMessageStream(), session, (output: CapfClientOutput) => {
      switch (output.kind) {
        case 'transmit':
          drive.transmit(output.bytes);
          return;
        case 'finished':
          drive.close();
          resolve(output.result);
          return;
        default:
          void carryOut(output)
            .catch((): CapfClientInput => ({ kind: 'not-done' }))
            .then((input) => drive.input(input));
      }
    });
    drive.pump();
  });
}

async function makeKey(key: CapfKeyRequest): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  const { privateKey } =
    key.type === 'RSA'
      ? await generate('rsa', { modulusLength: key.bits })
      : await generate('ec', { namedCurve: opensslCurve(key.curve) });
  return privateKey;
}

function spkiOf(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}
