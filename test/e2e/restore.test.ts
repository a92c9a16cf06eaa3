import { drill, faultsOf, restoreMissing } from '../../chaos/restore'

const missing = restoreMissing()
if (missing) console.warn(missing)

;(missing ? describe.skip : describe)('a database that is lost while people pay', () => {
  it('comes back from the log to its end with everything that anybody was told, and from a dump with all that was before it', async () => {
    const drilled = await drill({ rate: 10, each: 5, ways: ['the log to its end', 'a dump'] })
    expect(faultsOf(drilled)).toEqual([])
    expect(drilled.paid).toBeGreaterThanOrEqual(15)
    expect(drilled.restored.map(({ way }) => way)).toEqual(['the log to its end', 'a dump'])
  }, 300_000)
})
