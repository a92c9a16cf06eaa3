import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { releaseOf } from '../config/release'
import { DirInUse, lockDir } from '../server/store/dir-lock'
import { packFiles } from './pack-files'
import { writeBill } from './sbom'

const ROOT = resolve(__dirname, '..')
/** What a build depends on; node_modules by way of the lock file. */
const SOURCES = [
  'src',
  'config',
  'server/http/contract',
  'scripts/sbom.ts',
  'scripts/pack-files.ts',
  'babel.config.js',
  'package.json',
  'package-lock.json',
]
const WIDTH = 24
/** Seconds a first build took on a machine with two cores; later ones go by their own last time. */
const TYPICAL_S = 40

const TARGETS = ['h5', 'weapp'] as const
export type Target = (typeof TARGETS)[number]

/** Builds the pages with Taro unless dist/<target> was built from exactly these sources. Returns whether it built.
 * @throws of a release that WeChat would not take, of a package that may not be shipped (LicenceRefused), or of a build that failed */
export async function buildPages(target: Target, say: (line: string) => void = () => {}): Promise<boolean> {
  if (target === 'weapp') releaseOf(process.env)
  const { release } = await held()
  return build(target, say).finally(release)
}

/** One process builds at a time; the others then find it built. */
async function held(): Promise<{ release(): void }> {
  for (;;) {
    try {
      return await lockDir(join(ROOT, 'dist'), 'build')
    } catch (error) {
      if (!(error instanceof DirInUse)) throw error
      await sleep(200)
    }
  }
}

async function build(target: Target, say: (line: string) => void): Promise<boolean> {
  const stampFile = join(ROOT, 'dist', `.${target}.json`)
  const hash = hashOf(SOURCES.map((one) => join(ROOT, one)))
  const stamp = readStamp(stampFile)
  if (stamp?.hash === hash) return false
  const began = Date.now()
  const progress = () => say(bar(target, (Date.now() - began) / 1000, stamp?.seconds ?? TYPICAL_S))
  progress()
  // A bar redraws its line on a terminal; in a file it would be a line of hundreds of bars.
  const timer = process.stdout.isTTY ? setInterval(progress, 500) : undefined
  try {
    const folder = join(ROOT, 'dist', target)
    // files of builds before have other names, and would stay
    if (target === 'h5') rmSync(folder, { recursive: true, force: true })
    await taro(target)
    if (target === 'h5') await packFiles(folder)
    const packages = JSON.parse(readFileSync(join(ROOT, 'dist', `${target}.packages.json`), 'utf8'))
    writeBill(ROOT, target, packages, join(ROOT, 'dist', 'sbom'))
  } finally {
    clearInterval(timer)
  }
  const seconds = (Date.now() - began) / 1000
  writeFileSync(stampFile, JSON.stringify({ hash, seconds }))
  say(`${bar(target, seconds, 0)}\n`)
  return true
}

function taro(target: Target): Promise<void> {
  const cli = join(ROOT, 'node_modules', '@tarojs', 'cli', 'bin', 'taro')
  const env = { ...process.env, NODE_ENV: 'production' }
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, 'build', '--type', target], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Whoever stops us while it builds has stopped it, too.
    const killWithUs = () => child.kill()
    process.once('exit', killWithUs)
    const output: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk))
    child.on('error', fail)
    child.on('exit', (code) => {
      process.off('exit', killWithUs)
      if (code === 0) done()
      else
        fail(new Error(`the ${target} build failed (exit ${code}):\n${Buffer.concat(output).toString().slice(-4_000)}`))
    })
  })
}

/** Taro tells no percentage, so the bar goes by the time of the last build and waits at the end. */
function bar(target: Target, seconds: number, expected: number): string {
  const part = expected === 0 ? 1 : Math.min(0.98, seconds / expected)
  const full = Math.round(part * WIDTH)
  return `\rBuilding ${target} pages [${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}] ${seconds.toFixed(0)} s `
}

function readStamp(file: string): { hash: string; seconds: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function hashOf(paths: readonly string[]): string {
  // A release holds the address of its BFF and its own appid, so others are another build.
  const { FAPAI_API_ORIGIN = '', FAPAI_APPID = '', FAPAI_BANK_APP = '' } = process.env
  const hash = createHash('sha256').update(`${FAPAI_API_ORIGIN} ${FAPAI_APPID} ${FAPAI_BANK_APP}`)
  for (const file of paths.flatMap(filesBelow))
    hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function filesBelow(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (stat.isFile()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}

if (require.main === module) {
  const target = process.argv[2] as Target
  if (!TARGETS.includes(target) || process.argv.length > 3) {
    console.error(`say one of ${TARGETS.join(', ')}`)
    process.exit(2)
  }
  buildPages(target, (line) => process.stdout.write(line)).then(
    (built) => console.log(built ? `dist/${target} is ready` : `dist/${target} was up to date`),
    (error) => {
      console.error(`\n${error.message}`)
      process.exit(1)
    },
  )
}
