import { join } from 'node:path';
import type { Certificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { checkPin } from '../import-check.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { checkRevocationList, isSameSeries } from '../revocation/check-revocation-list.ts';
import type { OcspQuestion } from '../revocation/ocsp-request.ts';
import { judgeOcspResponse, type OcspAnswer, type OcspJudgment } from '../revocation/ocsp-response.ts';
import { OutsideRevocation } from '../revocation/outside-revocation.ts';
import { type RevocationList, readRevocationListFile } from '../revocation/revocation-list.ts';
import type { StaleRevocation } from './cluster.ts';
import type { ClusterStore } from './cluster-store.ts';
import { writeFileAtomically } from './files.ts';
import {
  type OcspSubject,
  ocspSubjects,
  outsideAuthorities,
  outsideCertificates,
  outsideStateOf,
} from './outside-authorities.ts';
import { assertDeviceName, refusedImport } from './refusals.ts';

/** Certificates of outside authorities that are pinned to devices, and what their authorities say of them since. */
export class OutsideCertificates {
  readonly #store: ClusterStore;

  constructor(store: ClusterStore) {
    this.#store = store;
  }

  async pinDeviceCertificate(
    device: string,
    chainPem: string,
    rootBundlePem: string,
    now: number,
  ): Promise<Certificate> {
    assertDeviceName(device);
    return this.#store.exclusively(async () => {
      const check = checkPin(chainPem, rootBundlePem, now);
      if (!check.accepted) throw refusedImport('pki.pin-refused', `the certificate of ${device}`, check.problems);
      const [certificate] = check.path;
      const { fingerprint } = certificate;
      this.#assertMayBePinned(device, certificate);
      const certificateFile = `pinned-${fingerprint.slice(0, 16)}.pem`;
      await writeFileAtomically(join(this.#store.directory, certificateFile), encodeCertificatesPem(check.path));
      const { manifest } = this.#store.state;
      const others = manifest.pins.filter((pin) => pin.fingerprint !== fingerprint);
      const pins = [...others, { device, fingerprint, certificateFile }];
      const pinned = new Map(this.#store.state.pinned).set(fingerprint, check.path);
      await this.#store.commit({ manifest: { ...manifest, pins }, pinned }, [certificateFile]);
      return certificate;
    });
  }

  async unpinDevice(device: string): Promise<void> {
    await this.#store.exclusively(() =>
      this.#store.changeManifest(({ pins }) => ({ pins: pins.filter((pin) => pin.device !== device) })),
    );
  }

  async importRevocationList(octets: Uint8Array, now: number): Promise<RevocationList> {
    const list = readRevocationListFile(octets);
    return this.#store.exclusively(async () => {
      const { manifest, lists } = this.#store.state;
      const issuer = checkRevocationList(list, outsideAuthorities(this.#store.state), lists, now);
      const kept = lists.filter((one) => !isSameSeries(one, list, issuer));
      const file = listFile(list);
      await writeFileAtomically(join(this.#store.directory, file), list.der);
      const revocationLists = [...kept, list].map((one) => ({ file: listFile(one) }));
      await this.#store.commit({ manifest: { ...manifest, revocationLists }, lists: [...kept, list] }, [file]);
      return list;
    });
  }

  ocspSubjects(): readonly OcspSubject[] {
    return this.#store.state.outsidePolicy.ocsp ? ocspSubjects(this.#store.state) : [];
  }

  ocspAnswerOf(fingerprint: string): OcspAnswer | undefined {
    return this.#store.state.answers.find((one) => one.fingerprint === fingerprint);
  }

  async takeOcspResponse(question: OcspQuestion, octets: Uint8Array, now: number): Promise<OcspJudgment> {
    return this.#store.exclusively(async () => {
      const { fingerprint, issuerHash, serialNumber } = question.certificate;
      const judgment = judgeOcspResponse(question, octets, this.ocspAnswerOf(fingerprint), now);
      if (!judgment.accepted) return judgment;
      const { answer } = judgment;
      const answers = [...this.#store.state.answers.filter((one) => one.fingerprint !== fingerprint), answer];
      const { manifest } = this.#store.state;
      const isKnown = this.#store.trust.revocationOf(question.certificate) !== undefined;
      // A certificate on hold may be believed again; anything else is for good (RFC 5280 §5.3.1).
      if (answer.revoked !== undefined && answer.revoked.reason !== 'certificateHold' && !isKnown) {
        const { at, reason } = answer.revoked;
        const told = { issuerHash, serialNumber, at, code: reason, reason: `by its authority's responder (${reason})` };
        await this.#store.commit({ manifest: { ...manifest, revocations: [...manifest.revocations, told] }, answers });
      } else {
        this.#store.putInMemory({ ...this.#store.state, answers });
      }
      return judgment;
    });
  }

  staleRevocations(now: number): readonly StaleRevocation[] {
    const outside = new OutsideRevocation(outsideStateOf(this.#store.state));
    const deviceOf = new Map(this.#store.state.manifest.pins.map(({ fingerprint, device }) => [fingerprint, device]));
    return outsideCertificates(this.#store.state).flatMap((certificate) => {
      const reason = outside.staleReasonOf(certificate, now);
      return reason === undefined ? [] : [{ certificate, device: deviceOf.get(certificate.fingerprint), reason }];
    });
  }

  #assertMayBePinned(device: string, certificate: Certificate): void {
    const pinned = this.#store.trust.pinOf(certificate.fingerprint);
    if (pinned !== undefined && pinned.device !== device) {
      throw new PkiError('pki.pin-refused', `this certificate is already pinned to ${pinned.device}`, {
        nextStep: `A certificate proves one device. Unpin ${pinned.device} first, or give ${device} its own.`,
      });
    }
    const ours = [
      ...this.#store.trust.issuersFor('locally-significant'),
      ...this.#store.trust.issuersFor('manufacturer'),
    ];
    if (ours.some((issuer) => issuer.subjectHash === certificate.issuerHash && certificate.signedBy(issuer))) {
      throw new PkiError('pki.pin-refused', `${certificate.subject} was issued by this cluster and needs no pin`, {
        nextStep: 'Pin only certificates of outside authorities.',
      });
    }
  }
}

/** Named by its contents, so that writing a new one never touches the one in force. */
function listFile({ fingerprint }: RevocationList): string {
  return `outside-${fingerprint.slice(0, 16)}.crl`;
}
