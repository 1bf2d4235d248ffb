import type { FileVerdict, HeldLists, ListVerdict, Refusal, ServerVerdict, TrustJudge } from './judge.ts';

/** A trust list in a model of the real thing: who signed it is written on it, and true unless it is forged. */
export interface ModelList {
  readonly kind: 'CTL' | 'ITL';
  readonly name?: string;
  readonly signer: string;
  readonly made?: number;
  readonly forged?: boolean;
  /** Epoch milliseconds at which the signer's certificate ends. */
  readonly signerEnds?: number;
  /** `SAST token-a`, `CCM cm`, `TFTP cm`, `CAPF capf`, `TVS tvs`; `CCM -` is a manager without certificate. */
  readonly records: readonly string[];
}

export interface ModelFile {
  readonly name: string;
  readonly signer: string;
  readonly plain: string;
  readonly forged?: boolean;
  readonly signerEnds?: number;
  /** Private key, as text, that opens it. */
  readonly opensWith?: string;
}

export function modelOctets(value: ModelList | ModelFile): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function read<Value>(octets: Uint8Array | undefined): Value | undefined {
  if (octets === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(octets));
    return typeof value === 'object' && value !== null && 'signer' in value ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}

function refuse(rule: string, phoneWords: string, askTvs?: string): Refusal {
  const refusal = { accepted: false, rule, offset: 0, phoneWords, ourWords: `The rule ${rule} is broken.` } as const;
  return askTvs === undefined ? refusal : { ...refusal, askTvs: { name: askTvs, issuer: 'CA', serialNumber: '01' } };
}

function has(held: HeldLists, ...records: readonly string[]): boolean {
  const known = [held.ctl, held.itl].flatMap((octets) => read<ModelList>(octets)?.records ?? []);
  return records.some((record) => known.includes(record));
}

const hasTvs = (held: HeldLists) => recordsOf(held).some((record) => record.startsWith('TVS '));

function recordsOf(held: HeldLists): readonly string[] {
  return [held.ctl, held.itl].flatMap((octets) => read<ModelList>(octets)?.records ?? []);
}

/** The rules of a phone, on the model. TVS vouches for `certificate` as text, whatever its roles. */
export const modelJudge: TrustJudge = {
  judgeList(held, { kind, requestedName, octets }, { now, voucher }): ListVerdict {
    const words = `Trust List update failed (${kind})`;
    const list = read<ModelList>(octets);
    if (list?.records === undefined || list.kind !== kind) return refuse('short-input', words);
    if (list.forged === true) return refuse('signature', words);
    if (list.name !== undefined && list.name !== requestedName) return refuse('file-name', words);
    if (now > (list.signerEnds ?? Number.POSITIVE_INFINITY)) return refuse('signer-expired', words);
    const present = kind === 'CTL' ? held.ctl : held.itl;
    if (present !== undefined && new TextDecoder().decode(present) === new TextDecoder().decode(octets)) {
      return { accepted: true, blind: false, unchanged: true, phoneWords: `${kind} installed`, ourWords: 'The same.' };
    }
    const isBlind = kind === 'CTL' ? held.ctl === undefined : held.ctl === undefined && held.itl === undefined;
    const isVouched = voucher !== undefined && new TextDecoder().decode(voucher.certificate) === list.signer;
    const deciding = held.ctl === undefined ? held : { ...held, itl: undefined }; // an ITL says nothing of a CTL's signer
    const isSigner = has(deciding, `SAST ${list.signer}`);
    const isKnown = isSigner || (kind === 'ITL' && held.ctl !== undefined && has(deciding, `TFTP ${list.signer}`));
    if (!isBlind && !isKnown && !isVouched) {
      return refuse('signer-unknown', words, hasTvs(held) && voucher === undefined ? list.signer : undefined);
    }
    if ((list.made ?? 0) < (read<ModelList>(present)?.made ?? 0)) return refuse('older-than-held', words);
    const ourWords = isBlind ? `The first ${kind} was taken blindly.` : 'Signed by one who is known.';
    return { accepted: true, blind: isBlind, unchanged: false, phoneWords: 'Trust List Updated', ourWords };
  },

  openFile(held, { requestedName, octets }, { now, voucher, privateKey }): FileVerdict {
    const words = `File auth error: ${requestedName}`;
    const file = read<ModelFile>(octets);
    if (file?.plain === undefined) return refuse('short-input', words);
    if (file.forged === true) return refuse('signature', words);
    if (file.name !== requestedName) return refuse('file-name', words);
    if (now > (file.signerEnds ?? Number.POSITIVE_INFINITY)) return refuse('signer-expired', words);
    const isVouched = voucher !== undefined && new TextDecoder().decode(voucher.certificate) === file.signer;
    if (!has(held, `TFTP ${file.signer}`) && !isVouched) {
      const isListed = recordsOf(held).some((record) => record.endsWith(` ${file.signer}`));
      const ask = hasTvs(held) && voucher === undefined ? file.signer : undefined;
      return refuse(isListed ? 'signer-role' : 'signer-unknown', words, ask);
    }
    if (file.opensWith !== undefined) {
      const key = privateKey === undefined ? undefined : new TextDecoder().decode(privateKey.reveal());
      if (key !== file.opensWith) return refuse('decryption', words);
    }
    const plain = new TextEncoder().encode(file.plain);
    return { accepted: true, plain, phoneWords: requestedName, ourWords: `Signed by ${file.signer}.` };
  },

  judgeServer(held, service, certificate, { voucher }): ServerVerdict {
    const name = new TextDecoder().decode(certificate);
    if (has(held, `${service} ${name}`)) return { accepted: true, ourWords: `${name} is listed.` };
    const isVouched = voucher !== undefined && new TextDecoder().decode(voucher.certificate) === name;
    if (isVouched) return { accepted: true, ourWords: `TVS vouches for ${name}.` };
    const isListed = recordsOf(held).some((record) => record.endsWith(` ${name}`));
    const ask = service !== 'TVS' && hasTvs(held) && voucher === undefined ? name : undefined;
    return refuse(isListed ? 'server-role' : 'server-unknown', 'TLS error', ask);
  },

  requiresSignedFiles(held) {
    return held.ctl !== undefined || recordsOf(held).some((record) => /^(TFTP|TVS) /.test(record));
  },

  callManagers(held) {
    const managers = recordsOf(held).filter((record) => record.startsWith('CCM '));
    if (managers.length === 0) return 'unnamed';
    return managers.every((record) => record === 'CCM -') ? 'non-secure' : 'secure';
  },
};
