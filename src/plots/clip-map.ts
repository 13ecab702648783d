import { sourceName } from '../audio/segment.js';
import { grouped } from '../common/grouped.js';
import { deriveSeed, seededRandom, shuffled } from '../common/random.js';
import type { Clip } from '../corpora/clip.js';
import { SUBSETS, type Subset } from '../dataset/splits.js';
import {
  axis,
  baseLayout,
  classColours,
  type Figure,
  type JsonObject,
  plain,
  requireSome,
  shortened,
} from './figure.js';
import { principalComponents, type Vectors } from './principal-components.js';

/** Clips, and the sets that they are in. */
export interface MappedClips {
  readonly clips: readonly Pick<Clip, 'path' | 'segment' | 'emotion' | 'speaker'>[];
  /** Indices into the clips. */
  readonly split: Readonly<Record<Subset, readonly number[]>>;
}

/** Clips that can be told apart on a map: of more, so many are drawn. */
export const MOST_MAPPED = 5000;

/** More names than this are told by hovering alone. */
const MOST_NAMED = 12;

/** Colours are used again with the next of these marks. */
const SYMBOLS = ['circle', 'diamond', 'x', 'triangle-up'];
const COLOURS_PER_SYMBOL = 9;
const LOOKS = COLOURS_PER_SYMBOL * SYMBOLS.length;

/** In px. */
const PLOT = 300;
const LEGEND_LINE = 20;
/** Below the plot: ticks and the axis's title. */
const AXIS_ROOM = 64;

/** Width of a panel and of what separates it from the next, of the whole. */
const PANEL = 0.29;
const STEP = 0.355;

/**
 * A map of clips by the vectors that a network takes, z-scored: each is a point, at its place along the two directions in
 * which the vectors differ most. Three panels show the same points by emotion, by speaker and by set: what lies apart in one of them is
 * what the vectors tell apart. Hovering names a clip. The axes say how much of the variance is along them. Of more than 5,000 clips, as
 * many are drawn at random, always the same ones, and the map is of these alone.
 *
 * @param vectors - of each clip, in their order
 * @throws RangeError if there are no clips, or not as many vectors, or they have fewer than two numbers
 */
export function clipMapFigure(all: MappedClips, allVectors: Vectors, title = 'Map of the clips'): Figure {
  requireSome(all.clips.length, 'a map of clips', 'there must be at least one clip');
  if (allVectors.values.length !== all.clips.length * allVectors.size)
    throw new RangeError(
      `Cannot draw a map of clips: there must be a vector of ${allVectors.size} numbers for each of ${all.clips.length} clips, current number of values is ${allVectors.values.length}`,
    );
  const { clips, split, indices } = drawnClips(all);
  const vectors = rowsOf(allVectors, indices);
  const { coordinates, shares } = principalComponents(zScored(vectors), 2);
  const sets = new Array<string>(clips.length).fill('');
  for (const set of SUBSETS) for (const i of split[set]) sets[i] = set;
  const points = clips.map(({ path, segment, emotion, speaker }, i) => ({
    x: shortened(coordinates[i][0]),
    y: shortened(coordinates[i][1]),
    text: plain(
      `${sourceName({ path: path.split(/[\\/]/).pop()!, segment })}: ${emotion}, speaker ${speaker}, ${sets[i]}`,
    ),
  }));
  const panels = [
    { by: 'emotion', values: clips.map(({ emotion }) => emotion) },
    { by: 'speaker', values: clips.map(({ speaker }) => speaker) },
    { by: 'set', values: sets },
  ].map((panel) => ({ ...panel, names: namesOf(panel.values) }));
  const lines = 1 + Math.max(...panels.map(({ names }) => (names.length <= MOST_NAMED ? names.length : 1)));
  const below = AXIS_ROOM + lines * LEGEND_LINE;
  const base = baseLayout(title, 12 + PLOT + below);
  const horizontal = axis(`1st component (${percent(shares[0])})`);
  const vertical = axis(`2nd component (${percent(shares[1])})`);
  return {
    data: panels.flatMap(({ values, names }, p) => {
      const colours = classColours(names);
      const byName = grouped(points.keys(), (i) => values[i]);
      // Names that look the same are drawn together: thousands of traces take minutes.
      const looks =
        names.length <= LOOKS
          ? names.map((name) => [name])
          : Array.from({ length: LOOKS }, (_, look) => names.filter((_, n) => n % LOOKS === look));
      return looks.map((alike, n) => {
        const [name] = alike;
        const some = alike.flatMap((each) => byName.get(each) ?? []).map((i) => points[i]);
        return {
          type: 'scatter',
          mode: 'markers',
          name: plain(name),
          x: some.map(({ x }) => x),
          y: some.map(({ y }) => y),
          text: some.map(({ text }) => text),
          hovertemplate: '%{text}<extra></extra>',
          xaxis: `x${suffix(p)}`,
          yaxis: `y${suffix(p)}`,
          legend: `legend${suffix(p)}`,
          showlegend: names.length <= MOST_NAMED,
          marker: {
            size: 6,
            opacity: 0.75,
            color: colours[name],
            symbol: SYMBOLS[Math.floor(n / COLOURS_PER_SYMBOL) % SYMBOLS.length],
          },
        };
      });
    }),
    layout: {
      ...base,
      showlegend: true,
      margin: { ...(base.margin as JsonObject), b: below },
      // Narrower, a panel's legend would lie on the next one.
      meta: { minWidth: 720 },
      ...Object.fromEntries(
        panels.flatMap(({ by, names }, p): [string, JsonObject][] => {
          const domain = [p * STEP, p * STEP + PANEL];
          const first = p === 0;
          return [
            [
              `xaxis${suffix(p)}`,
              { ...horizontal, domain, anchor: `y${suffix(p)}`, ...(first ? {} : { matches: 'x' }) },
            ],
            [
              `yaxis${suffix(p)}`,
              {
                ...vertical,
                anchor: `x${suffix(p)}`,
                ...(first ? {} : { matches: 'y', title: { text: '' }, showticklabels: false }),
              },
            ],
            [
              `legend${suffix(p)}`,
              {
                title: { text: names.length <= MOST_NAMED ? `by ${by}` : `by ${by}: ${names.length}` },
                x: domain[0],
                xanchor: 'left',
                y: -AXIS_ROOM / PLOT,
                yanchor: 'top',
              },
            ],
          ];
        }),
      ),
    },
  };
}

/** Clips drawn at random, always the same ones, in their order, and their indices; all of them where a map shows all. */
export function drawnClips({ clips, split }: MappedClips): MappedClips & { readonly indices: readonly number[] } {
  const all = [...clips.keys()];
  if (clips.length <= MOST_MAPPED) return { clips, split, indices: all };
  const indices = shuffled(all, seededRandom(deriveSeed(0, 'map'))).slice(0, MOST_MAPPED);
  indices.sort((a, b) => a - b);
  const rowOf = new Map(indices.map((clip, row) => [clip, row]));
  const among = (set: readonly number[]) => set.flatMap((clip) => rowOf.get(clip) ?? []);
  return {
    clips: indices.map((clip) => clips[clip]),
    split: { train: among(split.train), validation: among(split.validation), test: among(split.test) },
    indices,
  };
}

function rowsOf({ values, size }: Vectors, rows: readonly number[]): Vectors {
  if (rows.length * size === values.length) return { values, size };
  const some = new Float64Array(rows.length * size);
  for (const [to, from] of rows.entries()) for (let k = 0; k < size; k++) some[to * size + k] = values[from * size + k];
  return { values: some, size };
}

/** Each number less its mean, by its deviation, so that none counts more for its unit; those that never vary become 0. */
function zScored({ values, size }: Vectors): Vectors {
  const rows = values.length / size;
  const scaled = new Float64Array(values.length);
  for (let k = 0; k < size; k++) {
    let [sum, squares] = [0, 0];
    for (let i = k; i < values.length; i += size) sum += values[i];
    for (let i = k; i < values.length; i += size) squares += (values[i] - sum / rows) ** 2;
    const deviation = Math.sqrt(squares / rows);
    for (let i = k; i < values.length; i += size) scaled[i] = deviation > 0 ? (values[i] - sum / rows) / deviation : 0;
  }
  return { values: scaled, size };
}

/** In alphabetical order; sets in that of their use. */
function namesOf(values: readonly string[]): string[] {
  const names = [...new Set(values)].sort();
  const sets: readonly string[] = SUBSETS;
  return names.every((name) => sets.includes(name)) ? sets.filter((name) => names.includes(name)) : names;
}

/** Plotly numbers axes and legends from the second on. */
function suffix(panel: number): string {
  return panel === 0 ? '' : `${panel + 1}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
