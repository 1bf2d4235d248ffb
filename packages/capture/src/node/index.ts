export { CaptureFile, type CaptureFileOptions, readCaptureFile } from './file.ts';
