const held = new Map<string, string>()

/** A mini-program isn't reloaded by those who pay: for as long as it runs is long enough. */
export const kept = {
  get: (name: string) => held.get(name),
  set: (name: string, value: string) => void held.set(name, value),
}
