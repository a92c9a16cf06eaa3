import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeptMap, keeper } from '../../server/sandbox/kept'

describe('books of a sandbox', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-kept-'))
  const file = join(dir, 'journal.jsonl')
  afterAll(() => rmSync(dir, { recursive: true }))
  const opened = () => {
    const [balances, moves] = [new KeptMap<{ fen: number }>(), [] as number[]]
    return { balances, moves, ...keeper(dir, { balances }, { moves }) }
  }
  const move = (books: ReturnType<typeof opened>, fen: number) => {
    books.balances.get('payer')!.fen -= fen
    books.balances.get('shop')!.fen += fen
    books.moves.push(fen)
  }

  it('are written a change at a time, whole or not at all, and only where something changed', () => {
    const books = opened()
    for (const name of ['payer', 'shop']) books.balances.set(name, { fen: 100 })
    expect(books.keep()).toHaveLength(2)
    move(books, 30)
    expect(books.keep()).toEqual(['payer', 'shop'].map((key) => ({ name: 'balances', key })))
    const length = readFileSync(file).length
    books.balances.get('payer')
    expect(books.keep()).toEqual([])
    expect(readFileSync(file)).toHaveLength(length)

    move(books, 5)
    books.keep()
    truncateSync(file, readFileSync(file).length - 3)
    const after = opened()
    expect([[...after.balances], after.moves]).toEqual([
      [
        ['payer', { fen: 70 }],
        ['shop', { fen: 130 }],
      ],
      [30],
    ])
    move(after, 1)
    after.keep()
    expect(opened().moves).toEqual([30, 1])
  })

  it('with a hole are refused', () => {
    appendFileSync(file, 'x\n[]\n')
    expect(opened).toThrow(`a journal of the sandbox is damaged at ${file}:`)
  })
})
