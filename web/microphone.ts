import { InputError, reasonOf } from '../src/common/errors.js';
import { END } from './messages.js';
import recorderUrl from './recorder-worklet.ts?worker&url';

/** A microphone at work. */
export interface Microphone {
  readonly sampleRateHz: number;
  /** Where pieces of mono samples come out, and END. */
  readonly port: MessagePort;
  readonly stop: () => void;
}

/** What helps, by the name of the browser's error. */
const REMEDIES: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The microphone may not be used. Allow it for this page in the browser’s address bar, and press Record again; or drop a recording.',
  NotFoundError: 'There is no microphone. Connect one, and press Record again; or drop a recording.',
  NotReadableError:
    'The microphone is in use by another program, or does not answer. Close the other program, and press Record again.',
};

/** As a voice is: what telephones do to it would be heard as part of the emotion. */
const PLAIN: MediaTrackConstraints = {
  ...{ channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
};

/**
 * Opens the microphone, at the rate that the device has.
 *
 * @param onEnded - called where it goes away by itself, as when it is unplugged
 * @throws InputError with what helps if there is none or it may not be used
 */
export async function openMicrophone(onEnded: () => void): Promise<Microphone> {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new InputError(
      'This browser gives no page the microphone, or only pages with https. Drop a recording instead.',
    );
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
  } catch (error) {
    const remedy = error instanceof DOMException ? REMEDIES[error.name] : undefined;
    throw new InputError(remedy ?? `The microphone cannot be used: ${reasonOf(error)}`);
  }
  const context = new AudioContext();
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(recorderUrl);
    await context.resume();
  } catch (error) {
    close();
    throw new InputError(`The microphone cannot be used: ${reasonOf(error)}`);
  }
  const recorder = new AudioWorkletNode(context, 'recorder', {
    ...{ numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' },
  });
  const { port1, port2 } = new MessageChannel();
  recorder.port.postMessage(port1, [port1]);
  context.createMediaStreamSource(stream).connect(recorder);
  for (const track of stream.getTracks()) track.addEventListener('ended', onEnded);
  // Closed only then, so that the last piece gets through.
  recorder.port.onmessage = close;
  return { sampleRateHz: context.sampleRate, port: port2, stop: () => recorder.port.postMessage(END) };
}
