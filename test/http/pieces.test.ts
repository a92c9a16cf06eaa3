import { Gathered } from '../../server/http/pieces'

const SIZES = [1, 3, 100, 16_383, 16_384, 70_000]

it.each([
  ['a byte at a time', Array<number>(200_000).fill(1)],
  ['in one', [300_000]],
  ['small and large by turns', Array.from({ length: 600 }, (_, i) => SIZES[i % SIZES.length]!)],
  ['as much as a block holds, and a byte', [...Array<number>(64).fill(1), ...Array<number>(8).fill(8_192), 1]],
  ['empty', []],
])('what comes %s is all there, in its order and in few pieces', (_, sizes) => {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const sent = Buffer.alloc(total)
  for (let i = 0; i < total; i++) sent[i] = (i * 7_919) % 251
  const gathered = new Gathered()
  let at = 0
  for (const size of sizes) {
    gathered.push(sent.subarray(at, at + size))
    at += size
  }
  const pieces = gathered.all()
  expect(Buffer.concat(pieces).equals(sent)).toBe(true)
  const large = sizes.filter((size) => size >= 16_384).length
  expect(pieces.length).toBeLessThanOrEqual(64 + 2 * large + Math.ceil(total / (65_536 - 16_384)))
})
