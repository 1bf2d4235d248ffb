import type { Kysely } from 'kysely';
import { ROW_SCHEMA, type Tables } from './tables.ts';

/** What a phone has shown of itself, whoever made its certificate. */
export interface PhoneProof {
  readonly device: string;
  /** The MIC that it showed last, in DER; undefined where it has shown none. */
  readonly mic: Uint8Array | undefined;
  /** It has signed the number of a CAPF session (SUDI): a proof of it without may be a recording. */
  readonly signsSessions: boolean;
}

/** What phones have shown of themselves, over restarts; forgotten with the device. */
export class PhoneProofRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async list(): Promise<readonly PhoneProof[]> {
    const rows = await this.#database.selectFrom('phone_proof').selectAll().orderBy('device').execute();
    return rows.map(({ device, mic, signs_sessions }) => ({
      device,
      mic: mic ?? undefined,
      signsSessions: signs_sessions === 1,
    }));
  }

  /** @param mic in DER, judged to be one of that device */
  noteMic(device: string, mic: Uint8Array): Promise<void> {
    return this.#note(device, { mic });
  }

  noteSignsSessions(device: string): Promise<void> {
    return this.#note(device, { signs_sessions: 1 });
  }

  /** Nothing is noted of a device that was removed meanwhile. */
  async #note(device: string, change: { readonly mic: Uint8Array } | { readonly signs_sessions: 1 }): Promise<void> {
    const row = { device, mic: null, signs_sessions: 0 as const, ...change, node: this.#node, schema: ROW_SCHEMA };
    await this.#database.transaction().execute(async (transaction) => {
      const known = await transaction.selectFrom('device').select('name').where('name', '=', device).executeTakeFirst();
      if (known === undefined) return;
      await transaction
        .insertInto('phone_proof')
        .values(row)
        .onConflict((conflict) => conflict.column('device').doUpdateSet(change))
        .execute();
    });
  }
}
