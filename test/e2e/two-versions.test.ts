import { faultsOf, twoVersions, twoVersionsMissing, type Upgraded } from '../../chaos/two-versions'
import { commitBefore } from '../../harness/version-before'

const missing = twoVersionsMissing()
if (missing) console.warn(missing)

;(missing ? describe.skip : describe)('the version before, as it was, and this one', () => {
  it('serve side by side on the schema that this one made, back and forth, until the upgrade is ended: no payment fails, and each audit is clean', async () => {
    const upgraded = await twoVersions({ rate: 8, each: 12 })
    expect(faultsOf(upgraded)).toEqual([])
  })

  it('are of one history: who asks for a commit that it hasn’t is told so', () => {
    expect(commitBefore('no-such-commit')).toEqual({
      missing: 'skipped: two versions (BEFORE=no-such-commit is no commit in this history)',
    })
  })
})

it('an upgrade that tried nothing is none', () => {
  const feed = { of: 1, heard: 1, repeats: 0 }
  const audits = [{ by: 'new' as const, clean: true, text: '' }]
  const fine = { paid: 9, failed: [], discounted: 2, tookMs: 900, feed, audits }
  const names = [
    'the old one',
    'the old one, migrated',
    'both',
    'back to the old one',
    'the new one',
    'the new one, contracted',
  ] as const
  const before = { said: '', since: ['9999-step'] }
  const upgraded: Upgraded = {
    before,
    phases: names.map((name) => ({ ...fine, name })),
    afterwards: null,
    breaks: false,
  }
  expect(faultsOf(upgraded)).toEqual([])
  expect(faultsOf({ ...upgraded, before: { said: '', since: [] } })).toHaveLength(1)
  expect(faultsOf({ ...upgraded, phases: upgraded.phases.slice(1) })).toEqual(["the old one: wasn't tried"])
  expect(faultsOf({ ...upgraded, breaks: true })).toHaveLength(1)
  expect(faultsOf({ ...upgraded, afterwards: 'too new' })).toHaveLength(1)
  const [first, ...rest] = upgraded.phases
  const worse = { ...first!, failed: ['no'], audits: [{ ...audits[0]!, clean: false }], feed: { ...feed, repeats: 1 } }
  expect(faultsOf({ ...upgraded, phases: [worse, ...rest] })).toHaveLength(3)
})
