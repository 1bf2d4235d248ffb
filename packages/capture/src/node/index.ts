export { CaptureFile, type CaptureFileOptions, readCaptureFile } from './file.ts';
export { type LiveCapture, startLiveCapture } from './live.ts';
export {
  type CaptureSource,
  type CaptureSummary,
  captureSources,
  type ReadOptions,
  readCaptureSource,
} from './source.ts';
