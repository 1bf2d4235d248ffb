import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a certificate departs from what was asked for. */
export interface Issuance {
  /** Days from now until it expires; negative for one that has. */
  readonly days?: number;
  /** Its extensions, as lines of OpenSSL's configuration, in place of those that the request asks for. */
  readonly extensions?: readonly string[];
}

/** A certificate authority that is not ours: a root and an intermediate made by the `openssl` command line. */
export class OutsideAuthority {
  readonly rootFile: string;
  readonly rootPem: string;
  readonly intermediatePem: string;
  readonly #folder: string;
  #issued = 0;
  #lists = 0;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.rootFile = join(folder, 'root.pem');
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout'];
    const subject = (role: string) => ['-subj', `/O=${name}/CN=${name} ${role}`];
    this.#openssl('req', '-x509', ...key, 'root.key', '-out', 'root.pem', '-days', '30', ...subject('Root'));
    this.#openssl('req', '-new', ...key, 'intermediate.key', '-out', 'intermediate.csr', ...subject('Issuing CA'));
    const extensions = [
      'basicConstraints=critical,CA:TRUE,pathlen:0',
      'keyUsage=critical,keyCertSign,cRLSign',
      'subjectKeyIdentifier=hash',
    ];
    this.#sign('intermediate', 'root', { days: 20, extensions });
    this.rootPem = readFileSync(this.rootFile, 'utf8');
    this.intermediatePem = this.#read('intermediate.pem');
  }

  /** Signs a request (PKCS#10, PEM), by the intermediate; what is asked for is granted unless said otherwise. */
  sign(request: string, how: Issuance = {}): string {
    const name = this.#next();
    writeFileSync(join(this.#folder, `${name}.csr`), request);
    this.#sign(name, 'intermediate', how);
    return this.#read(`${name}.pem`);
  }

  /** Makes a key of its own and a certificate for it. */
  issue(subject: string, extensions: readonly string[]): { readonly certificatePem: string; readonly keyPem: string } {
    const name = this.#next();
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`];
    this.#openssl('req', '-new', ...key, '-out', `${name}.csr`, '-subj', subject);
    this.#sign(name, 'intermediate', { extensions });
    return { certificatePem: this.#read(`${name}.pem`), keyPem: this.#read(`${name}.key`) };
  }

  /** The list of what the intermediate has revoked: these certificates (PEM). DER. */
  revocationList(...revoked: readonly string[]): Uint8Array {
    const index = revoked.map((pem) => {
      writeFileSync(join(this.#folder, 'revoked.pem'), pem);
      const serial = this.#openssl('x509', '-in', 'revoked.pem', '-noout', '-serial').split('=')[1]?.trim();
      return `R\t991231235959Z\t260101000000Z,keyCompromise\t${serial}\tunknown\t/CN=revoked\n`;
    });
    this.#lists += 1;
    writeFileSync(join(this.#folder, 'index.txt'), index.join(''));
    writeFileSync(join(this.#folder, 'crlnumber'), `${this.#lists.toString(16).padStart(4, '0')}\n`);
    const settings = [
      '[ca]',
      'default_ca=mine',
      '[mine]',
      'database=index.txt',
      'crlnumber=crlnumber',
      'default_md=sha256',
    ];
    const extensions = ['crl_extensions=lists', '[lists]', 'authorityKeyIdentifier=keyid:always', ''];
    writeFileSync(join(this.#folder, 'ca.cnf'), [...settings, ...extensions].join('\n'));
    const key = ['-keyfile', 'intermediate.key', '-cert', 'intermediate.pem'];
    this.#openssl('ca', '-config', 'ca.cnf', '-gencrl', ...key, '-crldays', '5', '-out', 'list.pem');
    this.#openssl('crl', '-in', 'list.pem', '-outform', 'DER', '-out', 'list.crl');
    return new Uint8Array(readFileSync(join(this.#folder, 'list.crl')));
  }

  #next(): string {
    this.#issued += 1;
    return `leaf-${this.#issued}`;
  }

  #sign(name: string, issuer: string, { days = 10, extensions }: Issuance): void {
    const signer = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-days', String(days)];
    const granted = extensions === undefined ? ['-copy_extensions', 'copyall'] : ['-extfile', `${name}.cnf`];
    if (extensions !== undefined) writeFileSync(join(this.#folder, `${name}.cnf`), `${extensions.join('\n')}\n`);
    this.#openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signer, ...granted);
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }

  #openssl(...args: string[]): string {
    return execFileSync('openssl', args, { cwd: this.#folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
