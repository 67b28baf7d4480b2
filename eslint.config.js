import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Imports go one way (docs/ARCHITECTURE.md): each room lists the rooms that it must not reach.
const rooms = {
  lib: ['graph', 'image', 'tf', 'onnx', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  graph: ['image', 'tf', 'onnx', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  image: ['graph', 'tf', 'onnx', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  tf: ['graph', 'image', 'onnx', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  onnx: ['image', 'tf', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  trace: ['image', 'onnx', 'replay', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  replay: ['image', 'onnx', 'trace', 'model', 'cam', 'program', 'engine', 'data', 'report', 'commands'],
  model: ['cam', 'program', 'engine', 'data', 'report', 'commands'],
  cam: ['graph', 'image', 'onnx', 'trace', 'replay', 'model', 'program', 'engine', 'data', 'report', 'commands'],
  program: ['engine', 'data', 'report', 'commands'],
  data: ['graph', 'image', 'tf', 'onnx', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'report', 'commands'],
  engine: ['image', 'model', 'data', 'report', 'commands'],
  report: ['graph', 'tf', 'onnx', 'trace', 'replay', 'model', 'cam', 'program', 'engine', 'commands'],
};
const zones = Object.entries(rooms).map(([room, banned]) => ({
  target: `./src/${room}`,
  from: [...banned.map((other) => `./src/${other}`), './src/explain.ts', './src/compare.ts', './src/cli.ts', './src/index.ts'],
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
