import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Trades } from './trades'

type Books = Pick<Trades, 'trades' | 'refunds' | 'movements' | 'balances'>

/** Takes up the books of a run before, and answers what keeps them: whole, in one file, when anything of them has changed. */
export function keeper(books: Books, file: string): () => void {
  let kept = read(file)
  if (kept !== '') {
    const { trades, refunds, movements, balances } = JSON.parse(kept)
    for (const name of ['trades', 'refunds', 'balances'] as const)
      for (const [key, value] of { trades, refunds, balances }[name])
        (books[name] as Map<string, unknown>).set(key, value)
    books.movements.push(...movements)
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return () => {
    const { trades, refunds, movements, balances } = books
    const now = JSON.stringify({ trades: [...trades], refunds: [...refunds], movements, balances: [...balances] })
    if (now === kept) return
    kept = now
    writeFileSync(`${file}.part`, now, { mode: 0o600 })
    renameSync(`${file}.part`, file)
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return ''
  }
}
