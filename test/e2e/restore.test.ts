import { type Drilled, drill, faultsOf, type Restored, restoreMissing } from '../../chaos/restore'

const missing = restoreMissing()
if (missing) console.warn(missing)

;(missing ? describe.skip : describe)('the database is lost while people pay', () => {
  it('and the house comes back by its log, to the end or to a moment, and by a dump: nothing from before is lost, the books are sound, and no page hears old news', async () => {
    const ways = ['the log to its end', 'the log to a moment', 'a dump'] as const
    const drilled = await drill({ rate: 10, each: 20, ways })
    expect(faultsOf(drilled)).toEqual([])
    expect(drilled.paid).toBeGreaterThanOrEqual(60)
    expect(drilled.restored.map(({ way }) => way)).toEqual(ways)
    const [toItsEnd, toAMoment, fromADump] = drilled.restored as [Restored, Restored, Restored]
    expect(toItsEnd.lost).toBe(0)
    // What came after the moment and after the dump isn't there: these are other ways, and not the same one thrice.
    expect(toAMoment.lost).toBeGreaterThan(0)
    expect(fromADump.lost).toBeGreaterThan(toAMoment.lost)
  })
})

describe('what a drill says', () => {
  const after = { paid: 9, failed: [], heard: 2, of: 2, repeats: 0 }
  const way = {
    way: 'the log to its end',
    tookMs: 1,
    lost: 0,
    lostBefore: 0,
    ended: 0,
    audit: { clean: true, text: '' },
  }
  const drilled = (restored: object, before = { paid: 9, discounted: 1 }) =>
    faultsOf({ ...before, dumpMs: 1, restored: [{ ...way, after, ...restored }] } as Drilled)

  it('nothing, when all held', () => {
    expect(drilled({})).toEqual([])
  })

  it.each([
    ['a lost payment', { lost: 1 }, 'the log to its end: 1 payments are lost'],
    ['one from before the copy', { lostBefore: 1 }, 'the log to its end: 1 payments from before it are lost'],
    ['unsound books', { audit: { clean: false, text: 'I4' } }, 'the log to its end: I4'],
    ['who could not pay', { after: { ...after, failed: ['503'] } }, 'the log to its end: 503'],
    ['that nobody did', { after: { ...after, paid: 0 } }, 'the log to its end: nobody paid afterwards'],
    ['unheard news', { after: { ...after, heard: 1 } }, 'the log to its end: the merchant’s page heard 1 of 2'],
    ['news told twice', { after: { ...after, repeats: 3 } }, 'the log to its end: the merchant’s page heard 3 again'],
    [
      'a page that had nothing to hear',
      { after: { ...after, heard: 0, of: 0 } },
      'the log to its end: nothing was paid at the merchant whose page listens',
    ],
  ])('%s', (_what, restored, said) => {
    expect(drilled(restored)).toEqual([said])
  })

  it('that it was none: nobody paid before the loss, or without a card', () => {
    expect(drilled({}, { paid: 0, discounted: 0 })).toEqual([
      'nobody paid before the loss, so nothing was lost: this was no drill',
    ])
    expect(drilled({}, { paid: 9, discounted: 0 })).toEqual([
      'none of 9 payments before the loss had a discount: no card was tried',
    ])
  })
})
