import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { GatewayError } from '../error.ts';

/**
 * The text of a file that the document of a gateway names, relative to the folder of the document. One that holds a secret
 * may be its owner's alone.
 *
 * @throws {GatewayError} gateway.file-unreadable
 */
export function readDocumentFile(folder: string, file: string, isSecret = false): string {
  const path = resolve(folder, file);
  try {
    if (isSecret && (statSync(path).mode & 0o077) !== 0) {
      throw new GatewayError('gateway.file-unreadable', `Others may read ${path}, which holds a secret`, {
        nextStep: `chmod 600 ${path}`,
      });
    }
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('gateway.file-unreadable', `${path} cannot be read`, {
      nextStep: 'Check that it is there and that it may be read.',
      cause,
    });
  }
}
