import type { ServerResponse } from 'node:http'
import { type Journal, noJournal, openJournal } from './journal'

/** Books of a wallet's sandbox that outlive its process, as the bank's do: what a verb has changed is one line of a journal. */

/** A map that remembers which of its values were put in or handed out: nothing else can have changed. */
export class KeptMap<V> extends Map<string, V> {
  readonly touched = new Set<string>()

  override get(key: string): V | undefined {
    this.touched.add(key)
    return super.get(key)
  }

  override set(key: string, value: V): this {
    this.touched.add(key)
    return super.set(key, value)
  }
}

/** Values of maps under their keys, and items of lists, which are only ever added (key null). */
type Change = [name: string, key: string | null, value: unknown]

export interface Keeper {
  /** Writes down what has changed, all of it or nothing, and answers which keys of which maps did. */
  keep(): { name: string; key: string }[]
  close(): void
}

/**
 * Takes up what a run before has kept in `folder`; null: nowhere. `maps` and `lists` must be empty.
 * @throws Error when the journal is damaged
 */
export function keeper(
  folder: string | null,
  maps: Record<string, KeptMap<unknown>>,
  lists: Record<string, unknown[]>,
): Keeper {
  const journal: Journal<Change[]> = folder === null ? noJournal : openJournal<Change[]>(folder)
  for (const [name, key, value] of journal.facts.flat())
    if (key === null) lists[name]!.push(value)
    else maps[name]!.set(key, value)
  /** of each value as it was written last; of a list, how many of its items were */
  const written = new Map<string, string>()
  const lengths = new Map(Object.entries(lists).map(([name, list]) => [name, list.length]))

  function changes(): Change[] {
    const changed: Change[] = []
    for (const [name, map] of Object.entries(maps)) {
      for (const key of [...map.touched]) {
        const value = map.get(key)
        const text = JSON.stringify(value)
        if (text === undefined || written.get(`${name} ${key}`) === text) continue
        written.set(`${name} ${key}`, text)
        changed.push([name, key, value])
      }
      map.touched.clear()
    }
    for (const [name, list] of Object.entries(lists)) {
      changed.push(...list.slice(lengths.get(name)).map((value): Change => [name, null, value]))
      lengths.set(name, list.length)
    }
    return changed
  }
  changes()

  return {
    keep() {
      const changed = changes()
      if (changed.length > 0) journal.append(changed)
      return changed.flatMap(([name, key]) => (key === null ? [] : [{ name, key }]))
    },
    close: journal.close,
  }
}

/** Nobody is answered before what they brought about is written down. */
export function keptFirst(response: ServerResponse, keep: () => void): void {
  const { writeHead } = response
  response.writeHead = ((...head: Parameters<typeof writeHead>) => {
    keep()
    return writeHead.apply(response, head)
  }) as typeof writeHead
}
