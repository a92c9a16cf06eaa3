import { act, cleanup, render } from '@testing-library/react'
import { encode } from 'uqr'
import { drawPoster, POSTER } from '../../src/pages/poster/draw'
import PosterPage from '../../src/pages/poster/index'
import { pdfOf, pdfWriter } from '../../src/pages/poster/pdf'
import { fake } from '../support/taro'
import { bff, merchant, problem } from '../support/taro-bff'

afterEach(cleanup)

const latin = (...parts: Uint8Array[]) => Buffer.concat(parts).toString('latin1')

it.each([
  ['A6', '[0 0 297.64 419.53]'],
  ['A4', '[0 0 595.28 841.89]'],
] as const)('a PDF of %s is one page of that size, and every place in it is where it is said to be', (paper, box) => {
  const jpeg = Uint8Array.from({ length: 1_000 }, (_, i) => i % 256)
  const text = latin(...pdfOf(jpeg, POSTER, paper))
  expect(text.startsWith('%PDF-1.4\n')).toBe(true)
  expect(text.match(/\/MediaBox (\[.*?\])/)![1]).toBe(box)
  // what a viewer reads by: the table's place at the end, and each object's place in the table
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
  expect(text.slice(table, table + 5)).toBe('xref\n')
  const places = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((one) => Number(one[1]))
  expect(places.map((place) => text.slice(place, place + 7))).toEqual([1, 2, 3, 4, 5].map((one) => `${one} 0 obj`))
  for (const [, length, begin] of [...text.matchAll(/\/Length (\d+) >>\nstream\n()/g)].map((m) => [
    m[0],
    Number(m[1]),
    m.index + m[0].length,
  ]))
    expect(text.slice(Number(begin) + Number(length)).startsWith('\nendstream')).toBe(true)
  expect(text).toContain(latin(jpeg))
})

it('a PDF of many pages has each of them once, in their order', () => {
  const pdf = pdfWriter('A4')
  const parts = [1, 2, 3].flatMap((byte) => pdf.page(new Uint8Array(4).fill(byte), POSTER))
  const text = latin(...parts, ...pdf.end())
  expect(text).toContain('/Kids [3 0 R 6 0 R 9 0 R] /Count 3')
  expect([...text.matchAll(/\/DCTDecode \/Length 4 >>\nstream\n(.)/g)].map(([, byte]) => byte)).toEqual([
    '\u0001',
    '\u0002',
    '\u0003',
  ])
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
  const places = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((one) => Number(one[1]))
  expect(places.map((place) => text.slice(place).split(' ')[0])).toEqual(places.map((_, i) => String(i + 1)))
})

/** Writes down what is drawn; each letter is as wide as it is high. */
function drawn(shop: Partial<typeof merchant> = {}) {
  const words = new Map<string, number>()
  const dots: { x: number; y: number; side: number }[] = []
  let px = 0
  const pen = {
    set font(font: string) {
      px = Number(/(\d+)px/.exec(font)![1])
    },
    measureText: (text: string) => ({ width: [...text].length * px }),
    fillText: (text: string) => void words.set(text, px),
    fillRect() {},
    beginPath() {},
    fill() {},
    rect: (x: number, y: number, side: number) => void dots.push({ x, y, side }),
  }
  drawPoster(pen as unknown as CanvasRenderingContext2D, { ...merchant, ...shop }, 'https://pay.example/q/M0001')
  return { words, dots }
}

it('a poster says whose it is, with what one can pay, and to look before paying', () => {
  const { words } = drawn()
  expect([...words.keys()]).toEqual([
    '南城银行',
    '扫码付款',
    '本行账户',
    '老街牛肉面',
    '城南支行 · M0001',
    '付款前请核对店名',
  ])
})

it('a long name is written smaller and never cut', () => {
  const name = '老街'.repeat(32)
  const px = drawn({ name }).words.get(name)!
  expect(px * 64).toBeLessThanOrEqual(POSTER.width)
  expect(drawn().words.get(merchant.name)).toBeGreaterThan(4 * px)
})

it('its code is made of whole dots and has the white around it that readers want', () => {
  const { dots } = drawn()
  const { side } = dots[0]!
  const { data } = encode('https://pay.example/q/M0001', { ecc: 'H', border: 0 })
  expect(dots).toHaveLength(data.flat().filter(Boolean).length)
  for (const { x, y, side: one } of dots) expect([x, y, one].every(Number.isInteger)).toBe(true)
  expect(new Set(dots.map((dot) => dot.side))).toEqual(new Set([side]))
  const xs = dots.map(({ x }) => x)
  expect(Math.min(...xs)).toBeGreaterThanOrEqual(4 * side)
  expect(Math.max(...xs) + 5 * side).toBeLessThanOrEqual(POSTER.width)
  expect(Math.min(...dots.map(({ y }) => y))).toBeGreaterThanOrEqual(560 + 4 * side)
})

it('a shop that isn’t there has none', async () => {
  fake.reset()
  fake.params = { merchant: 'M9999' }
  fake.answer = bff({ 'GET /api/merchants/M9999': () => problem(404, 'merchant-not-found') })
  await act(async () => void render(<PosterPage />))
  expect(document.querySelector('.notice')?.textContent).toBe('!没有找到这家商户请从收款记录里打开')
})
