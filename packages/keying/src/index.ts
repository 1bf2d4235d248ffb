export type { CryptoAttribute, SdesKey, SdesSessionParameter } from './sdes/attribute.ts';
export {
  type AcceptedAnswer,
  answerFor,
  type CryptoChoice,
  checkAnswer,
  chooseCrypto,
  keyDerivationRateOf,
  masterKeysOf,
  type OwnKeyTerms,
  offerLine,
  type SdesPolicy,
  type UsableCrypto,
} from './sdes/choose.ts';
export { generateMasterKey, isSameMasterKey, keyFingerprint } from './sdes/master-key.ts';
export { parseCryptoAttribute } from './sdes/parse.ts';
export type { SdesRejection, SdesRejectionCode } from './sdes/rejection.ts';
export { serializeCryptoAttribute } from './sdes/serialize.ts';
export { preferredSuites, type SdesSuite, type SdesSuiteName, sdesSuiteNamed, sdesSuites } from './sdes/suites.ts';
