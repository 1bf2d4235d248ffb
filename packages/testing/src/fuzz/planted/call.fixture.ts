/**
 * A call as a state machine, each octet an operation, with a planted bug: who transfers a call that is on hold may
 * still resume it. It takes six operations in a row to get there, and any other one in between ends the call.
 */
const isMended = import.meta.url.endsWith('?mended');

const offer = 0x11;
const ring = 0x32;
const answer = 0x53;
const hold = 0x74;
const transfer = 0x95;
const resume = 0xb6;

type State = 'idle' | 'offered' | 'ringing' | 'talking' | 'held' | 'transferred';

export function fuzz(data: Uint8Array): void {
  let state: State = 'idle';
  for (const operation of data) state = after(state, operation);
}

function after(state: State, operation: number): State {
  switch (state) {
    case 'idle':
      return operation === offer ? 'offered' : 'idle';
    case 'offered':
      return operation === ring ? 'ringing' : 'idle';
    case 'ringing':
      return operation === answer ? 'talking' : 'idle';
    case 'talking':
      return operation === hold ? 'held' : 'idle';
    case 'held':
      if (operation === resume) return 'talking';
      return operation === transfer ? 'transferred' : 'idle';
    case 'transferred':
      if (operation === resume && !isMended) throw new Error('resumed a call that is elsewhere');
      return 'idle';
  }
}
