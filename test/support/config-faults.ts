import { ConfigFaults, readConfig } from '../../server/config'

/** What `readConfig` finds wrong with an environment, a line each, which begins with the variable's name; empty: nothing. */
export function configFaults(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}
