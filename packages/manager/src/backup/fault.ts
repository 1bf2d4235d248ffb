/** Why a backup is not read on. `offset` is in octets of the file; of the opened contents for `contents`. */
export interface BackupFault {
  readonly code: 'not-a-backup' | 'newer' | 'wrong-passphrase' | 'damaged' | 'contents';
  readonly offset: number;
}

export type BackupResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: BackupFault };

export function fault(code: BackupFault['code'], offset: number): { readonly ok: false; readonly fault: BackupFault } {
  return { ok: false, fault: { code, offset } };
}
