import type { Handle, PKCS11 } from 'pkcs11js';
import { type Certificate, readCertificate } from '../../certificate.ts';
import { visible } from '../../distinguished-name.ts';
import { TokenError } from '../../token/error.ts';
import { isFormatted, type PinState, pinStateOf } from '../../token/pkcs11-rules.ts';
import type { TokenAttestation } from '../../token/security-token.ts';
import { acquireModule, answerOf, calling, pkcs11Library } from './pkcs11-module.ts';

/** What a token in a slot shows without its PIN. */
export interface Pkcs11TokenListing {
  readonly label: string;
  readonly serial: string;
  readonly attestation: TokenAttestation;
  /** False for one that its maker's tool has not formatted yet. */
  readonly formatted: boolean;
  readonly pin: PinState;
  /** The certificates on it that can be read without the PIN. */
  readonly certificates: readonly Certificate[];
}

/** The tokens that a PKCS#11 module shows, in its order. @throws {TokenError} token.module-missing and others */
export async function listPkcs11Tokens(module: string): Promise<readonly Pkcs11TokenListing[]> {
  const { pkcs11, release } = acquireModule(module);
  try {
    const slots = await slotsWithTokens(pkcs11, module);
    return slots.flatMap((slot) => describeSlot(pkcs11, module, slot) ?? []);
  } finally {
    release();
  }
}

export async function slotsWithTokens(pkcs11: PKCS11, module: string): Promise<readonly Handle[]> {
  return calling(module, 'its slots were listed', () => pkcs11.C_GetSlotList(true));
}

function describeSlot(pkcs11: PKCS11, module: string, slot: Handle): Pkcs11TokenListing | undefined {
  try {
    const info = readTokenInfo(pkcs11, module, slot);
    return { ...info, certificates: info.formatted ? publicCertificates(pkcs11, slot) : [] };
  } catch (error) {
    if (absentAnswers.has(answerOf(error))) return undefined; // pulled out between the list and the look
    throw new TokenError('token.failed', `a token of ${module} cannot be read (${answerOf(error)})`, {
      nextStep: 'Take it out, put it in again, and repeat the command.',
    });
  }
}

const absentAnswers: ReadonlySet<string> = new Set([
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_DEVICE_REMOVED',
]);

/** CK_TOKEN_INFO in our words; its texts are padded with blanks (PKCS#11 v2.40 §3.2). */
export function readTokenInfo(pkcs11: PKCS11, module: string, slot: Handle): Omit<Pkcs11TokenListing, 'certificates'> {
  const info = pkcs11.C_GetTokenInfo(slot);
  const { major, minor } = info.firmwareVersion;
  const serial = unpadded(info.serialNumber);
  return {
    label: unpadded(info.label),
    serial,
    attestation: {
      kind: 'pkcs11',
      lab: false,
      module,
      manufacturer: unpadded(info.manufacturerID),
      model: unpadded(info.model),
      serial,
      firmware: `${major}.${minor}`,
    },
    formatted: isFormatted(info.flags),
    pin: pinStateOf(info.flags),
  };
}

/** Some modules end their texts with NULs, against the standard; whatever else is in them must not drive a terminal. */
function unpadded(text: string): string {
  return visible(text.replace(/[\s\0]+$/, ''));
}

function publicCertificates(pkcs11: PKCS11, slot: Handle): readonly Certificate[] {
  const { CKF_SERIAL_SESSION } = pkcs11Library();
  const session = pkcs11.C_OpenSession(slot, CKF_SERIAL_SESSION);
  try {
    return certificateObjects(pkcs11, session).map(({ certificate }) => certificate);
  } finally {
    pkcs11.C_CloseSession(session);
  }
}

/** Every X.509 certificate that a session sees and that can be read, with the CKA_ID it shares with its key. */
export function certificateObjects(
  pkcs11: PKCS11,
  session: Handle,
): readonly { readonly certificate: Certificate; readonly id: Uint8Array }[] {
  const { CKA_CERTIFICATE_TYPE, CKA_CLASS, CKA_ID, CKA_VALUE, CKC_X_509, CKO_CERTIFICATE } = pkcs11Library();
  const template = [
    { type: CKA_CLASS, value: CKO_CERTIFICATE },
    { type: CKA_CERTIFICATE_TYPE, value: CKC_X_509 },
  ];
  return findObjects(pkcs11, session, template).flatMap((object) => {
    const [value, id] = attributesOf(pkcs11, session, object, [CKA_VALUE, CKA_ID]);
    try {
      return value === undefined ? [] : [{ certificate: readCertificate(value), id: id ?? new Uint8Array() }];
    } catch {
      return []; // not ours to judge: other programs keep certificates on tokens too
    }
  });
}

/** More objects than any token holds: a module that never ends its list must not hold us for ever. */
const MAX_OBJECTS = 10_000;

export function findObjects(
  pkcs11: PKCS11,
  session: Handle,
  template: Parameters<PKCS11['C_FindObjectsInit']>[1],
): readonly Handle[] {
  pkcs11.C_FindObjectsInit(session, template);
  try {
    const found: Handle[] = [];
    for (let object = pkcs11.C_FindObjects(session); object !== null && found.length < MAX_OBJECTS; ) {
      found.push(object);
      object = pkcs11.C_FindObjects(session);
    }
    return found;
  } finally {
    pkcs11.C_FindObjectsFinal(session);
  }
}

/** The octets of some attributes, in the order asked for. */
export function attributesOf(
  pkcs11: PKCS11,
  session: Handle,
  object: Handle,
  types: readonly number[],
): readonly (Uint8Array | undefined)[] {
  const found = pkcs11.C_GetAttributeValue(
    session,
    object,
    types.map((type) => ({ type })),
  );
  return types.map((type) => {
    const value = found.find((one) => one.type === type)?.value;
    return value === undefined ? undefined : new Uint8Array(value);
  });
}
