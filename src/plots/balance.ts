import { grouped } from '../common/grouped.js';
import { axis, baseLayout, COLOURS, classNames, type Figure, requireSome, rowHeight, wrapped } from './figure.js';

/**
 * How many clips each emotion has in each set: shows imbalance, and classes that a set lacks.
 *
 * @param sets - clips by the set's name, e.g. `{ train, validation, test }`; with one set there is no legend
 * @throws RangeError if there are no clips
 */
export function classBalanceFigure(
  sets: Readonly<Record<string, readonly { readonly emotion: string }[]>>,
  title = 'Clips per emotion',
): Figure {
  const emotions = [...new Set(Object.values(sets).flatMap((clips) => clips.map((clip) => clip.emotion)))].sort();
  requireSome(emotions.length, 'the class balance', 'there must be at least one clip');
  const names = Object.keys(sets);
  const emotionNames = classNames(emotions);
  const colours = [COLOURS.blue, COLOURS.orange, COLOURS.green, COLOURS.purple];
  return {
    data: names.map((set, p) => {
      const clips = grouped(sets[set], ({ emotion }) => emotion);
      const counts = emotions.map((emotion) => clips.get(emotion)?.length ?? 0);
      return {
        type: 'bar',
        orientation: 'h',
        name: wrapped(set, 24),
        y: emotionNames,
        x: counts,
        text: counts.map((count) => (count > 0 ? `${count}` : '')),
        textposition: 'inside',
        insidetextanchor: 'middle',
        textangle: 0,
        marker: { color: colours[p % colours.length] },
        hovertemplate: `%{y}: %{x} clips<extra>${names.length > 1 ? wrapped(set, 24) : ''}</extra>`,
      };
    }),
    layout: {
      ...baseLayout(title, 120 + Math.max(emotions.length * rowHeight(emotionNames, 34), 100), names.length > 1),
      barmode: 'stack',
      bargap: 0.25,
      xaxis: axis('clips', { rangemode: 'tozero' }),
      yaxis: axis('', { type: 'category', autorange: 'reversed', showgrid: false }),
    },
  };
}
