import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { clearTracesJob } from '../../server/job/clear-traces'
import { statementFiles, statementsPath } from '../../server/store/statement-files'

const NOW = Date.parse('2026-11-20T12:00:00+08:00')
const DAY_MS = 86_400_000

describe('files of statements', () => {
  let data: string
  let dir: string
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'fapai-statements-'))
    dir = statementsPath({ dataDir: data })
    mkdirSync(dir)
  })
  afterEach(() => rmSync(data, { recursive: true, force: true }))

  const put = (name: string, ageMs: number) => {
    writeFileSync(join(dir, name), name)
    const at = (NOW - ageMs) / 1_000
    utimesSync(join(dir, name), at, at)
  }
  const left = () => readdirSync(dir).sort()

  it('go a month after they came, of every channel, whatever day they are of', async () => {
    const old = [
      'bank-2026-10-10-0123456789ab.txt',
      'wechatpay-2026-11-19-none.csv',
      'wechatpay-2026-10-10-0123456789ab.csv',
      'alipay-2026-10-10-0123456789ab.csv',
      'unionpay-2026-10-10-0123456789ab.txt',
    ]
    for (const name of old) put(name, 35 * DAY_MS + 1)
    put('bank-2026-10-11-0123456789ab.txt', 35 * DAY_MS - 1)
    expect(await statementFiles(dir).prune(NOW)).toBe(5)
    expect(left()).toEqual(['bank-2026-10-11-0123456789ab.txt'])
    expect(await statementFiles(dir).prune(NOW)).toBe(0)
  })

  it('go after a day where a download ended in the middle', async () => {
    put('6f1e4a3c-0000-4000-8000-0123456789ab.part', DAY_MS + 1)
    put('7f1e4a3c-0000-4000-8000-0123456789ab.part', DAY_MS - 1)
    await statementFiles(dir).prune(NOW)
    expect(left()).toEqual(['7f1e4a3c-0000-4000-8000-0123456789ab.part'])
  })

  it('are those alone that are named as one', async () => {
    const others = [
      'bank-2026-10-10.txt',
      'notes.txt',
      'xbank-2026-10-10-0123456789ab.txt',
      'bank-2026-10-10-a.txt.bak',
    ]
    for (const name of others) put(name, 400 * DAY_MS)
    mkdirSync(join(dir, 'bank-2026-10-10-0123456789ab.txt'))
    expect(await statementFiles(dir).prune(NOW + 400 * DAY_MS)).toBe(0)
    expect(left()).toHaveLength(5)
  })

  it('need none to be there', async () => {
    rmSync(dir, { recursive: true })
    expect(await statementFiles(dir).prune(NOW)).toBe(0)
    expect(existsSync(dir)).toBe(false)
  })

  it('go by the clock, with what else is kept for a time', async () => {
    put('bank-2026-10-10-0123456789ab.txt', 36 * DAY_MS)
    const none = async () => 0
    const others = { traces: { clear: none }, personCards: { forget: none }, payerDays: { forget: none } }
    const kept = { ...others, traceRetentionDays: 1, statementFiles: statementFiles(dir) }
    const onClock = (doubt: boolean) =>
      clearTracesJob(
        { ...kept, clock: { now: () => NOW, trusted: () => !doubt } } as never,
        pino({ level: 'silent' }),
      ).stop()
    await onClock(true)
    expect(left()).toHaveLength(1)
    await onClock(false)
    expect(left()).toEqual([])
  })
})
