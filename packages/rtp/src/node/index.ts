export { type MediaPorts, openMediaPorts, withMediaPorts } from './media-ports.ts';
export { Pacer } from './pacer.ts';
