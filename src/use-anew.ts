import { useState } from 'react'

/**
 * A state that begins anew whenever `of` is another. While it is rendered and not by an effect: on a slow machine an effect comes after the first
 * letters that somebody typed, and takes them away.
 */
export function useAnew<T>(first: T, of: unknown = first) {
  const [was, setWas] = useState(of)
  const state = useState(first)
  if (was !== of) {
    setWas(of)
    state[1](first)
  }
  return state
}
