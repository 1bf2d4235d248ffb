import { Enumerated, fromBER, GeneralizedTime, OctetString } from 'asn1js';
import { BasicOCSPResponse, OCSPResponse, type SingleResponse } from 'pkijs';
import { type Certificate, readCertificate } from '../certificate.ts';
import { describeWhen } from '../describe-time.ts';
import { hex } from '../hex.ts';
import { weaknessOfKey, weaknessOfSignature } from '../strength.ts';
import { CLOCK_TOLERANCE } from './check-revocation-list.ts';
import { type OcspQuestion, ocspCertificateId, ocspOid } from './ocsp-request.ts';
import { type RevocationReason, revocationReasonOf } from './reasons.ts';
import { plainSerial } from './revocation-list.ts';
import { isSignedBy, readSignedStructure, type SignedStructure } from './signed-structure.ts';

/** The largest response that is read: one answer with the responder's certificate takes some two kilobytes. */
export const MAX_OCSP_RESPONSE_LENGTH = 65_536;

/** Certificates that a response may carry to prove its signer. */
const MAX_RESPONSE_CERTIFICATES = 8;

/** RFC 6960 §4.2.2.1: without `nextUpdate` newer information is always to be had; so long such an answer is used. */
const UNPROMISED_VALIDITY = 3_600_000;

/** What an authority says of one certificate. Times are epoch milliseconds. */
export interface OcspAnswer {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  readonly revoked: { readonly at: number; readonly reason: RevocationReason } | undefined;
  readonly thisUpdate: number;
  /** How long it may be used. */
  readonly until: number;
}

export type OcspRefusalCode =
  | 'malformed-response'
  | 'no-answer'
  | 'wrong-signer'
  | 'wrong-nonce'
  | 'wrong-certificate'
  | 'unknown-certificate'
  | 'not-yet-valid'
  | 'too-old';

export interface OcspRefusal {
  readonly accepted: false;
  readonly code: OcspRefusalCode;
  readonly reason: string;
  readonly nextStep: string;
}

export type OcspJudgment =
  | { readonly accepted: true; readonly answer: OcspAnswer; readonly signer: Certificate }
  | OcspRefusal;

/** OCSPResponseStatus (RFC 6960 §4.2.1); 4 is not used. */
const statusNames: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};

/**
 * Decides whether a response answers the question (RFC 6960 §3.2): about this certificate, signed by its issuer or one
 * whom the issuer has appointed, made for this nonce where it has one, and current. A response without a nonce is taken,
 * since many responders make theirs in advance (RFC 5019 §4): its dates then bound how long it can be replayed.
 *
 * @param octets as they came; whatever they are, nothing is thrown
 * @param held the answer about the same certificate that is known: none older is taken
 * @param now epoch milliseconds
 */
export function judgeOcspResponse(
  question: OcspQuestion,
  octets: Uint8Array,
  held: OcspAnswer | undefined,
  now: number,
): OcspJudgment {
  const read = readResponse(octets);
  if ('accepted' in read) return read;
  const { basic, structure } = read;
  const signer = signerOf(structure, basic, question.issuer, now);
  if (signer === undefined) {
    const reason = `neither ${question.issuer.subject} nor one whom it has appointed for it signed the answer`;
    return refuse('wrong-signer', reason, 'Check which responder the certificate names, and who answers there.');
  }
  try {
    const nonce = nonceOf(basic);
    if (nonce !== undefined && hex(nonce) !== hex(question.nonce)) {
      return refuse('wrong-nonce', 'the answer is to another question (its nonce differs)', replayed);
    }
    return judgeAnswers(question, basic, nonce !== undefined, signer, held, now);
  } catch {
    return refuse('malformed-response', 'a part of the answer cannot be read', askAuthority);
  }
}

const askAuthority =
  'Tell the authority; until it is mended, import its revocation list: trustline pki crl-import FILE';
const replayed = 'Somebody on the way may be replaying old answers; import the list: trustline pki crl-import FILE';

interface ReadResponse {
  readonly basic: BasicOCSPResponse;
  readonly structure: SignedStructure;
}

function readResponse(octets: Uint8Array): ReadResponse | OcspRefusal {
  if (octets.byteLength > MAX_OCSP_RESPONSE_LENGTH) {
    return refuse('malformed-response', `the answer is larger than ${MAX_OCSP_RESPONSE_LENGTH} octets`, askAuthority);
  }
  try {
    const response = OCSPResponse.fromBER(Uint8Array.from(octets));
    const status = response.responseStatus.valueBlock.valueDec;
    const bytes = response.responseBytes;
    if (status !== 0 || bytes === undefined) {
      const reason = `the responder gave no answer (${statusNames[status] ?? `status ${status}`})`;
      return refuse(
        'no-answer',
        reason,
        'It is asked again by itself; if it stays so, import the list of the authority.',
      );
    }
    if (bytes.responseType !== ocspOid.basic) {
      return refuse('malformed-response', `answers of type ${bytes.responseType} are not known`, askAuthority);
    }
    const der = new Uint8Array(bytes.response.getValue());
    return { basic: BasicOCSPResponse.fromBER(der), structure: readSignedStructure(der) };
  } catch {
    return refuse('malformed-response', 'what came is no OCSP response', askAuthority);
  }
}

/** RFC 6960 §4.2.2.2: the issuer itself, or a holder of a certificate of that issuer for id-kp-OCSPSigning. */
function signerOf(
  structure: SignedStructure,
  { certs = [] }: BasicOCSPResponse,
  issuer: Certificate,
  now: number,
): Certificate | undefined {
  if (isSignedBy(structure, issuer.publicKey)) return issuer;
  for (const document of certs.slice(0, MAX_RESPONSE_CERTIFICATES)) {
    const appointed = certificateOf(document);
    if (appointed === undefined || !isSignedBy(structure, appointed.publicKey)) continue;
    const isAppointed =
      appointed.issuerHash === issuer.subjectHash &&
      appointed.extendedKeyUsage?.includes(ocspOid.signing) === true &&
      (appointed.keyUsage?.includes('digitalSignature') ?? true) &&
      appointed.unknownCriticalExtensions.length === 0 &&
      weaknessOfKey(appointed.key, false) === undefined &&
      weaknessOfSignature(appointed, false) === undefined &&
      now >= appointed.notBefore &&
      now <= appointed.notAfter &&
      appointed.signedBy(issuer);
    if (isAppointed) return appointed;
  }
  return undefined;
}

function certificateOf(document: NonNullable<BasicOCSPResponse['certs']>[number]): Certificate | undefined {
  try {
    return readCertificate(new Uint8Array(document.toSchema(false).toBER()));
  } catch {
    return undefined; // one of several that came along; without it the signer is not proved
  }
}

/** The octets of the nonce extension: an OCTET STRING inside the extension's own (RFC 8954 §2.1). */
function nonceOf({ tbsResponseData }: BasicOCSPResponse): Uint8Array | undefined {
  const extension = tbsResponseData.responseExtensions?.find(({ extnID }) => extnID === ocspOid.nonce);
  if (extension === undefined) return undefined;
  const { result } = fromBER(extension.extnValue.getValue());
  return result instanceof OctetString ? new Uint8Array(result.getValue()) : new Uint8Array();
}

function judgeAnswers(
  question: OcspQuestion,
  { tbsResponseData }: BasicOCSPResponse,
  isForNonce: boolean,
  signer: Certificate,
  held: OcspAnswer | undefined,
  now: number,
): OcspJudgment {
  const single = tbsResponseData.responses.find((one) => isAbout(one, question));
  if (single === undefined) {
    return refuse('wrong-certificate', 'the answer is about another certificate than was asked for', askAuthority);
  }
  const thisUpdate = single.thisUpdate.getTime();
  const nextUpdate = single.nextUpdate?.getTime();
  const until = nextUpdate ?? thisUpdate + UNPROMISED_VALIDITY;
  if (thisUpdate > now + CLOCK_TOLERANCE) {
    const reason = `the answer is not valid before ${describeWhen(thisUpdate, now)}`;
    return refuse('not-yet-valid', reason, 'Check the clock of this machine.');
  }
  // Written so that a time that is no number refuses.
  if (!(now <= until + CLOCK_TOLERANCE)) {
    const nonce = isForNonce ? '' : ', and nothing ties it to this question';
    return refuse('too-old', `the answer was good until ${describeWhen(until, now)}${nonce}`, replayed);
  }
  if (held !== undefined && thisUpdate < held.thisUpdate) {
    const reason = `the answer of ${describeWhen(thisUpdate, now)} is older than the one known`;
    return refuse('too-old', reason, replayed);
  }
  const { fingerprint } = question.certificate;
  switch (single.certStatus?.idBlock?.tagNumber) {
    case 0:
      return { accepted: true, signer, answer: { fingerprint, revoked: undefined, thisUpdate, until } };
    case 1:
      return { accepted: true, signer, answer: { fingerprint, revoked: revokedInfo(single), thisUpdate, until } };
    default: {
      const reason = 'the responder does not know the certificate';
      return refuse('unknown-certificate', reason, 'Ask the authority whether it has issued it.');
    }
  }
}

function isAbout({ certID }: SingleResponse, question: OcspQuestion): boolean {
  const wanted = ocspCertificateId(question);
  return (
    certID.hashAlgorithm.algorithmId === ocspOid.sha1 &&
    hex(certID.issuerNameHash.valueBlock.valueHexView) === wanted.issuerNameHash &&
    hex(certID.issuerKeyHash.valueBlock.valueHexView) === wanted.issuerKeyHash &&
    plainSerial(hex(certID.serialNumber.valueBlock.valueHexView)) === plainSerial(wanted.serialNumber)
  );
}

/** RevokedInfo: revocationTime, [0] EXPLICIT CRLReason OPTIONAL. */
function revokedInfo({ certStatus }: SingleResponse): NonNullable<OcspAnswer['revoked']> {
  const [time, reason] = certStatus.valueBlock.value;
  if (!(time instanceof GeneralizedTime)) throw new RangeError('no time of revocation');
  const code = reason?.valueBlock?.value?.[0];
  return {
    at: time.toDate().getTime(),
    reason: revocationReasonOf(code instanceof Enumerated ? code.valueBlock.valueDec : undefined),
  };
}

function refuse(code: OcspRefusalCode, reason: string, nextStep: string): OcspRefusal {
  return { accepted: false, code, reason, nextStep };
}
