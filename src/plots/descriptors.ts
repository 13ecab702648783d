import type { NumberWeights } from '../networks/linear-weights.js';
import { axis, baseLayout, classNames, type Figure, plain, requireSome, rounded } from './figure.js';

/** What a descriptor of a clip says to a linear network about each class. */
export interface DescriptorWeights extends NumberWeights {
  readonly name: string;
}

/** How descriptors are drawn. */
export interface DescriptorsOptions {
  readonly title?: string;
  /** Rows at most; default 24. */
  readonly most?: number;
}

const MOST = 24;

/**
 * Which descriptors speak for which class: one row for each of the strongest, coloured by what a standard deviation more of
 * it adds to the logit of each class. A descriptor is as strong as what it adds, on average, to the logit of a class in
 * that class's own clips; the rows are in the order of the classes that they speak for most, the strongest first.
 *
 * @throws RangeError if there is no descriptor or class, one does not have a weight and a mean for each class, or `most` is
 *   not a positive integer
 */
export function descriptorsFigure(
  descriptors: readonly DescriptorWeights[],
  labels: readonly string[],
  { title = 'Descriptors by emotion', most = MOST }: DescriptorsOptions = {},
): Figure {
  requireSome(descriptors.length, 'descriptors', 'there must be at least one');
  requireSome(labels.length, 'descriptors', 'there must be at least one class');
  if (!Number.isInteger(most) || most < 1)
    throw new RangeError(`Cannot draw descriptors: most must be a positive integer, current value is ${most}`);
  for (const { name, weights, means } of descriptors)
    for (const { length } of [weights, means])
      if (length !== labels.length)
        throw new RangeError(
          `Cannot draw descriptors: ${name} must have a value for each of ${labels.length} classes, current number is ${length}`,
        );
  const ranked = descriptors.map((descriptor) => {
    const added = descriptor.weights.map((weight, c) => weight * descriptor.means[c]);
    const strength = Math.max(...added);
    return { ...descriptor, strength, speaksFor: added.indexOf(strength) };
  });
  const rows = ranked
    .sort((a, b) => b.strength - a.strength)
    .slice(0, most)
    .sort((a, b) => a.speaksFor - b.speaksFor || b.strength - a.strength);
  const largest = Math.max(...rows.flatMap(({ weights }) => weights.map(Math.abs)));
  const cells = rows.map(({ weights }) => weights.map((weight) => rounded(weight, 3)));
  return {
    data: [
      {
        type: 'heatmap',
        x: classNames(labels),
        y: rows.map(({ name }) => plain(name)),
        z: cells,
        text: cells.map((row) => row.map((weight) => rounded(weight, 1).toFixed(1).replace('-', '−'))),
        texttemplate: '%{text}',
        textfont: { size: 11 },
        customdata: rows.map(({ means }) => means.map((mean) => rounded(mean, 2))),
        hovertemplate:
          '%{y}<br>one deviation more adds to %{x}: %{z:.2f}<br>mean of its clips, in deviations: %{customdata}<extra></extra>',
        xgap: 1,
        ygap: 1,
        zmin: -largest,
        zmax: largest,
        // From low to high, white where a descriptor says nothing; both ends are told apart with any kind of colour vision.
        colorscale: [
          [0, '#2166AC'],
          [0.25, '#92C5DE'],
          [0.5, '#F7F7F7'],
          [0.75, '#F4A582'],
          [1, '#B2182B'],
        ],
        colorbar: { title: { text: 'logit' }, thickness: 14, outlinewidth: 0 },
      },
    ],
    layout: {
      ...baseLayout(title, 130 + 24 * rows.length),
      meta: { minWidth: 340 + 48 * labels.length },
      xaxis: axis('', { type: 'category', showgrid: false, tickangle: -45 }),
      yaxis: axis('', { type: 'category', autorange: 'reversed', tickmode: 'linear', showgrid: false }),
    },
  };
}
