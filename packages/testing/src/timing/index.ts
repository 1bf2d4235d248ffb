export { InputPair } from './input-pair.ts';
export { leakageBound } from './leakage-test.ts';
export { type LeakageResult, measureLeakage, type TimedOperation } from './measure.ts';
