/** The end of a switch that names every case; the types say that nothing comes here. @throws Error when something does */
export function never(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
