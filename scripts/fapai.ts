// Of others nothing: who asks for help reads no server.
import { FAILED, HELP, helpOf, helpOfAll, type Tool } from './help'

/**
 * `fapai <command>`: everything that runs where the server is installed, without the development packages. Compiled by
 * `npm run build:server`, it is dist/fapai. A command is a line here and one in help.ts.
 */
const COMMANDS: Record<Tool, () => Promise<unknown>> = {
  start: async () => (await import('../server/main')).runBff(),
  migrate: () => import('./migrate'),
  operator: () => import('./operator'),
  deal: () => import('./deal'),
  reconcile: () => import('./reconcile'),
  audit: () => import('./audit'),
  recount: () => import('./recount'),
  prune: () => import('./prune'),
  archive: () => import('./archive'),
  'verify-deck': () => import('./verify-deck'),
}

const isTool = (name: string): name is Tool => Object.hasOwn(HELP, name)
const HELPS = ['help', '--help', '-h']

function main([name, ...rest]: readonly string[]): unknown {
  if (name === undefined || HELPS.includes(name)) {
    console.log(helpOfAll())
    process.exitCode = name === undefined ? FAILED : 0
    return
  }
  if (!isTool(name)) return refuse(`there is no command ${name}; fapai --help lists them`)
  if (HELPS.slice(1).some((word) => rest.includes(word))) return console.log(helpOf(name))
  if (name === 'start' && rest.length > 0)
    return refuse('fapai start takes no options: the environment says all (docs/OPERATIONS.md)')
  // Each reads what follows its own name.
  process.argv.splice(2, 1)
  return COMMANDS[name]()
}

function refuse(sentence: string): void {
  console.error(sentence)
  process.exitCode = FAILED
}

main(process.argv.slice(2))
