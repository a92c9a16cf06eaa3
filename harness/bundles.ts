import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/**
 * The programs that tests start by the hundred, in one file each: node takes 0.7 s of processor to find and read the fifteen hundred
 * modules of a BFF, and 0.3 s for one file. Made before a test run and kept beside node_modules; typescript-hook.cjs takes one as
 * long as nothing that it was made of has changed, and the modules themselves otherwise.
 */
const ROOT = join(__dirname, '..')
const { BUNDLE, PROGRAMS, bundleOf, isFresh } = require('./bundled.cjs') as {
  BUNDLE: string
  PROGRAMS: readonly string[]
  bundleOf(program: string): string
  isFresh(program: string): boolean
}

/** Those that find files beside their own, or are to be imported as they are. */
const AS_THEY_ARE = ['@electric-sql/pglite', 'pg-native', 'tsx', 'tsx/cjs']

/** What of ours asks where it is hears where it would be. */
const WHERE: Plugin = {
  name: 'where',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      if (!/__(dir|file)name/.test(source)) return undefined
      const where = `const __dirname = ${JSON.stringify(dirname(path))}, __filename = ${JSON.stringify(path)};`
      return { contents: where + source, loader: 'ts' }
    })
  },
}

/**
 * Tables that make an SM2 signature twice as fast cost 0.25 s of processor at each start, and most of what tests start signs a dozen times.
 * Of an eighth of the size they cost an eighth of it. The numbers are the same.
 */
const BRIEF = [
  ['utils.precompute(windowSize, point)', 'utils.precompute(4, point)'],
  [
    '\nfunction precomputePublicKey',
    '\nsm2Curve.ProjectivePoint.BASE._setWindowSize(4);\nfunction precomputePublicKey',
  ],
] as const
const SIGNING: Plugin = {
  name: 'signing',
  setup({ onLoad }) {
    onLoad({ filter: /sm-crypto-v2.dist.index\.m?js$/ }, ({ path }) => {
      const brief = (source: string, [as, shorter]: (typeof BRIEF)[number]) => {
        if (!source.includes(as)) throw new Error(`${path} has no ${as}`)
        return source.replace(as, shorter)
      }
      return { contents: BRIEF.reduce(brief, readFileSync(path, 'utf8')), loader: 'js' }
    })
  },
}

const HOW = {
  ...{ absWorkingDir: ROOT, bundle: true, platform: 'node', format: 'cjs', target: 'node20', write: false },
  ...{ outdir: 'unused', minifyWhitespace: true, lineLimit: 160, logLevel: 'error' },
} satisfies BuildOptions

/** Makes those that aren't there as they should be. */
export async function bundle(): Promise<void> {
  mkdirSync(dirname(bundleOf(PROGRAMS[0]!)), { recursive: true })
  const programs = PROGRAMS.filter((program) => !isFresh(program))
  await Promise.all(programs.map(bundleProgram))
}

async function bundleProgram(program: string): Promise<void> {
  const { outputFiles, metafile } = await build({
    ...{ ...HOW, metafile: true, entryPoints: [join(ROOT, program)] },
    ...{ plugins: [WHERE, SIGNING], external: AS_THEY_ARE, banner: { js: BUNDLE } },
  })
  const own = Object.keys(metafile.inputs).filter((file) => !file.startsWith('node_modules'))
  const madeOf = [...own, relative(ROOT, __filename)].map((file) => [file, statSync(join(ROOT, file)).mtimeMs])
  write(bundleOf(program), outputFiles[0]!.text)
  write(`${bundleOf(program)}on`, JSON.stringify(madeOf))
}

/** Others read while we write. */
function write(file: string, text: string): void {
  const own = `${file}.${process.pid}`
  writeFileSync(own, text)
  renameSync(own, file)
}
