/**
 * Conditions under which a model is tested, and from which one can learn. In: the sound of a recording. Out: what it would be with noise, over the
 * telephone, in another room, and so on.
 */
import { added, speechShaped, white } from './noise.js';
import type { Perturbation } from './perturbation.js';
import { clipping, cut, delayed, gain, tilt } from './recording.js';
import { reverberation } from './reverberation.js';
import { telephone } from './telephone.js';

/** One thing that may happen to a recording. */
export interface Condition {
  /** What conditions that differ only in degree have in common. */
  readonly kind: string;
  /** In one line, for people. */
  readonly description: string;
  readonly perturb: Perturbation;
}

/** All conditions by name, from the mildest to the hardest of each kind: another one is a function and a name here. */
export const CONDITIONS: Readonly<Record<string, Condition>> = {
  'white-noise-20dB': { kind: 'noise', description: 'white noise 20 dB below the speech', perturb: added(white, 20) },
  'white-noise-10dB': { kind: 'noise', description: 'white noise 10 dB below the speech', perturb: added(white, 10) },
  'white-noise-5dB': { kind: 'noise', description: 'white noise 5 dB below the speech', perturb: added(white, 5) },
  'white-noise-0dB': { kind: 'noise', description: 'white noise as loud as the speech', perturb: added(white, 0) },
  'speech-noise-20dB': {
    kind: 'noise',
    description: "noise with the speech's spectrum 20 dB below it",
    perturb: added(speechShaped, 20),
  },
  'speech-noise-10dB': {
    kind: 'noise',
    description: "noise with the speech's spectrum 10 dB below it",
    perturb: added(speechShaped, 10),
  },
  'speech-noise-5dB': {
    kind: 'noise',
    description: "noise with the speech's spectrum 5 dB below it",
    perturb: added(speechShaped, 5),
  },
  'speech-noise-0dB': {
    kind: 'noise',
    description: "noise with the speech's spectrum as loud as the speech",
    perturb: added(speechShaped, 0),
  },
  telephone: { kind: 'telephone', description: '300 to 3,400 Hz at 8 kHz, µ-law', perturb: telephone },
  'reverb-0.3s': {
    kind: 'reverberation',
    description: 'a room with a reverberation time of 0.3 s',
    perturb: reverberation(0.3),
  },
  'reverb-0.8s': {
    kind: 'reverberation',
    description: 'a room with a reverberation time of 0.8 s',
    perturb: reverberation(0.8),
  },
  'gain+6dB': { kind: 'gain', description: '6 dB louder', perturb: gain(6) },
  'gain+20dB': { kind: 'gain', description: '20 dB louder', perturb: gain(20) },
  'gain-6dB': { kind: 'gain', description: '6 dB softer', perturb: gain(-6) },
  'gain-20dB': { kind: 'gain', description: '20 dB softer', perturb: gain(-20) },
  'clipping-10%': { kind: 'clipping', description: 'the loudest 10 % of the samples clipped', perturb: clipping(0.1) },
  'tilt+3dB': { kind: 'tilt', description: '3 dB more with each octave', perturb: tilt(3) },
  'tilt-3dB': { kind: 'tilt', description: '3 dB less with each octave', perturb: tilt(-3) },
  'cut-10ms': { kind: 'shift', description: 'the first 10 ms missing', perturb: cut(0.01) },
  'cut-50ms': { kind: 'shift', description: 'the first 50 ms missing', perturb: cut(0.05) },
  'delay-10ms': { kind: 'shift', description: '10 ms of silence before the start', perturb: delayed(0.01) },
  'delay-50ms': { kind: 'shift', description: '50 ms of silence before the start', perturb: delayed(0.05) },
};
