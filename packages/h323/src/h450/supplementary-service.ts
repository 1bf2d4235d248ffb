import type { SupplementaryService } from '../generated/h4501.types.ts';
import { schema } from '../schema.ts';

/** What an element of `h4501SupplementaryService` holds (H.450.1 §8). */
export const supplementaryServiceCodec = schema.codec<SupplementaryService>(
  'H4501-Supplementary-ServiceAPDU-Structure',
  'SupplementaryService',
);
