import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SealDeps, sealBooks } from '../../../server/flow/audit/seal'
import type { BooksChain, DaySeal, GivenSeals } from '../../../server/flow/ports'
import { sealFile, strayLine } from '../../../server/store/seal-file'

const MIDNIGHT = Date.parse('2026-11-22T00:00:00+08:00')
const sealOf = (date: string): DaySeal => ({ date, link: Number(date.slice(-2)), at: MIDNIGHT, mac: `mac of ${date}` })

/** A chain that has sealed these days, and what it is asked for. */
function world(given: GivenSeals, days: string[], changed: Partial<SealDeps> = {}) {
  const seen = { asked: [] as (string | null)[], sealed: [] as string[], differs: [] as [string, string | null][] }
  const seals = days.map(sealOf)
  const booksChain: BooksChain = {
    async extend(_, lastOver) {
      seen.asked.push(lastOver)
      return { kind: 'nothing' }
    },
    sealsFrom: async (date, limit) => seals.filter((one) => !date || one.date >= date).slice(0, limit),
    lastSeals: async (limit) => seals.slice(-limit).reverse(),
  }
  const deps: SealDeps = {
    booksChain,
    clock: { now: () => MIDNIGHT },
    given,
    onSealed: ({ date }) => seen.sealed.push(date),
    onDiffers: ({ date }, kept) => seen.differs.push([date, kept?.mac ?? null]),
    ...changed,
  }
  return { deps, seen, seals }
}

describe('sealing the books', () => {
  let dir: string
  let path: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fapai-seals-'))
    path = join(dir, 'seals.jsonl')
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('seals a day ten minutes after it is over, and none while the clocks disagree', async () => {
    const { deps, seen } = world(sealFile(path), [])
    const at = (ms: number) => sealBooks({ ...deps, clock: { now: () => MIDNIGHT + ms } })
    await at(599_999)
    await at(600_000)
    await sealBooks({ ...deps, clock: { now: () => MIDNIGHT + 600_000, trusted: () => false } })
    expect(seen.asked).toEqual(['2026-11-20', '2026-11-21', null])
  })

  it('goes on at once where a link could not take all of it, and else waits', async () => {
    const { deps } = world(sealFile(path), [])
    const runWith = (more: boolean) =>
      sealBooks({
        ...deps,
        booksChain: { ...deps.booksChain, extend: async () => ({ kind: 'linked', seal: null, more }) },
      })
    expect([await runWith(true), await runWith(false)]).toEqual(['more', 'done'])
  })

  it('gives each day out once, whoever sealed it, into a file that nobody else reads', async () => {
    const { deps, seen, seals } = world(sealFile(path), ['2026-11-19', '2026-11-20'])
    await sealBooks(deps)
    await sealBooks(deps)
    expect(seen.sealed).toEqual(['2026-11-19', '2026-11-20'])
    const later = world(sealFile(path), ['2026-11-19', '2026-11-20', '2026-11-21'])
    await sealBooks(later.deps)
    expect(later.seen.sealed).toEqual(['2026-11-21'])
    expect(await sealFile(path).all()).toEqual([...seals, sealOf('2026-11-21')])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect([seen.differs, later.seen.differs]).toEqual([[], []])
  })

  it('raises it when a day that was given out is another now, or gone', async () => {
    await sealBooks(world(sealFile(path), ['2026-11-20']).deps)
    const other = world(sealFile(path), ['2026-11-20'])
    other.seals[0]!.mac = 'another'
    await sealBooks(other.deps)
    expect(other.seen.differs).toEqual([['2026-11-20', 'another']])
    const gone = world(sealFile(path), [])
    await sealBooks(gone.deps)
    expect(gone.seen.differs).toEqual([['2026-11-20', null]])
  })

  it('goes on after more days than one run gives out', async () => {
    const days = Array.from({ length: 130 }, (_, i) => new Date(Date.UTC(2026, 5, 1 + i)).toISOString().slice(0, 10))
    const { deps } = world(sealFile(path), days)
    expect([await sealBooks(deps), await sealBooks(deps)]).toEqual(['more', 'done'])
    expect((await sealFile(path).all()).map(({ date }) => date)).toEqual(days)
  })

  it('gives a day out again whose line a crash tore off, on a line of its own', async () => {
    await sealBooks(world(sealFile(path), ['2026-11-19']).deps)
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"date":"2026-11-2`)
    await sealBooks(world(sealFile(path), ['2026-11-19', '2026-11-20']).deps)
    expect((await sealFile(path).all()).map(({ date }) => date)).toEqual(['2026-11-19', '2026-11-20'])
    expect(await strayLine(path)).toBe(2)
  })

  it('knows a file that is none of sealed days', async () => {
    writeFileSync(path, '{"date":"2026-11-19","link":1,"at":1,"mac":"m"}\n\n')
    expect(await strayLine(path)).toBeNull()
    await expect(strayLine(join(dir, 'none'))).rejects.toThrow('ENOENT')
    expect(await sealFile(join(dir, 'none')).all()).toEqual([])
  })
})
