import { deviceRequestInfo, readCertificate } from '@trustline/pki';
import type { OutsideLsc } from '@trustline/pki/node';
import type { EnrolmentOperation, Enrolments, OutsideIssue } from '@trustline/provisioning';
import type { OutsideAuthority } from '@trustline/provisioning/node';
import { ManagerError } from '../../error.ts';
import type { ManagerContext } from '../parts.ts';

/** LSCs that an outside authority issues, by files: what is asked of it, and what comes back. */
export class OutsideIssuing implements OutsideAuthority {
  readonly #context: ManagerContext;
  readonly #enrolments: Enrolments;

  constructor(context: ManagerContext, enrolments: Enrolments) {
    this.#context = context;
    this.#enrolments = enrolments;
  }

  /** What waits from an earlier configuration still waits when the cluster issues by itself again. */
  get request(): OutsideAuthority['request'] {
    const { configuration, cluster } = this.#context;
    if (configuration.provisioning.capfIssuer === 'cluster') return undefined;
    return (device, publicKey) => deviceRequestInfo(device, cluster.names.cluster, publicKey);
  }

  async record(device: string, operation: EnrolmentOperation, outside: OutsideIssue): Promise<void> {
    await this.#context.store.enrolments.setOutside(device, operation.id, outside);
  }

  async handOut(device: string, operation: EnrolmentOperation, certificate: Uint8Array): Promise<void> {
    const { store, clock } = this.#context;
    await store.enrolments.handedOut(device, operation, certificate, clock.now());
  }

  /**
   * Takes what the authority has issued: it is the device's LSC from now on, and is handed out when the phone comes.
   *
   * @param file PEM, DER or PKCS#7
   * @throws {PkiError} pki.lsc-refused and those of a file that cannot be read; nothing has changed then
   */
  async import(file: Uint8Array): Promise<OutsideLsc> {
    const { cluster, clock } = this.#context;
    const waiting = this.#enrolments.boundKeys().map(({ device, outside: { publicKey } }) => ({ device, publicKey }));
    const imported = await cluster.importLsc(file, waiting, clock.now());
    try {
      await this.#take(imported);
    } catch (error) {
      // Nobody waits for it any more, or the disk is full: nobody is given it.
      await cluster.forgetLsc(imported.certificate.fingerprint);
      throw error;
    }
    return imported;
  }

  /** What was imported and not handed out is believed no more: whoever waited for it waits no longer. */
  async withdraw({ certificate }: OutsideIssue): Promise<void> {
    if (certificate === undefined) return;
    await this.#context.cluster.forgetLsc(readCertificate(certificate).fingerprint);
  }

  async #take({ device, certificate }: OutsideLsc): Promise<void> {
    const { store, cluster } = this.#context;
    const pending = this.#enrolments.pendingOf(device);
    const earlier = pending?.outside?.certificate;
    const isStored =
      pending?.outside !== undefined &&
      (await store.enrolments.setOutside(device, pending.id, { ...pending.outside, certificate: certificate.der }));
    if (!isStored || !this.#enrolments.certificateReady(device, pending.id, certificate.der)) {
      throw new ManagerError('manager.enrolment-unknown', `The enrolment of ${device} was taken back meanwhile.`, {
        nextStep: 'trustline enrolment list shows what is pending.',
      });
    }
    if (earlier === undefined) return;
    const { fingerprint } = readCertificate(earlier);
    if (fingerprint !== certificate.fingerprint) await cluster.forgetLsc(fingerprint);
  }
}
