import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { bundle } from '../harness/bundles'
import { postgresBin } from '../harness/cluster'
import { prepared } from '../harness/prepared'
import { buildPages } from './build-pages'

/**
 * `npm test`: types, style, then every test. Arguments go on to jest: `npm test -- test/domain`, `npm test -- -t 'odd fen'`.
 * Every step runs, so that one run shows all faults; at the end it says which steps and files took longest; the last line
 * counts the tests; exit code 0 only if all is well. With CI in the environment, what fails may be run again ({@link again}).
 */

const ROOT = join(__dirname, '..')

/**
 * jest's own workers, besides its main process, also where there are two processors: what takes long waits half of its time, for a
 * deadline or for a process that starts, and another's tests have the processor meanwhile.
 */
const WORKERS = 6
const SLOWEST = 10

interface Counts {
  passed: number
  /** of them those of files that failed beside all others, and passed by themselves */
  unsteady: string[]
  failed: number
  skipped: number
  files: Took[]
}

interface Took {
  name: string
  seconds: number
}

/** The parts of jest's `--json` report that are counted. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  /** files that failed before their first test: a syntax error, a throwing import */
  numRuntimeErrorTestSuites: number
  /** times in ms */
  testResults: { name: string; status: 'passed' | 'failed'; startTime: number; endTime: number }[]
}

/** What some tests need of the machine, and where it is; without it they skip and say so. */
const NEEDED: { name: string; without: string; find: () => string | undefined }[] = [
  { name: 'redis-server', without: 'tests on real Redis skip', find: () => onPath('redis-server') },
  { name: 'PostgreSQL', without: 'tests on real PostgreSQL skip', find: postgresBin },
  {
    name: 'Chromium',
    without: 'tests in a browser skip',
    find: () => onPath('chromium-headless-shell') ?? onPath('chromium') ?? onPath('chromium-browser'),
  },
]

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/** Runs one of the repository's own tools in the foreground; resolves with whether it was content. */
function run(tool: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules', '.bin', tool), args, { cwd: ROOT, stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0))
  })
}

async function step(title: string, work: () => Promise<boolean>, failures: string[]): Promise<Took> {
  const began = Date.now()
  if (!(await work())) failures.push(title)
  const seconds = (Date.now() - began) / 1_000
  console.log(`── ${title}: ${seconds.toFixed(0)} s`)
  return { name: title, seconds }
}

/** What tests copy and start, made once, so that no test waits for it and no two make it at once. */
const MADE: [string, () => Promise<unknown>][] = [
  ['databases', () => prepared(postgresBin())],
  ['programs, in one file each', bundle],
]

async function made(make: () => Promise<unknown>): Promise<boolean> {
  try {
    await make()
    return true
  } catch (error) {
    console.error((error as Error).message)
    return false
  }
}

function slowest(took: readonly Took[]): string {
  const lines = [...took].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST)
  return lines.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`).join('\n')
}

/**
 * Runs jest and counts. A file that could not run counts as one failed test, and so does a jest that left no report. The caller's
 * arguments come first: `--selectProjects` takes every word that follows it.
 */
async function jest(report: string, counts: Counts): Promise<boolean> {
  const own = [`--maxWorkers=${WORKERS}`, '--passWithNoTests', '--json', `--outputFile=${report}`]
  const ok = await run('jest', [...process.argv.slice(2), ...own])
  if (!existsSync(report)) {
    if (!ok) counts.failed++
    return ok
  }
  const found: Report = JSON.parse(readFileSync(report, 'utf8'))
  counts.passed = found.numPassedTests
  counts.failed = found.numFailedTests + found.numRuntimeErrorTestSuites
  counts.skipped = found.numPendingTests + found.numTodoTests
  counts.files = found.testResults.map(({ name, startTime, endTime }) => {
    return { name: relative(ROOT, name), seconds: (endTime - startTime) / 1_000 }
  })
  if (ok || !process.env.CI || process.argv.length > 2) return ok
  return again(
    found.testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(ROOT, name)),
    report,
    counts,
  )
}

/** More than this is no bad luck. */
const UNSTEADY = 3

/**
 * Where nobody sits who could run them again, a few files that failed are run once more, alone and one after the other: a whole
 * landing doesn't hang on one race in seven thousand tests. What passes then is named, since a test that is unsteady is a fault; what
 * fails twice fails.
 */
async function again(failed: string[], report: string, counts: Counts): Promise<boolean> {
  if (failed.length === 0 || failed.length > UNSTEADY) return false
  console.log(`\n── once more, alone: ${failed.join(', ')}`)
  rmSync(report)
  const ok = await run('jest', ['--maxWorkers=1', '--json', `--outputFile=${report}`, '--runTestsByPath', ...failed])
  if (!ok || !existsSync(report)) return false
  counts.passed += counts.failed
  counts.failed = 0
  counts.unsteady = failed
  return true
}

async function main(): Promise<void> {
  for (const { name, without, find } of NEEDED) console.log(`${name}: ${find() ?? `not found, ${without}`}`)
  const folder = mkdtempSync(join(tmpdir(), 'fapai-test-'))
  const counts: Counts = { passed: 0, unsteady: [], failed: 0, skipped: 0, files: [] }
  const failures: string[] = []
  const steps: Took[] = []
  const take = async (title: string, work: () => Promise<boolean>) => steps.push(await step(title, work, failures))
  try {
    // Who asks for some tests gets what those need, when they need it.
    const all = process.argv.length === 2
    // They take longest, and one processor at the most; who opens them waits until they are there.
    const pages = all ? take('pages', () => made(() => buildPages('h5'))) : undefined
    // Beside each other: each has one processor at the most.
    await Promise.all([
      take('types (tsc)', () => run('tsc', ['--noEmit'])),
      take('style (biome)', () => run('biome', ['check', '.'])),
      ...(all ? MADE : []).map(([what, make]) => take(what, () => made(make))),
    ])
    console.log('── tests (jest)')
    await take('tests (jest)', () => jest(join(folder, 'report.json'), counts))
    await pages
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`\n── where the time went\n${slowest(steps)}\n\nthe slowest files\n${slowest(counts.files)}`)
  if (failures.length > 0) console.log(`\nnot content: ${failures.join(', ')}`)
  for (const file of counts.unsteady)
    console.log(`\nunsteady: ${file} failed beside the others, and passed alone: mend it`)
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

void main()
