import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import { dayOf, reconciliation } from '../../support/console-desk'

setUp()

const DAY = '2026-11-20'
const seen = { sha256: 'cd'.repeat(32), lines: 12, seenAt: '2026-11-21T01:00:00.000Z' }
const undecided = { ...seen, by: null, note: null }
const decided = { ...seen, by: 'checker', note: '误发' }
const calm = { openCount: 0, differences: [] }

function at(reissued: typeof undecided | typeof decided) {
  let now: typeof undecided | typeof decided = reissued
  return serve({
    'GET /admin/reconciliations': () => ({ data: { items: [dayOf({ openCount: 0 })], channels: ['bank'] } }),
    [`GET /admin/reconciliations/${DAY}`]: () => ({
      data: reconciliation({ ...calm, reissued: now, settled: now.by !== null }),
    }),
    [`GET /admin/reconciliations/${DAY}/differences`]: () => ({ data: { items: [] } }),
    [`POST /admin/reconciliations/${DAY}/keep`]: () => {
      now = decided
      return { data: reconciliation({ ...calm, reissued: now, settled: true }) }
    },
  })
}

describe('a day whose statement was issued anew', () => {
  it('can’t be signed until a checker has said why the first one counts', async () => {
    const desk = at(undecided)
    await openConsole(`reconciliation/${DAY}`, { username: 'checker', roles: ['checker'] })
    expect(main()).toContain('还不能签字：银行重发了内容不同的对账单。')
    expect(main()).toContain('看到银行另有一份这一天的对账单（12 行，原来 11 行）')
    await press('以原对账单为准')
    const dialog = within(screen.getByRole('dialog'))
    fireEvent.change(dialog.getByRole('textbox'), { target: { value: '误发' } })
    await then(() => fireEvent.click(dialog.getByRole('button', { name: '以原对账单为准' })))
    expect(desk.sent(`POST /admin/reconciliations/${DAY}/keep`).map(({ body }) => body)).toEqual([
      { sha256: seen.sha256, note: '误发' },
    ])
    expect(main()).toContain('checker 决定以原来的为准。说明：误发')
    expect(main()).not.toContain('还不能签字')
    expect(screen.queryByRole('button', { name: '以原对账单为准' })).toBeNull()
  })

  it('is shown to others without the key', async () => {
    at(undecided)
    await openConsole(`reconciliation/${DAY}`, { username: 'maker', roles: ['maker'] })
    expect(main()).toContain('由复核岗处理')
    expect(screen.queryByRole('button', { name: '以原对账单为准' })).toBeNull()
  })
})
