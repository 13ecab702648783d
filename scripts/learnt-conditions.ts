/** The conditions that the encoder's layer best learns from as well: `npm run conditions` prints what else was tried. */
export const LEARNT_CONDITIONS = ['telephone', 'white-noise-10dB', 'speech-noise-10dB', 'reverb-0.3s'];
