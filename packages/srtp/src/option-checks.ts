import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { nearestName } from './nearest-name.ts';

// What a caller in JavaScript may get wrong. Each check names the option, what was expected and what came; what came is
// told by its kind alone where it could be a key.

export function invalid(message: string, section?: string): SrtpError {
  return new SrtpError('srtp.invalid-option', message, section);
}

/** What somebody passed, without its content. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name ?? 'an object';
}

/** An object with options by name. */
export function optionsObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalid(`${name}: an object, not ${kindOf(value)}`);
}

/** No name of an option is longer; more of a mistyped one is not looked at. */
const LONGEST_NAME = 64;

/** No option with a name that there is not: a misspelt one would be passed over in silence. */
export function knownNames(name: string, value: object, names: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !names.includes(key));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown.slice(0, LONGEST_NAME), names);
  const meant = nearest === undefined ? '' : ` (${nearest} is meant?)`;
  throw invalid(`${name}.${unknown}: there is no such option${meant}; there are ${names.join(', ')}`);
}

export function providerOption(value: unknown): asserts value is SrtpCryptoProvider {
  if (typeof (value as SrtpCryptoProvider | undefined)?.createCounterModePacketCipher === 'function') return;
  throw invalid(`crypto: a provider such as nodeCrypto, not ${kindOf(value)}`);
}

/** Octets; other views of memory would be read as something else. */
export function octetsOption(name: string, value: unknown, section?: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalid(`${name}: a Uint8Array, not ${kindOf(value)}`, section);
}

export function arrayOption(name: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${name}: an array, not ${kindOf(value)}`);
}

export function booleanOption(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true;
  throw invalid(`${name}: true or false, not ${kindOf(value)}`);
}

export function functionOption(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw invalid(`${name}: a function, not ${kindOf(value)}`);
}

export function choiceOption<T extends string>(
  name: string,
  value: T | undefined,
  choices: readonly [T, ...T[]],
  section?: string,
): T {
  if (value === undefined) return choices[0];
  if (choices.includes(value)) return value;
  throw invalid(`${name}: one of ${choices.join(', ')}, not ${JSON.stringify(value)}`, section);
}

/** An integer within its range. */
export function integerOption(name: string, value: number, minimum: number, maximum: number, section?: string): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  const came = typeof value === 'number' ? value : kindOf(value);
  throw invalid(`${name}: an integer from ${minimum} to ${maximum}, not ${came}`, section);
}
