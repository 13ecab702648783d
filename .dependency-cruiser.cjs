/**
 * Who may import whom in `src`, and what the page in `web` may; docs/architecture.md says why. `npm test` checks it
 * (tests/architecture/rules.test.ts), and `npx depcruise src web` does so alone.
 *
 * An import of a type counts like any other: a type belongs to the folder of the step that makes it.
 */
const { builtinModules } = require('node:module');

/** The folders in the data's order: each may import from those before it, and from itself. */
const LAYERS = [
  'common',
  'kernels',
  'audio',
  'conditions',
  'features',
  'corpora',
  'dataset',
  'backend',
  'encoder',
  'networks',
  'evaluation',
  'training',
  'model',
  'exchange',
  'tables',
  'plots',
  'pages',
  'run',
  'experiment',
  'cli',
];

/** Folders that may import less than the order allows. */
const NARROWER = {
  corpora: ['common', 'audio'],
  backend: ['common', 'kernels'],
  plots: LAYERS.slice(0, LAYERS.indexOf('tables')),
};

/** Folders that compute from their arguments alone and so run in a browser, but for the files that read, write or start threads. */
const PURE = {
  path: [
    '^src/browser\\.ts$',
    '^src/common/(errors|fourier|joined|random|statistics|text)\\.ts$',
    '^src/backend/(in-browser|info|wasm-kernels)\\.ts$',
    '^src/(kernels|audio|conditions|features|dataset|encoder|networks|evaluation|training|model|exchange|plots)/',
  ],
  pathNot: [
    '^src/audio/decode-file\\.ts$',
    '^src/features/extraction/',
    '^src/dataset/collect\\.ts$',
    '^src/encoder/(load|recorded)\\.ts$',
    '^src/training/(choose-steps|parallel-steps|gradient-worker|recorded-steps)\\.ts$',
    '^src/model/(bundle-files|load)\\.ts$',
  ],
};

/** Packages that need Node, or a terminal. */
const NODE_PACKAGES = [
  '@napi-rs/canvas',
  '@resvg/resvg-js',
  '@tensorflow/tfjs-node',
  'cli-progress',
  'cli-table3',
  'commander',
  'danfojs-node',
  'env-paths',
  'jsdom',
  'piscina',
  'tslab',
];

const oneOf = (names) => `(${names.join('|')})`;
const folders = (names) => `^src/${oneOf(names)}/`;
/** In node_modules, or by name where they are not installed. */
const packages = (names) => `(^|node_modules/)${oneOf(names)}(/|$)`;
const BUILT_IN = `^(node:)?${oneOf(builtinModules.filter((name) => !name.startsWith('_')))}$`;

const layerRules = LAYERS.map((layer, i) => ({
  name: `layer-${layer}`,
  comment: `src/${layer} imports only from ${[...(NARROWER[layer] ?? LAYERS.slice(0, i)), 'itself'].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: folders([...(NARROWER[layer] ?? LAYERS.slice(0, i)), layer]) },
}));

/** A file is in one of the folders above, whether it imports, is imported, or neither. */
const OUTSIDE = { path: '^src/', pathNot: ['^src/(index|browser)\\.ts$', folders(LAYERS)] };
const PLACE = {
  name: 'file-in-a-layer',
  comment:
    'Every file of src is in one of the folders that .dependency-cruiser.cjs puts in order; only index.ts and browser.ts are not',
  severity: 'error',
};

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'No file imports itself by way of others, not even a type',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...layerRules,
    { ...PLACE, from: OUTSIDE, to: {} },
    { ...PLACE, from: {}, to: OUTSIDE },
    { ...PLACE, from: { ...OUTSIDE, orphan: true }, to: {} },
    {
      name: 'native-knows-only-common',
      comment:
        'src/backend/native imports only from common and from Node, so that the library can be provided on its own',
      severity: 'error',
      from: { path: '^src/backend/native/' },
      to: { pathNot: ['^src/backend/native/', '^src/common/', BUILT_IN, packages(['node-api-headers'])] },
    },
    {
      name: 'pure-needs-no-node',
      comment:
        'What computes from its arguments alone imports nothing that needs Node, nor does any file that it imports',
      severity: 'error',
      from: PURE,
      to: { path: [BUILT_IN, packages(NODE_PACKAGES)], reachable: true },
    },
    {
      name: 'page-needs-no-node',
      comment: 'The page in web imports nothing that needs Node, nor does any file that it imports',
      severity: 'error',
      from: { path: '^web/', pathNot: '^web/vite\\.config\\.mts$' },
      to: { path: [BUILT_IN, packages(NODE_PACKAGES)], reachable: true },
    },
    {
      name: 'page-on-top',
      comment: 'Nothing in src imports from the page',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^web/' },
    },
    {
      name: 'tensorflow-where-networks-are',
      comment:
        'TensorFlow.js is imported where networks are made, trained and used, where danfo.js is handed its copy, and in the worker of the page',
      severity: 'error',
      from: {
        pathNot: [
          '^src/(backend|encoder|networks|training|model|exchange)/',
          '^src/tables/danfo\\.ts$',
          '^web/worker\\.ts$',
        ],
      },
      to: { path: packages(['@tensorflow']) },
    },
    {
      name: 'notebooks-in-one-file',
      comment: 'tslab, the kernel of the notebooks, is imported where figures and tables are shown in them',
      severity: 'error',
      from: { pathNot: '^src/pages/show\\.ts$' },
      to: { path: packages(['tslab']) },
    },
  ],
  options: {
    // AssemblyScript, which is compiled by scripts/kernels.ts and imports nothing.
    exclude: { path: ['^src/kernels/assembly/', '^web/dist/'] },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'require', 'default'],
    },
    reporterOptions: { archi: { collapsePattern: '^src/[^/]+' } },
  },
};
