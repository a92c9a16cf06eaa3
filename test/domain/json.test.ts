import { jsonOf, MAX_JSON_DEPTH, readJson, unkeepable } from '../../server/domain/json'

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

describe('JSON of strangers', () => {
  it('is read as deep as anybody means it, and not a level deeper', () => {
    expect(readJson(Buffer.from(nested(MAX_JSON_DEPTH))).kind).toBe('value')
    for (const levels of [MAX_JSON_DEPTH + 1, 7_000, 1_000_000])
      expect(readJson(Buffer.from(nested(levels)))).toEqual({ kind: 'too-deep' })
    const inObjects = `${'{"a":'.repeat(7_000)}0${'}'.repeat(7_000)}`
    expect(readJson(Buffer.from(inObjects))).toEqual({ kind: 'too-deep' })
  })

  it('is UTF-8, with a byte order mark or without, and nothing guessed', () => {
    expect(readJson(Buffer.from('\ufeff{"a":"发牌"}'))).toEqual({ kind: 'value', value: { a: '发牌' } })
    expect(readJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toEqual({ kind: 'not-utf8' })
    expect(readJson(Buffer.from('{"a":1', 'utf16le'))).toEqual({ kind: 'not-json' })
    for (const text of ['', '{', 'NaN', '{"a":\0}']) expect(readJson(Buffer.from(text))).toEqual({ kind: 'not-json' })
  })

  it('tells where the text is that no database keeps, in names as well', () => {
    expect(unkeepable({ a: [{ b: 'x' }, { b: 'a\0' }] })).toEqual(['a', '1', 'b'])
    expect(unkeepable({ a: { '\ud800': 1 } })).toEqual(['a'])
    expect(unkeepable('\udc00')).toEqual([])
    expect(unkeepable({ a: '\u{1f600}', b: null, c: 1, d: '\\u0000' })).toBeUndefined()
  })

  it('of a channel says nothing where it holds such a text', () => {
    expect(jsonOf('{"tradeNo":"B1"}')).toEqual({ tradeNo: 'B1' })
    for (const text of ['{"tradeNo":"B\\u0000"}', '{"tradeNo":"\\ud800"}', nested(7_000), 'x'])
      expect(jsonOf(text)).toBeUndefined()
  })
})
