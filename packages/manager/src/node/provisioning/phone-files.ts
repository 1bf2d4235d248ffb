import { createHash, randomBytes } from 'node:crypto';
import { buildEncryptedFile, buildSignedFile, certificateHash, readCertificate, signFile } from '@trustline/pki';
import {
  contentTypeOf,
  type FileAnswer,
  type FileRequest,
  type FileSource,
  formToServe,
  holdsSecret,
  type PhoneConfiguration,
  parseFileName,
  serializeConfiguration,
  stubOf,
} from '@trustline/provisioning';
import {
  type ConfiguredDevice,
  deviceConfiguration,
  type ServicePlaces,
} from '../../provisioning/device-configuration.ts';
import { digestPasswordOf } from '../digest-passwords.ts';
import type { ManagerContext } from '../parts.ts';
import type { StoredDevice } from '../store/devices.ts';
import type { TrustListKind } from '../store/trust-lists.ts';
import { signWith } from '../trust/own-lists.ts';
import type { PublishedTrust } from '../trust/published-trust.ts';
import { isEncrypted } from './encrypted-form.ts';

/** What the files of phones are made from. */
export interface PhoneFilesOptions {
  readonly context: ManagerContext;
  readonly trust: PublishedTrust;
  readonly places: () => ServicePlaces;
  /** How the operation that is pending for a device at CAPF is authenticated. */
  readonly enrolmentOf: (device: string) => ConfiguredDevice['enrolment'];
}

/**
 * The files that are made for phones when they ask: trust lists as published for each, and configurations, signed by
 * the TFTP identity, encrypted to the phone's own certificate where that is wanted and there is one.
 */
export class PhoneFiles implements FileSource {
  readonly #options: PhoneFilesOptions;

  constructor(options: PhoneFilesOptions) {
    this.#options = options;
  }

  async find(request: FileRequest): Promise<FileAnswer> {
    const parsed = parseFileName(request.name);
    if (!parsed.ok) return { kind: 'refused', cause: 'bad-name', reason: parsed.reason };
    const { file } = parsed;
    switch (file.kind) {
      case 'trust-list':
        return this.#trustList(file.list, file.device);
      case 'configuration':
        return this.#configuration(file.device, formToServe(file.form, request.transport), file.name);
      case 'default-configuration':
      case 'shared':
        return { kind: 'not-found' };
    }
  }

  async #trustList(kind: TrustListKind, device: string | undefined): Promise<FileAnswer> {
    const { trust } = this.#options;
    const published =
      device === undefined ? await trust.lists.current(kind) : await trust.lists.forDevice(kind, device);
    if (published === undefined) return { kind: 'not-found' };
    const { content, hash } = published.stored;
    return {
      kind: 'found',
      file: { content, contentType: contentTypeOf('.tlv'), version: hash, sensitivity: 'none' },
    };
  }

  async #configuration(name: string, form: 'plain' | 'signed' | 'encrypted', fileName: string): Promise<FileAnswer> {
    const { store } = this.#options.context;
    const device = await store.devices.find(name);
    if (device?.kind !== 'phone') return { kind: 'not-found' };
    const { configuration, certificate } = await this.#compose(device);
    const secret = holdsSecret(configuration);
    if (form === 'encrypted') {
      if (!configuration.encrypted || certificate === undefined) return { kind: 'not-found' };
      return this.#signed(fileName, serializeConfiguration(configuration), certificate);
    }
    // What is encrypted is announced by a stub, which tells no more than where the rest is (cisco-phones §1.7).
    const content = serializeConfiguration(configuration.encrypted ? stubOf(configuration) : configuration);
    if (form === 'signed') return this.#signed(fileName, content, undefined);
    return found(content, contentTypeOf(fileName), secret && !configuration.encrypted ? 'secret' : 'none');
  }

  async #compose(
    device: StoredDevice,
  ): Promise<{ readonly configuration: PhoneConfiguration; readonly certificate: Uint8Array | undefined }> {
    const { context, places, enrolmentOf } = this.#options;
    const mode = context.cluster.trust.securityMode();
    const issued = await context.store.enrolments.certificateOf(device.name);
    const certificate = isEncrypted(context.configuration, mode, device, issued) ? issued : undefined;
    const configured: ConfiguredDevice = {
      ...device,
      enrolment: enrolmentOf(device.name),
      certificateHash: certificate && certificateHash(certificate),
      digestPassword: certificate && (await digestPasswordOf(context, device)),
    };
    const without = deviceConfiguration(configured, places(), mode, '');
    const stamp = createHash('sha256').update(serializeConfiguration(without)).digest('hex').slice(0, 16);
    return { configuration: { ...without, versionStamp: stamp }, certificate };
  }

  /** Signed by the TFTP identity and, for the holder of a certificate, encrypted to its key. */
  async #signed(fileName: string, payload: Uint8Array, recipient: Uint8Array | undefined): Promise<FileAnswer> {
    const { cluster, clock, configuration } = this.#options.context;
    const signer = await cluster.identity('tftp', clock.now());
    const request = {
      fileName,
      timestamp: Math.floor(clock.now() / 1_000),
      digest: configuration.provisioning.digest,
      signer: signer.certificate,
      payload,
    } as const;
    const unsigned =
      recipient === undefined
        ? buildSignedFile(request)
        : buildEncryptedFile({ ...request, recipient: readCertificate(recipient).publicKey, random: randomBytes });
    const content = await signFile(unsigned, signWith(signer.privateKeyPem.reveal()));
    return found(content, contentTypeOf(fileName), recipient === undefined ? 'none' : 'encrypted');
  }
}

function found(content: Uint8Array, contentType: string, sensitivity: 'none' | 'encrypted' | 'secret'): FileAnswer {
  const version = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return { kind: 'found', file: { content, contentType, version, sensitivity } };
}
