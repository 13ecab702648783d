/** A recording whose samples are all smaller is silent: −60 dB of full scale. */
export const SILENCE_PEAK = 1e-3;
export const SILENCE_REASON = 'no sample reaches -60 dB of full scale';
