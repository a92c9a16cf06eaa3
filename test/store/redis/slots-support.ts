import { rm } from 'node:fs/promises'
import { temporaryDir } from '../../../harness/redis'
import type { DeckId } from '../../../server/domain/deck'

let decks = 0
/** A deck no other test has. */
export function newDeck(): DeckId {
  return { campaignId: `C${++decks}`, merchantCode: 'M0001', businessDate: '2026-11-21' }
}

/** Asks until it is so; a test that waits in vain fails by its own timeout's message. */
export async function eventually(isSo: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not so within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const endings: (() => unknown)[] = []
/** Has it run when the test is over, passed or failed: a server left behind would keep jest from ending. */
export function finallyDo(ending: () => unknown): void {
  endings.push(ending)
}
afterEach(async () => {
  while (endings.length > 0) await endings.pop()!()
})

/** A directory for one test. */
export async function testDir(): Promise<string> {
  const dir = await temporaryDir()
  finallyDo(() => rm(dir, { recursive: true, force: true }))
  return dir
}
