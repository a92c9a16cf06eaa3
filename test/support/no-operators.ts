import type { Operators } from '../../server/flow/ports'

/** For tests in which no operator does anything; whoever comes all the same fails the test. */
export const noOperators: Operators = new Proxy({} as Operators, {
  get(_, verb) {
    throw new Error(`there are no operators here: ${String(verb)}`)
  },
})
