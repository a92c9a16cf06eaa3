import { newRequestId, REQUEST_ID, requestIdOf, traceParentOf } from '../../server/sight/request-id'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = (flags: string, trace = TRACE) => ({ traceparent: `00-${trace}-00f067aa0ba902b7-${flags}` })

describe('the number of a request', () => {
  it('begins with the one that it brought, and is another’s never again, however often that is sent', () => {
    const given = '9f4c2b1e-6d1e-4a52-8f0e-1f2a3b4c5d6e'
    const made = Array.from({ length: 100 }, () => requestIdOf({ [REQUEST_ID]: given }))
    for (const one of made) expect(one).toMatch(new RegExp(`^${given}\\.[0-9a-f]{8}$`))
    expect(new Set(made).size).toBe(100)
  })

  it.each([
    ['nothing', undefined],
    ['a line break', 'abcdefgh\r\n{"level":60}'],
    ['an escape for a terminal', '\u001b[31mabcdefgh'],
    ['a quote', 'abcdefgh","msg":"x'],
    ['markup', '<script>alert(1)</script>'],
    ['a path', '../../etc/passwd'],
    ['one of ours with its end', 'abcdefgh.12345678'],
    ['too little', 'abcdefg'],
    ['too much', 'a'.repeat(65)],
    ['a telephone', '13800138000'],
    ['an account', '6217880012345678901'],
    ['other letters', '请求编号请求编号'],
  ])('is one of ours where it brought %s', (_, given) => {
    expect(requestIdOf({ [REQUEST_ID]: given })).toMatch(/^[0-9a-f]{24}$/)
  })

  it('is its trace’s where it has no other, and a trace that can’t be is none', () => {
    expect(requestIdOf(parent('01'))).toMatch(new RegExp(`^${TRACE}\\.[0-9a-f]{8}$`))
    for (const bad of ['0'.repeat(32), TRACE.toUpperCase(), TRACE.slice(1)])
      expect(requestIdOf(parent('01', bad))).toMatch(/^[0-9a-f]{24}$/)
    expect(traceParentOf(parent('01'))).toEqual({ traceId: TRACE, spanId: '00f067aa0ba902b7', sampled: true })
    expect(traceParentOf(parent('00'))).toMatchObject({ sampled: false })
    for (const bad of ['', 'x', `01-${TRACE}-00f067aa0ba902b7-01`, `00-${TRACE}-${'0'.repeat(16)}-01`])
      expect(traceParentOf({ traceparent: bad })).toBeUndefined()
  })

  it('that is ours comes once', () => {
    expect(new Set(Array.from({ length: 10_000 }, newRequestId)).size).toBe(10_000)
  })
})
