import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Imports go one way (docs/ARCHITECTURE.md): each room lists the rooms that it may reach.
const rooms = {
  lib: [],
  stats: ['lib'],
  graph: ['lib'],
  image: ['lib'],
  tf: ['lib'],
  data: ['lib', 'image'],
  losses: ['lib', 'tf'],
  onnx: ['lib', 'graph'],
  trace: ['lib', 'graph', 'tf'],
  replay: ['lib', 'graph', 'tf'],
  cam: ['lib', 'tf'],
  model: ['lib', 'graph', 'image', 'tf', 'onnx', 'trace', 'replay'],
  program: ['lib', 'graph', 'image', 'tf', 'onnx', 'trace', 'replay', 'model', 'cam'],
  engine: ['lib', 'graph', 'tf', 'onnx', 'trace', 'replay', 'cam', 'program'],
  metrics: ['lib', 'stats', 'image'],
  datasets: ['lib', 'stats', 'image', 'data'],
  train: [
    'lib',
    'stats',
    'graph',
    'image',
    'tf',
    'onnx',
    'trace',
    'replay',
    'model',
    'program',
    'engine',
    'losses',
    'datasets',
    'metrics',
  ],
  report: ['lib', 'stats', 'image', 'data', 'metrics'],
  figure: ['lib', 'stats', 'image', 'metrics', 'report'],
  evaluation: ['lib', 'stats', 'image', 'data', 'datasets', 'model', 'cam', 'program', 'engine', 'metrics', 'report'],
};
const all = [...Object.keys(rooms), 'commands'];
const spines = ['explain', 'compare', 'train', 'evaluate', 'figure', 'compile', 'layers', 'doctor', 'cli', 'index'];
const zones = Object.entries(rooms).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: [
    ...all.filter((other) => other !== room && !allowed.includes(other)).map((other) => `./src/${other}`),
    ...spines.map((spine) => `./src/${spine}.ts`),
  ],
}));

export default tseslint.config(
  { ignores: ['dist', 'out', 'node_modules', 'coverage', 'test/fixtures'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
    },
  },
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
  { files: ['src/{cli.ts,commands/**}', 'bench/**'], rules: { 'no-console': 'off' } },
);
