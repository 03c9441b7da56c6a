// Import directions of the house (docs/architecture.md), held here for every package.
import { readFileSync, readdirSync } from 'node:fs';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const root = new URL('./', import.meta.url);
const manifest = (folder) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8'));
const folders = [...readdirSync(new URL('packages/', root)).map((name) => `packages/${name}`), 'experiments'];
const names = Object.fromEntries(folders.map((folder) => [folder, manifest(folder).name]));

/** What each scope may import of ours; everything else of ours is refused. */
const allowed = {
  core: [],
  mlflow: [],
  datasets: ['core'],
  models: ['core'],
  iqa: ['core'],
  sweep: ['core'],
  onnx: ['core', 'models'],
  experiments: ['core', 'datasets', 'models', 'onnx', 'iqa', 'sweep', 'mlflow'],
};
const scopeOf = (folder) =>
  manifest(folder)
    .nx.tags.find((tag) => tag.startsWith('scope:'))
    .slice('scope:'.length);
const scopes = Object.fromEntries(folders.map((folder) => [folder, scopeOf(folder)]));

const directions = folders.map((folder) => {
  const mine = scopes[folder];
  const refused = folders
    .filter((other) => other !== folder && !allowed[mine].includes(scopes[other]))
    .map((other) => names[other]);
  const mayImport = allowed[mine].join(', ') || 'nothing of ours';
  const group = [...refused, ...refused.map((name) => `${name}/*`)];
  return {
    files: [`${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...group, '**/packages/**'],
              message: `${names[folder]} may import only: ${mayImport} (docs/architecture.md)`,
            },
          ],
        },
      ],
    },
  };
});

const engineOnly = {
  files: ['packages/**/*.ts', 'experiments/**/*.ts'],
  ignores: ['packages/models/src/engine/**', 'packages/models/test/**'],
  rules: {
    'no-restricted-syntax': [
      'error',
      {
        selector: 'ImportDeclaration[source.value=/^@tensorflow/]',
        message: 'TensorFlow is imported in packages/models/src/engine alone',
      },
    ],
  },
};

/** What the formatter cannot see to: one thing a line, no riddles. */
const form = {
  files: ['**/*.ts', '**/*.mts', '**/*.mjs', '**/*.cjs'],

  rules: {
    'no-nested-ternary': 'error',
    '@typescript-eslint/max-params': ['error', { max: 5 }],
    'max-len': ['error', { code: 120 }],
  },
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/.lacuna/**',
      '**/.nx/**',
      '**/fixtures/**',
      '**/golden/**',
      '**/docs/api/**',
      '**/docs/site/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
        Response: 'readonly',
        Request: 'readonly',
        structuredClone: 'readonly',
        setImmediate: 'readonly',
      },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'one-var': ['error', 'never'],
      'max-statements-per-line': ['error', { max: 1 }],
    },
  },
  form,
  ...directions,
  engineOnly,
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { module: 'readonly', require: 'readonly', __dirname: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
