const DARK = matchMedia('(prefers-color-scheme: dark)');

export function isDark(): boolean {
  return DARK.matches;
}

/** Calls back whenever what is drawn no longer fits: the canvas has another size, or the colours are others. */
export function whenToDraw(canvas: HTMLCanvasElement, draw: () => void): void {
  new ResizeObserver(draw).observe(canvas);
  DARK.addEventListener('change', draw);
}

/** A canvas made ready to be drawn on, in CSS pixels: empty, and as fine as the screen. */
export function prepared(canvas: HTMLCanvasElement): {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
} {
  const { clientWidth: width, clientHeight: height } = canvas;
  const [across, down] = [width, height].map((length) => Math.round(length * devicePixelRatio));
  if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
  const context = canvas.getContext('2d')!;
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** A colour of the style sheet, by the name of its custom property. */
export function styleColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
}
