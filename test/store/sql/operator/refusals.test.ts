import type { Deed } from '../../../../server/flow/ports'
import { refusalsBy, WRITTEN_A_MINUTE } from '../../../../server/store/sql/operator/refusals'

describe('what operators tried and may not', () => {
  const written: Deed[] = []
  const refused = refusalsBy(async (deed) => void written.push(deed))
  const trying = (at: number, { username = 'viewer', action = 'access.refuse' } = {}) =>
    refused({ at, username, action, subject: 'permission/brakeAll', after: { code: 'role-refused' } })
  beforeEach(() => written.splice(0))

  it('is written ten times a minute of one operator and kind, and of another all the same', async () => {
    for (let nth = 0; nth < 1_000; nth++) await trying(nth)
    expect(written).toHaveLength(WRITTEN_A_MINUTE)
    await trying(1_000, { action: 'change.refuse' })
    await trying(1_000, { username: 'maker' })
    expect(written.slice(WRITTEN_A_MINUTE).map((one) => `${one.username} ${one.action}`)).toEqual([
      'viewer change.refuse',
      'maker access.refuse',
    ])
  })

  it('says in the next entry how many weren’t, once, also when the clock was set back', async () => {
    await trying(59_999)
    expect(written).toEqual([])
    await trying(60_000)
    await trying(60_001)
    expect(written.map(({ after }) => after)).toEqual([
      { code: 'role-refused', unwritten: 1_000 - WRITTEN_A_MINUTE + 1 },
      { code: 'role-refused' },
    ])
    for (let nth = 0; nth < 20; nth++) await trying(60_002)
    await trying(0)
    expect(written.at(-1)!.after).toEqual({ code: 'role-refused', unwritten: 12 })
  })
})
