import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '@trustline/testing/node';

/** Adds a secure phone with this line, and writes the folder for `--credentials` as `device credentials` does. */
export async function writeCredentials(
  lab: Lab,
  folder: string,
  line: string,
): Promise<{ readonly name: string; readonly path: string }> {
  const { name, certificateFile, trustFile } = await lab.secureDevice(line);
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'accounts'), `<sip:${line}@127.0.0.1:${lab.ports.tls};transport=tls>;regint=300\n`);
  for (const file of ['device.crt.pem', 'device.key.pem']) cpSync(certificateFile, join(path, file));
  cpSync(trustFile, join(path, 'trust.pem'));
  return { name, path };
}
