import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/**
 * `npm test`: types, style, then every test. Arguments go on to jest: `npm test -- test/domain`, `npm test -- -t 'odd fen'`.
 * Every step runs, so that one run shows all faults; the last line counts the tests; exit code 0 only if all is well.
 */

const ROOT = join(__dirname, '..')

/** jest's own workers, besides its main process. Two: some tests start databases, and more of them only wait for each other. */
const WORKERS = 2

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** The parts of jest's `--json` report that are counted. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  /** files that failed before their first test: a syntax error, a throwing import */
  numRuntimeErrorTestSuites: number
}

/** What some tests need of the machine, and where it is; without it they skip and say so. */
const NEEDED: { name: string; without: string; find: () => string | undefined }[] = [
  { name: 'redis-server', without: 'tests on real Redis skip', find: () => onPath('redis-server') },
  { name: 'PostgreSQL', without: 'tests on real PostgreSQL skip', find: () => onPath('postgres') ?? debianPostgres() },
  {
    name: 'Chromium',
    without: 'tests in a browser skip',
    find: () => onPath('chromium') ?? onPath('chromium-browser'),
  },
]

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/** Debian keeps the server's binaries off the path, a folder a version: the newest. */
function debianPostgres(): string | undefined {
  const versions = '/usr/lib/postgresql'
  if (!existsSync(versions)) return undefined
  return readdirSync(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, 'bin', 'postgres'))
    .find((file) => existsSync(file))
}

/** Runs one of the repository's own tools in the foreground; resolves with whether it was content. */
function run(tool: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules', '.bin', tool), args, { cwd: ROOT, stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0))
  })
}

async function step(title: string, work: () => Promise<boolean>, failures: string[]): Promise<void> {
  console.log(`\n── ${title}`)
  if (!(await work())) failures.push(title)
}

/**
 * Runs jest projects and adds their counts. A file that could not run counts as one failed test, and so does a jest that
 * left no report. The caller's arguments come first: `--selectProjects` takes every word that follows it.
 */
async function jest(projects: string[], options: string[], report: string, counts: Counts): Promise<boolean> {
  const own = ['--selectProjects', ...projects, '--passWithNoTests', '--json', `--outputFile=${report}`, ...options]
  const ok = await run('jest', [...process.argv.slice(2), ...own])
  if (!existsSync(report)) {
    if (!ok) counts.failed++
    return ok
  }
  const found: Report = JSON.parse(readFileSync(report, 'utf8'))
  counts.passed += found.numPassedTests
  counts.failed += found.numFailedTests + found.numRuntimeErrorTestSuites
  counts.skipped += found.numPendingTests + found.numTodoTests
  return ok
}

async function main(): Promise<void> {
  for (const { name, without, find } of NEEDED) console.log(`${name}: ${find() ?? `not found, ${without}`}`)
  const reports = mkdtempSync(join(tmpdir(), 'fapai-test-'))
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  try {
    await step('types (tsc)', () => run('tsc', ['--noEmit']), failures)
    await step('style (biome)', () => run('biome', ['check', '.']), failures)
    const workers = `--maxWorkers=${WORKERS}`
    const units = () => jest(['server', 'pages'], [workers], join(reports, 'units.json'), counts)
    await step('tests of server and pages (jest)', units, failures)
    // Last and one at a time: each starts whole servers, and some a browser.
    const whole = () => jest(['e2e'], ['--runInBand'], join(reports, 'e2e.json'), counts)
    await step('tests of the whole (jest, one at a time)', whole, failures)
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
  if (failures.length > 0) console.log(`\nnot content: ${failures.join(', ')}`)
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

void main()
