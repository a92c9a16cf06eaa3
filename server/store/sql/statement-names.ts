/**
 * By which text each name of a statement is known in this process. A connection keeps a statement by its name, so under one that another text
 * has it is refused, or, on the embedded ledger, the other is run: but only where both come to one connection, which seldom is a test's. So
 * names are looked at before connections are.
 */

/** PostgreSQL cuts a longer name off without a word, and two may then be one; a connection's number comes behind it. */
const LONGEST = 63 - '-999999999'.length

const texts = new Map<string, string>()

/** A name that stands for two texts, or is too long to stand for one: a bug. */
export class SharedName extends Error {
  override name = 'SharedName'
}

/** Whether a name is this text's own, and so may be kept; `onShared` is told once of one that isn't, or without it that is thrown. */
export function namesOf(onShared?: (name: string) => void): (name: string, text: string) => boolean {
  const told = new Set<string>()
  return (name, text) => {
    const known = texts.get(name)
    if (known === undefined && name.length <= LONGEST) texts.set(name, text)
    else if (known !== text) {
      if (!onShared) throw new SharedName(faultOf(name))
      if (!told.has(name)) onShared(name)
      told.add(name)
      return false
    }
    return true
  }
}

function faultOf(name: string): string {
  return name.length > LONGEST
    ? `the name of the statement “${name}” has ${name.length} letters, more than ${LONGEST}`
    : `two statements are called “${name}”: a name is of one text`
}
