import type { Kysely } from 'kysely';
import { defaultGatewaySettings, type GatewaySettings } from '../../legs/h323/gateway-settings.ts';
import { ROW_SCHEMA, type Tables } from './tables.ts';

/** How each gateway is called and calls; its device has a row of its own. */
export class GatewayRepository {
  readonly #database: Kysely<Tables>;
  readonly #node: string;

  constructor(database: Kysely<Tables>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async list(): Promise<readonly GatewaySettings[]> {
    const rows = await this.#database.selectFrom('gateway').selectAll().orderBy('device').execute();
    return rows.map(({ device, settings }) => read(device, settings));
  }

  async find(device: string): Promise<GatewaySettings | undefined> {
    const row = await this.#database.selectFrom('gateway').selectAll().where('device', '=', device).executeTakeFirst();
    return row === undefined ? undefined : read(row.device, row.settings);
  }

  /** In the place of what was there. */
  async set({ device, ...settings }: GatewaySettings): Promise<void> {
    const text = JSON.stringify(settings);
    await this.#database
      .insertInto('gateway')
      .values({ device, settings: text, node: this.#node, schema: ROW_SCHEMA })
      .onConflict((conflict) => conflict.column('device').doUpdateSet({ settings: text }))
      .execute();
  }

  async remove(device: string): Promise<void> {
    await this.#database.deleteFrom('gateway').where('device', '=', device).execute();
  }
}

/** What a row of an earlier version does not say is as it is by default. */
function read(device: string, settings: string): GatewaySettings {
  return { ...defaultGatewaySettings, addresses: [], ...(JSON.parse(settings) as Partial<GatewaySettings>), device };
}
