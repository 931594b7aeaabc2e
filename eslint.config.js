import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/', 'build/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strict,
  tseslint.configs.stylistic,
  {
    rules: {
      eqeqeq: 'error',
      'object-shorthand': 'error',
      // A handler that does nothing says so by being empty.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['**/*.{ts,mts}'],
    extends: [tseslint.configs.strictTypeCheckedOnly],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // koffi gives `any` for whatever comes out of native memory; our own types begin one line later.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // `return report(error);` is how a function ends early here.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // An async function without await turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-nested-ternary': 'error',
      'max-len': ['error', { code: 160, ignoreTemplateLiterals: true, ignorePattern: "^  '?[\\w.]+'?: ['\"]" }],
      'no-restricted-properties': ['error',
        { object: 'Promise', property: 'all', message: 'Use settleAll: nothing goes on behind a caller who got an error.' },
        { object: 'AbortSignal', property: 'any', message: 'Use onAbort: a signal that lives long would keep a part of every call.' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/kinds/**'],
    rules: {
      'no-restricted-syntax': ['error', ...["[left.name='kind']", "[left.property.name='kind']"].map((left) => ({
        selector: `BinaryExpression${left}[right.value=/^(persistent|runtime|exclusion|system)$/]`,
        message: 'Ask the kind (src/kinds/kind.ts) instead of naming it.',
      }))],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // AVA says nothing of the tests that do not run, and ends with 0.
      'no-restricted-properties': ['error', { property: 'only', message: 'The other tests of the file would not run.' }],
      // What an assertion gives back is there in its type and absent after a failure.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Functions of the DLLs are written as methods, and none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
