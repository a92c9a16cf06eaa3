import fc from 'fast-check'
import { textFault, tidied } from '../../server/domain/text'

const fault = (text: string) => textFault(tidied(text), 1, 20)

describe('a text that people write for people', () => {
  it.each([
    ['a control character', 'bell\u0007'],
    ['a line break', 'one\ntwo'],
    ['a tab', 'one\ttwo'],
    ['nothing but zero-width characters', '\u200b\u200b'],
    ['a zero-width joiner', '老街\u200d面馆'],
    ['a byte order mark inside', '老街\ufeff面馆'],
    ['a right-to-left override', '店\u202e岗'],
    ['a right-to-left isolate', '店\u2067岗'],
    ['a soft hyphen', '老街\u00ad面馆'],
    ['a Hangul filler', '\u3164'],
    ['a variation selector', '葛\u{e0100}记'],
    ['a tag', 'a\u{e0041}'],
    ['half of a surrogate pair', 'a\ud83d'],
    ['a letter for private use', '\ue000记'],
    ['what an earlier reader couldn’t read', '阿婆豆\ufffd'],
    ['a line separator', 'a\u2028b'],
  ])('with %s holds a hidden character', (_, text) => {
    expect(fault(text)).toBe('hidden-character')
  })

  it.each([
    ['no-break', '\u00a0'],
    ['ideographic', '\u3000'],
    ['em', '\u2003'],
    ['narrow no-break', '\u202f'],
    ['braille', '\u2800'],
  ])('with a %s blank inside has an odd blank', (_, blank) => {
    expect(fault(`老街${blank}面馆`)).toBe('odd-blank')
  })

  it('loses blanks of any kind at its ends, and keeps plain ones inside', () => {
    expect(tidied('\u3000 老街 面馆\u00a0\t\ufeff')).toBe('老街 面馆')
    expect(fault('\u3000 老街 面馆\u00a0')).toBeUndefined()
    expect(fault(' \u3000\u00a0')).toBe('too-short')
  })

  it('has one spelling, however it was composed', () => {
    expect(tidied('cafe\u0301')).toBe('caf\u00e9')
    expect(tidied('\uf900')).toBe('\u8c48')
  })

  it('is measured in characters, also those beyond the first plane', () => {
    expect(fault('𠮷'.repeat(20))).toBeUndefined()
    expect(fault('𠮷'.repeat(21))).toBe('too-long')
  })

  it('once tidied and taken is taken again as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 24 }), (text) => {
        const once = tidied(text)
        expect(tidied(once)).toBe(once)
        if (textFault(once, 1, 20) === undefined) expect(once).not.toMatch(/[\p{Cc}\p{Cf}]|[^\P{Z} ]|^ | $/u)
      }),
      { numRuns: 2_000 },
    )
  })
})
