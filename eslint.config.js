import tseslint from 'typescript-eslint';

const restrictImports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '**/*.js', '**/*.mjs', '!eslint.config.js'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/await-thenable': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'prefer-const': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
    },
  },
  // The house: who may import whom (design, "The house").
  {
    files: ['runbook/**/*.ts'],
    rules: restrictImports(
      '**/workflows/**',
      '**/activities/**',
      '**/workers/**',
      '**/client/**',
      '**/lab/**',
      'node:*',
      '@temporalio/*',
    ),
  },
  {
    files: ['activities/**/*.ts'],
    rules: restrictImports('**/workflows/**', '**/workers/**', '**/client/**', '**/lab/**'),
  },
  {
    files: ['lab/**/*.ts'],
    rules: restrictImports('**/workflows/**', '**/activities/**', '**/workers/**', '**/client/**'),
  },
  { files: ['client/**/*.ts'], rules: restrictImports('**/activities/**') },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      ...restrictImports(
        'node:*',
        'zod',
        '**/activities/**',
        '**/workers/**',
        '**/client/**',
        '**/lab/**',
        '@temporalio/client',
        '@temporalio/worker',
        '@temporalio/activity',
      ),
      'no-restricted-globals': ['error', 'process', 'fetch', 'performance', 'Intl', 'Temporal', 'setInterval'],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^(get(Hours|Day|Date|Month|FullYear|Minutes)|toLocale.*)$/]',
          message: 'Local time is not deterministic in a workflow.',
        },
      ],
    },
  },
);
