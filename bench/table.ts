import { fork } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Figure } from './figure'
import { columns } from './report'

/**
 * `npm run bench -- table [bench …] [--out FILE] [--before FILE]`: the short form of every bench, one after another in one sitting, and one
 * table of what they come to, beside that of an earlier sitting (docs/BENCH.md). Exit code 1 where one of them failed; its rows are missing.
 */

/** Short forms: some ten seconds to two minutes each. */
export const BENCHES: Readonly<Record<string, readonly string[]>> = {
  main: ['--quick'],
  deal: ['5000', '3'],
  feed: ['1', '2000'],
  beside: ['5000'],
  dearest: ['50000', '3000'],
  audit: ['50000'],
  reconcile: ['50000'],
  reports: ['50000'],
  migrate: ['100000'],
  growth: ['20000', '400'],
  sizes: ['8000', '16000', '--days', '4', '--paid', '400'],
  scale: ['800'],
  page: ['', '3'],
  console: ['20000', '10'],
  steady: ['0.5'],
}

export type Row = Figure & { bench: string }

export interface Sitting {
  at: string
  cpu: string
  cores: number
  node: string
  /** of the minute before, and of the last one: above `cores`, others were at work too */
  load: [before: number, last: number]
  rows: Row[]
}

/** The rows of a sitting; with those of one before it side by side. A ratio is compared where there is one, since it hangs less on the machine. */
export function sheet(now: Sitting, before?: Sitting): string {
  const key = ({ bench, name }: Row) => `${bench} ${name}`
  const earlier = new Map(before?.rows.map((row) => [key(row), row]))
  const gone = before?.rows.filter((row) => !now.rows.some((one) => key(one) === key(row))) ?? []
  const pairs = [
    ...now.rows.map((row) => ({ row, is: row as Row | undefined, was: earlier.get(key(row)) })),
    ...gone.map((row) => ({ row, is: undefined, was: row })),
  ]
  const head = ['bench', 'figure', ...(before ? ['before', 'ratio'] : []), before ? 'now' : 'value', 'floor', 'ratio']
  const rows = pairs.map(({ row, is, was }) => [
    row.bench,
    row.name,
    ...(before ? [shown(was, was?.value), ratioOf(was)] : []),
    shown(is, is?.value),
    shown(is, is?.floor),
    ratioOf(is),
    ...(before ? [change(is, was)] : []),
  ])
  return [...columns([before ? [...head, 'change'] : head, ...rows]), '', ...[now, before].map(told)]
    .join('\n')
    .trimEnd()
}

const NONE = '–'

function shown(row: Row | undefined, value: number | undefined): string {
  if (row === undefined || value === undefined) return NONE
  const digits = Math.abs(value) < 100 ? 1 : 0
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return row.unit === '/s' ? `${text}/s` : `${text} ${row.unit}`
}

const quotient = (row: Row | undefined) => row?.ratio ?? (row?.floor === undefined ? undefined : row.value / row.floor)
const ratioOf = (row: Row | undefined) => quotient(row)?.toFixed(2) ?? NONE

function change(is: Row | undefined, was: Row | undefined): string {
  if (is === undefined || was === undefined) return NONE
  const [a, b] = [quotient(was), quotient(is)]
  const grown = a === undefined || b === undefined ? is.value / was.value : b / a
  if (!Number.isFinite(grown)) return NONE
  const percent = Math.round((grown - 1) * 100)
  return `${percent > 0 ? '+' : ''}${percent} %`
}

function told(sitting: Sitting | undefined, i: number): string {
  if (!sitting) return ''
  const load = sitting.load.map((one) => one.toFixed(1)).join(' → ')
  return `${i === 0 ? 'now' : 'before'}: ${sitting.at}, ${sitting.cores} cores (${sitting.cpu}), node ${sitting.node}, load average ${load}`
}

/** What one bench told, or null when it failed; what it prints goes to stderr. */
function runOne(name: string, args: readonly string[]): Promise<Row[] | null> {
  const child = fork(join(__dirname, `${name}.ts`), [...args], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const rows: Row[] = []
  child.on('message', ({ figures = [] }: { figures?: Figure[] }) => {
    rows.push(...figures.map((figure) => ({ bench: name, ...figure })))
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', (code) => done(code === 0 && rows.length > 0 ? rows : null))
  })
}

/** The command, to its exit code. */
export async function sitting(args: string[]): Promise<number> {
  const options = { out: { type: 'string' }, before: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const strange = positionals.find((name) => !Object.hasOwn(BENCHES, name))
  if (strange !== undefined) {
    console.error(`there is no bench ${strange}: ${Object.keys(BENCHES).join(', ')}`)
    return 2
  }
  const before = values.before === undefined ? undefined : (JSON.parse(readFileSync(values.before, 'utf8')) as Sitting)
  const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES)
  const began = loadavg()[0]!
  const at = new Date().toISOString()
  const rows: Row[] = []
  const failed: string[] = []
  for (const name of wanted) {
    console.error(`bench: ${name} …`)
    const told = await runOne(name, BENCHES[name]!)
    if (told) rows.push(...told)
    else failed.push(name)
  }
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version }
  const now: Sitting = { at, ...machine, load: [began, loadavg()[0]!], rows }
  if (values.out !== undefined) {
    mkdirSync(dirname(values.out), { recursive: true })
    writeFileSync(values.out, `${JSON.stringify(now, null, 2)}\n`)
  }
  console.log(sheet(now, before))
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}
