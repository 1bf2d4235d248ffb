export { nodeCrypto } from './crypto.ts';
export { createHybridCrypto, hybridCrypto } from './hybrid.ts';
