/** The version of the answers' shapes. */
export const API_SCHEMA = 1;

/** What every answer carries. */
export interface Answer {
  readonly schema: typeof API_SCHEMA;
  readonly node: string;
}
