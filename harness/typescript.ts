import { join } from 'node:path'

/** For the environment of a child that runs from TypeScript, whatever runs its parent. */
export const TYPESCRIPT = { NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'typescript-hook.cjs'))}` }
