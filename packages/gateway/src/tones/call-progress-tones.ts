import type { Tone, ToneSection } from './tone-generator.ts';

/** Tones that tell a caller how the call goes (E.180 §2, E.182). */
export const callProgressTones = [
  'dial',
  'ringback',
  'busy',
  'congestion',
  'call-waiting',
  'special-information',
] as const;

export type CallProgressTone = (typeof callProgressTones)[number];

/** ISO 3166 codes of the countries whose tones are known here. */
export const toneCountries = ['US', 'GB', 'DE', 'FR'] as const;

export type ToneCountry = (typeof toneCountries)[number];

/** Cadences as E.180 supplement 2 lists them by country; frequencies in hertz, times in seconds of sound and silence in turn. */
const tables: Readonly<Record<ToneCountry, Readonly<Record<CallProgressTone, Tone>>>> = {
  US: {
    dial: continuous(350, 440),
    ringback: cadence([440, 480], 2, 4),
    busy: cadence([480, 620], 0.5, 0.5),
    congestion: cadence([480, 620], 0.25, 0.25),
    'call-waiting': cadence([440], 0.3, 9.7),
    'special-information': specialInformation(),
  },
  GB: {
    dial: continuous(350, 440),
    ringback: cadence([400, 450], 0.4, 0.2, 0.4, 2),
    busy: cadence([400], 0.375, 0.375),
    congestion: cadence([400], 0.4, 0.35, 0.225, 0.525),
    'call-waiting': cadence([400], 0.1, 3),
    'special-information': specialInformation(),
  },
  DE: {
    dial: continuous(425),
    ringback: cadence([425], 1, 4),
    busy: cadence([425], 0.48, 0.48),
    congestion: cadence([425], 0.24, 0.24),
    'call-waiting': cadence([425], 0.2, 0.2, 0.2, 5),
    'special-information': specialInformation(),
  },
  FR: {
    dial: continuous(440),
    ringback: cadence([440], 1.5, 3.5),
    busy: cadence([440], 0.5, 0.5),
    congestion: cadence([440], 0.25, 0.25),
    'call-waiting': cadence([440], 0.3, 10),
    'special-information': specialInformation(),
  },
};

/** A tone as a country has it. */
export function callProgressTone(country: ToneCountry, tone: CallProgressTone): Tone {
  return tables[country][tone];
}

function continuous(...frequencies: number[]): Tone {
  return { sections: [{ frequencies, milliseconds: Number.POSITIVE_INFINITY }], repeats: true };
}

function cadence(frequencies: readonly number[], ...seconds: readonly number[]): Tone {
  const sections = seconds.map(
    (duration, i): ToneSection => ({ frequencies: i % 2 === 0 ? frequencies : [], milliseconds: duration * 1_000 }),
  );
  return { sections, repeats: true };
}

/** Three tones one after the other, the same everywhere (E.180 §7). */
function specialInformation(): Tone {
  const sections = [950, 1_400, 1_800].map(
    (frequency): ToneSection => ({ frequencies: [frequency], milliseconds: 330 }),
  );
  return { sections: [...sections, { frequencies: [], milliseconds: 1_000 }], repeats: true };
}
