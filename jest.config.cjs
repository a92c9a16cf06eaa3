const swc = (tsx) => ({
  '^.+\\.tsx?$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', tsx },
        transform: { react: { runtime: 'automatic' } },
        target: 'es2022',
      },
      module: { type: 'commonjs' },
    },
  ],
})

const SEEDED = { '^fast-check$': '<rootDir>/harness/fast-check.cjs' }

const node = (displayName, folders) => ({
  displayName,
  testEnvironment: '<rootDir>/harness/one-world/environment.cjs',
  runtime: '<rootDir>/harness/one-world/runtime.cjs',
  testMatch: folders.map((f) => `<rootDir>/test/${f}`),
  transform: swc(false),
  setupFiles: ['<rootDir>/harness/quick-wasm.cjs'],
  moduleNameMapper: { ...SEEDED, '^@contract$': '<rootDir>/server/http/contract/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
})

/** Server tests in node; page tests in jsdom with Taro mapped to small fakes; e2e against real builds. */
module.exports = {
  projects: [
    node('server', [
      '{domain,flow,store,beacon,channel,login,http,sight,threads,wechat,notify,kms}/**/*.test.ts',
      '*.test.ts',
    ]),
    node('e2e', ['e2e/**/*.test.ts']),
    {
      displayName: 'pages',
      testEnvironment: '<rootDir>/harness/one-world/page.cjs',
      runtime: '<rootDir>/harness/one-world/runtime.cjs',
      testMatch: ['<rootDir>/test/pages/**/*.test.tsx'],
      globals: { FAPAI_BANK_APP: 'FapaiBank' },
      transform: swc(true),
      setupFilesAfterEnv: ['<rootDir>/test/support/patient.ts'],
      moduleNameMapper: {
        '^@tarojs/components$': '<rootDir>/test/support/taro-components.tsx',
        '^@tarojs/taro$': '<rootDir>/test/support/taro.ts',
        ...SEEDED,
        '^@contract$': '<rootDir>/server/http/contract/index.ts',
        '\\.(scss|css)$': '<rootDir>/test/support/style.ts',
      },
      modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
    },
  ],
  testSequencer: '<rootDir>/harness/slow-first.cjs',
  // A hang is a failure; a busy machine is none.
  testTimeout: 600_000,
}
