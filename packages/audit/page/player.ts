import { readSound, type Sound, writeSound } from '../src/report/html/sound.ts';
import { duration } from '../src/report/html/wording.ts';
import { dataOf, say } from './build.ts';

interface Playing {
  readonly number: string;
  readonly audio: HTMLAudioElement;
  readonly url: string;
}

let playing: Playing | undefined;

/** The sound of a stream as it stands in the page; undefined where it is not there, or cannot be read. */
export function soundOf(number: string): Sound | undefined {
  const text = dataOf(`wav-${number}`);
  if (typeof text !== 'string') return undefined;
  return readSound(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}

/** Plays a stream from where it stands, or halts it. One is heard at a time. */
export function toggle(number: string): void {
  const { audio } = load(number) ?? {};
  if (audio === undefined) return;
  if (!audio.paused) audio.pause();
  else audio.play().catch(() => say('This browser does not play it.'));
}

/** Moves to a time, in seconds. */
export function seek(number: string, seconds: number): void {
  const { audio } = load(number) ?? {};
  if (audio === undefined) return;
  audio.currentTime = seconds;
  show();
}

/** Halts whatever is heard, and lets it go. */
export function silence(): void {
  if (playing === undefined) return;
  playing.audio.pause();
  URL.revokeObjectURL(playing.url);
  const { number } = playing;
  playing = undefined;
  mark(number, false);
}

function load(number: string): Playing | undefined {
  if (playing?.number === number) return playing;
  silence();
  const sound = soundOf(number);
  if (sound === undefined) {
    say('There is no audio of it in this file.');
    return undefined;
  }
  // As PCM: not every browser plays mu-law.
  const url = URL.createObjectURL(new Blob([writeSound(sound)], { type: 'audio/wav' }));
  const audio = new Audio(url);
  for (const event of ['play', 'pause', 'ended', 'timeupdate', 'loadedmetadata']) audio.addEventListener(event, show);
  audio.addEventListener('play', followSound);
  playing = { number, audio, url };
  return playing;
}

/** The line that moves with the sound, as smoothly as the screen draws. */
function followSound(): void {
  if (playing === undefined || playing.audio.paused) return;
  show();
  requestAnimationFrame(followSound);
}

function show(): void {
  if (playing === undefined) return;
  const { number, audio } = playing;
  mark(number, !audio.paused);
  const whole = Number.isFinite(audio.duration) ? audio.duration : 0;
  for (const player of document.querySelectorAll<HTMLElement>(`[data-player="${number}"]`)) {
    player.style.setProperty('--progress', `${whole === 0 ? 0 : (100 * audio.currentTime) / whole}%`);
    const position = player.querySelector('input');
    if (position !== null) {
      position.value = audio.currentTime.toFixed(1);
      position.setAttribute('aria-valuetext', `${audio.currentTime.toFixed(1)} of ${whole.toFixed(1)} seconds`);
    }
    const clock = player.querySelector('.clock');
    if (clock !== null) clock.textContent = `${audio.currentTime.toFixed(1)} s of ${duration(whole)}`;
  }
}

/** The buttons say what they do next. */
function mark(number: string, sounding: boolean): void {
  for (const button of document.querySelectorAll<HTMLElement>(`[data-play="${number}"]`)) {
    const label = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE);
    if (label === undefined) continue;
    button.dataset['plays'] ??= label.textContent ?? '';
    const words = sounding ? 'Pause' : button.dataset['plays'];
    if (label.textContent === words) continue;
    label.textContent = words;
    button.querySelector('use')?.setAttribute('href', sounding ? '#icon-pause' : '#icon-play');
  }
}
