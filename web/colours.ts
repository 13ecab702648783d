/** Colours of emotions, apart for people with common kinds of colour blindness and readable on light and dark. */
const EMOTIONS: Readonly<Record<string, string>> = {
  ...{ anger: '#d1495b', boredom: '#a07f5f', disgust: '#5f9e5a', fear: '#7c68b8', happiness: '#e0a030' },
  ...{ neutral: '#8796a8', sadness: '#3f7fb5', surprise: '#d9743f', calm: '#3fa7a0' },
};
/** Of emotions that other models know, in turn. */
const OTHERS = ['#b0578d', '#4f9d8f', '#9a9a3a', '#5c6bc0', '#c46a4a', '#6d8f3a', '#8e5ea2'];

export function emotionColour(label: string, labels: readonly string[]): string {
  return EMOTIONS[label] ?? OTHERS[labels.filter((other) => !(other in EMOTIONS)).indexOf(label) % OTHERS.length];
}

/** From quiet to loud, on paper and in the dark. */
const LIGHT = ['#ffffff', '#dbe7f5', '#9cc0e3', '#4d88c4', '#1f4e8c', '#0b2347'];
const DARK = ['#12161d', '#1b2f4a', '#1f5f7f', '#3a9c94', '#9fd38c', '#f7f3b0'];
/** From numbers below zero to numbers above it. */
const SIGNED_LIGHT = ['#2c6fa8', '#ffffff', '#c2542f'];
const SIGNED_DARK = ['#5aa9e6', '#12161d', '#f08a5d'];

const STEPS = 256;

/** Colours as red, green and blue from 0 to 255, `STEPS` of them. */
export type Palette = Uint8ClampedArray;

export function palette(kind: 'loudness' | 'signed', isDark: boolean): Palette {
  const stops = kind === 'loudness' ? (isDark ? DARK : LIGHT) : isDark ? SIGNED_DARK : SIGNED_LIGHT;
  const channels = stops.map((stop) => [1, 3, 5].map((at) => Number.parseInt(stop.slice(at, at + 2), 16)));
  return Uint8ClampedArray.from({ length: 3 * STEPS }, (_, i) => {
    const place = (Math.floor(i / 3) / (STEPS - 1)) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(place));
    const [a, b] = [channels[below][i % 3], channels[below + 1][i % 3]];
    return a + (place - below) * (b - a);
  });
}

/** Writes the colour of a share, from 0 to 1, as a pixel. */
export function paint(pixels: Uint8ClampedArray, pixel: number, colours: Palette, share: number): void {
  const step = Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1));
  pixels[4 * pixel] = colours[3 * step];
  pixels[4 * pixel + 1] = colours[3 * step + 1];
  pixels[4 * pixel + 2] = colours[3 * step + 2];
  pixels[4 * pixel + 3] = 255;
}
