import type { DOMWindow } from 'jsdom';

/** Width in px of a text set in a size in px. */
export type MeasureText = (text: string, size: number) => number;

/** A rectangle in px, y downwards. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Share of the font size above and below the baseline. */
const ASCENT = 0.95;
const DESCENT = 0.25;

/**
 * Gives a jsdom window the text measuring it lacks, so that Plotly makes room for labels and legends.
 *
 * Boxes of SVG text come from its characters, its lines (`tspan`) and the `transform` of what lies between it and the
 * measured element, which is what Plotly asks for; of other shapes only rectangles have a size.
 */
export function installTextBoxes(window: DOMWindow, measure: MeasureText): void {
  const box = (element: Element) => {
    const { left, top, right, bottom } = boxOf(element, measure) ?? { left: 0, top: 0, right: 0, bottom: 0 };
    const [width, height] = [right - left, bottom - top];
    return { left, top, right, bottom, x: left, y: top, width, height };
  };
  Object.assign(window.Element.prototype, {
    getBoundingClientRect(this: Element) {
      return box(this);
    },
    getBBox(this: Element) {
      return box(this);
    },
    getComputedTextLength(this: Element) {
      return box(this).width;
    },
  });
}

function boxOf(element: Element, measure: MeasureText): Box | undefined {
  if (element.nodeName === 'text') return transformed(textBox(element, measure), element);
  if (element.nodeName === 'tspan') return textBox(element, measure);
  if (element.nodeName === 'rect') return transformed(rectBox(element), element);
  const inner = [...element.children].map((child) => boxOf(child, measure)).filter((box) => box !== undefined);
  return inner.length > 0 ? transformed(union(inner as Box[]), element) : undefined;
}

function rectBox(element: Element): Box {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(element.getAttribute(name) ?? 0));
  return { left: x, top: y, right: x + width, bottom: y + height };
}

/** The box of a text or of one of its lines, before its own `transform`. */
function textBox(element: Element, measure: MeasureText): Box | undefined {
  const lines = element.nodeName === 'text' ? [...element.querySelectorAll('tspan.line')] : [];
  const boxes = (lines.length > 0 ? lines : [element]).map((line) => lineBox(line, measure));
  return union(boxes.filter((box) => box !== undefined) as Box[]);
}

function lineBox(line: Element, measure: MeasureText): Box | undefined {
  const text = line.textContent ?? '';
  if (text === '') return undefined;
  const size = Number.parseFloat(styleOf(line, 'font-size') ?? '') || 12;
  const width = measure(text, size);
  const x = Number.parseFloat(attributeOf(line, 'x') ?? '0');
  const y = Number.parseFloat(attributeOf(line, 'y') ?? '0') + Number.parseFloat(line.getAttribute('dy') ?? '0') * size;
  const anchor = styleOf(line, 'text-anchor') ?? 'start';
  const left = anchor === 'middle' ? x - width / 2 : anchor === 'end' ? x - width : x;
  return { left, top: y - ASCENT * size, right: left + width, bottom: y + DESCENT * size };
}

/** An attribute of a line, or else of its text. */
function attributeOf(line: Element, name: string): string | null {
  return line.getAttribute(name) ?? line.closest('text')?.getAttribute(name) ?? null;
}

/** An inherited property, from `style` or the attribute of that name. */
function styleOf(element: Element, name: string): string | undefined {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const value = (at as SVGElement).style?.getPropertyValue(name) || at.getAttribute(name);
    if (value) return value;
  }
  return undefined;
}

/** A box after the element's own `transform`: Plotly writes only `translate` and `rotate`. */
function transformed(box: Box | undefined, element: Element): Box | undefined {
  if (!box) return undefined;
  const steps = [...(element.getAttribute('transform') ?? '').matchAll(/(translate|rotate)\(([^)]*)\)/g)];
  let corners = [
    [box.left, box.top],
    [box.right, box.top],
    [box.left, box.bottom],
    [box.right, box.bottom],
  ];
  for (const [, kind, parameters] of steps.reverse()) {
    const [a = 0, b = 0, c = 0] = parameters.split(/[\s,]+/).map(Number);
    corners = corners.map(([x, y]) => (kind === 'translate' ? [x + a, y + b] : turned(x, y, a, b, c)));
  }
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

function turned(x: number, y: number, degrees: number, aroundX: number, aroundY: number): number[] {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [dx, dy] = [x - aroundX, y - aroundY];
  return [aroundX + dx * cos - dy * sin, aroundY + dx * sin + dy * cos];
}

function union(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}
