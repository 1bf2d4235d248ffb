/**
 * @peculiar/x509 finds its algorithms through tsyringe, and tsyringe refuses to load without three functions
 * of the TC39 decorator-metadata proposal. These are they; where a complete polyfill is present it stays.
 * Import this file before the library: `x509-library.ts` does.
 */
type MetadataReflect = typeof Reflect & { readonly getMetadata?: unknown };

const metadata = new WeakMap<object, Map<unknown, unknown>>();

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const found = getOwnMetadata(key, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own.set(key, value));
}

if ((Reflect as MetadataReflect).getMetadata === undefined)
  Object.assign(Reflect, { getMetadata, getOwnMetadata, defineMetadata });
