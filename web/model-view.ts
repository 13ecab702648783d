import { byId, element } from './element.js';
import type { LoadedModel } from './messages.js';

/** Sections of a model card that everybody should read. */
const SECTIONS = ['Limits', 'What it must not be used for'];

/** What model answers, and what is to be known of it. */
export function showModel({ name, labels, network, learntFrom, card }: LoadedModel): void {
  const facts: Readonly<Record<string, string>> = {
    Name: name,
    Emotions: labels.join(', '),
    Network: network,
    'Has learnt from': learntFrom,
  };
  byId('model-facts').replaceChildren(
    ...Object.entries(facts).flatMap(([fact, value]) => [element('dt', {}, fact), element('dd', {}, value)]),
  );
  const sections = SECTIONS.map((title) => ({ title, items: itemsOf(card ?? '', title) }));
  byId('card').replaceChildren(
    ...sections
      .filter(({ items }) => items.length > 0)
      .map(({ title, items }) =>
        element(
          'div',
          {},
          element('h3', {}, title),
          element('ul', {}, ...items.map((item) => element('li', {}, item))),
        ),
      ),
  );
}

/** The list of a section of a Markdown text. */
function itemsOf(card: string, title: string): string[] {
  const [, after = ''] = card.split(`\n## ${title}\n`);
  const [section] = after.split('\n## ');
  return section.split('\n').flatMap((line) => line.match(/^- (.*)$/)?.[1] ?? []);
}
