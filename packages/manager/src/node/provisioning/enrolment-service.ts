import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { Redacted } from '@trustline/base';
import {
  type DeviceKeyPolicy,
  defaultDeviceKeyPolicy,
  judgeEnrolmentCertificate,
  readCertificate,
} from '@trustline/pki';
import {
  type EnrolmentAction,
  type EnrolmentAuthentication,
  type EnrolmentEvent,
  type EnrolmentOperation,
  Enrolments,
} from '@trustline/provisioning';
import { openString, STRING_KEY_LENGTH, STRING_NONCE_LENGTH, sealString } from '../../provisioning/sealed-string.ts';
import type { ManagerContext } from '../parts.ts';
import { noteShownMic, noteSignsSessions } from '../phone-proofs.ts';
import type { StoredOperation } from '../store/enrolments.ts';
import { OutsideIssuing } from './outside-issuing.ts';

/** Digits of a string that the manager makes: nobody guesses it in the five tries that there are. */
const stringLength = 8;

/** What an operator asks for. */
export interface EnrolmentRequest {
  readonly action: EnrolmentAction;
  /** `nothing` opens a window: whoever comes first under that name, within these milliseconds, gets the certificate. */
  readonly authentication:
    | { readonly by: 'string'; readonly string: Redacted<string> | undefined }
    | Extract<EnrolmentAuthentication, { by: 'certificate' }>
    | { readonly by: 'nothing'; readonly milliseconds: number };
}

/**
 * What is pending at CAPF, kept in the store: an operation is there after a restart until it was carried out, and never
 * a second time.
 */
export class EnrolmentService {
  readonly enrolments: Enrolments;
  readonly outside: OutsideIssuing;
  readonly #context: ManagerContext;
  readonly #onEvent: (event: EnrolmentEvent) => void;
  readonly #devices = new Set<string>();
  /** By what the last enrolment of each device before the last restart was authenticated. */
  #carriedOutBefore = new Map<string, EnrolmentAuthentication['by']>();
  /** Devices that have signed the number of a CAPF session, before the last restart too. */
  readonly #signers = new Set<string>();

  constructor(context: ManagerContext, onEvent: (event: EnrolmentEvent) => void) {
    this.#context = context;
    this.#onEvent = onEvent;
    this.enrolments = new Enrolments({
      isKnown: (device) => this.#devices.has(device),
      carriedOutBefore: (device) => this.#carriedOutBefore.get(device),
      judge: (certificate, device) => {
        const { cluster, clock } = context;
        const judgment = judgeEnrolmentCertificate(cluster.trust, [certificate], device, clock.now());
        if (!judgment.accepted) return { accepted: false, reason: judgment.reason };
        if (judgment.means !== 'MIC') return { accepted: true, kind: 'LSC' };
        noteShownMic(context, device, certificate);
        return { accepted: true, kind: 'MIC' };
      },
      signers: {
        has: (device) => this.#signers.has(device),
        add: (device) => {
          noteSignsSessions(context, device);
          return this.#signers.add(device);
        },
      },
    });
    this.outside = new OutsideIssuing(context, this.enrolments);
  }

  /** Reads devices and operations from the store. */
  async restore(): Promise<void> {
    const { store, log } = this.#context;
    for (const { name } of await store.devices.list()) this.#devices.add(name);
    this.#carriedOutBefore = new Map(await store.enrolments.provenBy());
    for (const { device, signsSessions } of await store.phoneProofs.list()) {
      if (signsSessions) this.#signers.add(device);
    }
    for (const { device, operation, ...state } of await store.enrolments.list()) {
      const restored = await this.#fromStored(device, operation);
      if (restored === undefined) {
        log.error(`The enrolment of ${device} is over: its string was sealed by another key. Open it again.`);
        await store.enrolments.remove(device, operation.id);
      } else this.enrolments.restoreOperation(device, restored, state);
    }
  }

  deviceAdded(name: string): void {
    this.#devices.add(name);
  }

  deviceRemoved(name: string): void {
    this.#devices.delete(name);
    this.#carriedOutBefore.delete(name);
    this.#signers.delete(name);
    this.enrolments.cancel(name);
    this.#tell();
  }

  /** Writes down what an event has changed: what is over is not pending after a restart, and what is locked stays so. */
  async follow({ kind, device, operation, rule }: EnrolmentEvent): Promise<void> {
    if (device === undefined || operation === undefined) return;
    const { store, log } = this.#context;
    try {
      if (kind === 'certificate-stored') await this.#revokeAllBut(device, await store.enrolments.certificateOf(device));
      if (kind === 'certificate-deleted') {
        await store.enrolments.forgetCertificate(device);
        await this.#revokeAllBut(device, undefined);
      }
      if (rule === 'wrong-string') await store.enrolments.countWrongString(device, operation);
      if (kind === 'operation-closed') await store.enrolments.remove(device, operation);
      if (kind === 'locked' || kind === 'unlocked')
        await store.enrolments.setLocked(device, operation, kind === 'locked');
    } catch (error) {
      log.error(`What became of the enrolment of ${device} could not be stored: ${(error as Error).message}`);
    }
  }

  /** Makes an operation pending; the answer holds the string that someone types into the phone, if there is one. */
  async open(
    device: string,
    { action, authentication }: EnrolmentRequest,
  ): Promise<{ readonly string: Redacted<string> | undefined }> {
    const { store, clock } = this.#context;
    const id = randomUUID();
    const dated = datedAuthentication(authentication, clock.now());
    const operation: EnrolmentOperation = { id, action, authentication: dated };
    this.enrolments.assertMaySet(device, operation);
    // A disk that is full refuses it with nothing changed.
    await store.enrolments.set(device, await this.#toStored(device, operation));
    this.enrolments.setOperation(device, this.#toMonotonic(operation));
    this.#tell();
    return { string: dated.by === 'string' ? dated.string : undefined };
  }

  /** Takes the operation back, with a certificate that was not handed out; false where none was pending. */
  async cancel(device: string): Promise<boolean> {
    const pending = this.enrolments.pendingOf(device);
    if (pending === undefined) return false;
    await this.#context.store.enrolments.remove(device, pending.id);
    const was = this.enrolments.cancel(device);
    this.#tell();
    if (pending.outside !== undefined) await this.outside.withdraw(pending.outside);
    return was;
  }

  /** Gives a device that was locked its tries back; false where it was not locked. */
  unlock(device: string): boolean {
    const was = this.enrolments.unlock(device);
    this.#tell();
    return was;
  }

  /** Certifies the key that a phone made; when it resolves all of it is on the disk, and the operation is over. */
  async issue(device: string, publicKey: Uint8Array, operation: EnrolmentOperation): Promise<Uint8Array> {
    const { cluster, store, clock } = this.#context;
    const keys = keysFor(operation.action);
    const certificate = await cluster.issueDeviceCertificateFor(device, publicKey, clock.now(), keys);
    try {
      await store.enrolments.issued(device, operation, certificate.der, clock.now());
    } catch (error) {
      // The disk is full, or the device was removed meanwhile: the phone never gets it.
      await cluster.revoke(certificate, 'it was made and not handed out', clock.now());
      throw error;
    }
    return certificate.der;
  }

  /** A key that was replaced or deleted, perhaps because it leaked, registers nobody any more. */
  async #revokeAllBut(device: string, kept: Uint8Array | undefined): Promise<void> {
    const { cluster, clock } = this.#context;
    const fingerprint = kept === undefined ? undefined : readCertificate(kept).fingerprint;
    const reason = kept === undefined ? 'the phone has deleted it' : 'the phone has another in its place';
    await cluster.revokeSuperseded(device, fingerprint, reason, clock.now());
  }

  /** What an operator has done is told while it is known who he is. */
  #tell(): void {
    for (let event = this.enrolments.poll(); event !== undefined; event = this.enrolments.poll()) this.#onEvent(event);
  }

  async #toStored(device: string, { id, action, authentication }: EnrolmentOperation): Promise<StoredOperation> {
    if (authentication.by !== 'string') return { id, action, authentication };
    const nonce = randomBytes(STRING_NONCE_LENGTH);
    const sealed = sealString(await this.#stringKey(), { device, operation: id }, authentication.string, nonce);
    return { id, action, authentication: { by: 'string', sealed } };
  }

  async #fromStored(
    device: string,
    { id, action, authentication }: StoredOperation,
  ): Promise<EnrolmentOperation | undefined> {
    if (authentication.by !== 'string') return this.#toMonotonic({ id, action, authentication });
    const string = openString(await this.#stringKey(), { device, operation: id }, authentication.sealed);
    return string === undefined ? undefined : { id, action, authentication: { by: 'string', string } };
  }

  /** By which authentication strings are sealed in the store. */
  #stringKey(): Promise<Redacted<Uint8Array>> {
    return this.#context.cluster.deriveSecret('authentication strings', STRING_KEY_LENGTH);
  }

  /** Windows end by the wall clock where they are stored, and by the monotonic one where they are kept. */
  #toMonotonic(operation: EnrolmentOperation): EnrolmentOperation {
    const { authentication } = operation;
    if (authentication.by !== 'nothing') return operation;
    const { clock } = this.#context;
    const until = authentication.until - clock.now() + clock.monotonic();
    return { ...operation, authentication: { by: 'nothing', until } };
  }
}

/** A key that an operator has asked for by name may be certified, though it is below what others may have. */
function keysFor(action: EnrolmentAction): DeviceKeyPolicy {
  if (action.kind !== 'install' || action.key.type !== 'RSA') return defaultDeviceKeyPolicy;
  const smallestRsa = Math.min(action.key.bits, defaultDeviceKeyPolicy.smallestRsa);
  return { ...defaultDeviceKeyPolicy, smallestRsa };
}

/** @param now epoch milliseconds, in which windows end here */
function datedAuthentication(authentication: EnrolmentRequest['authentication'], now: number): EnrolmentAuthentication {
  switch (authentication.by) {
    case 'string':
      return { by: 'string', string: authentication.string ?? newString() };
    case 'certificate':
      return authentication;
    case 'nothing':
      return { by: 'nothing', until: now + authentication.milliseconds };
  }
}

function newString(): Redacted<string> {
  return new Redacted(Array.from({ length: stringLength }, () => randomInt(10)).join(''));
}
