import { expect, test } from 'vitest';
import { estimateVoiceQuality } from './voice-quality.ts';

test('a perfect G.711 call reaches the default rating of G.107', () => {
  const { rating, meanOpinionScore } = estimateVoiceQuality({ oneWayDelayMilliseconds: 0, lossRatio: 0 });
  expect(rating).toBe(93.2);
  expect(meanOpinionScore).toBeCloseTo(4.41, 2);
});

test('known points: 150 ms of delay, G.729A, loss with and without concealment', () => {
  expect(estimateVoiceQuality({ oneWayDelayMilliseconds: 150, lossRatio: 0 }).rating).toBeCloseTo(89.6, 1);
  expect(estimateVoiceQuality({ oneWayDelayMilliseconds: 0, lossRatio: 0, codec: 'G.729A' }).rating).toBeCloseTo(
    82.2,
    1,
  );
  // 95 · 5 / (5 + 25.1) and 95 · 5 / (5 + 4.3)
  const loss = { oneWayDelayMilliseconds: 0, lossRatio: 0.05 };
  expect(estimateVoiceQuality(loss).rating).toBeCloseTo(93.2 - 15.78, 1);
  expect(estimateVoiceQuality({ ...loss, codec: 'G.711-without-concealment' }).rating).toBeCloseTo(93.2 - 51.08, 1);
});

test('more delay or more loss never sounds better, and the score stays from 1 to 4.5', () => {
  for (let delay = 0; delay < 2000; delay += 50) {
    let before = 5;
    for (let loss = 0; loss <= 1; loss += 0.05) {
      const { rating, meanOpinionScore } = estimateVoiceQuality({ oneWayDelayMilliseconds: delay, lossRatio: loss });
      expect(rating).toBeGreaterThanOrEqual(0);
      expect(meanOpinionScore).toBeGreaterThanOrEqual(1);
      expect(meanOpinionScore).toBeLessThanOrEqual(before);
      before = meanOpinionScore;
    }
  }
});
