const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers')
const { ModuleMocker } = require('jest-mock')

/** What jest's runner keeps of a file under symbols of the world: its tests, and who hears of each of them. */
const RUNNERS = new Set(['JEST_STATE_SYMBOL', 'EVENT_HANDLERS'])

/**
 * A test file runs in the worker's own world instead of in a context of its own: what the product's modules and packages are is read
 * once for a worker (runtime.cjs), not once for each of three hundred files, which was half of what the whole suite took. What a file
 * changes of the world is put back after it.
 */
module.exports = class OneWorld {
  constructor(told, context) {
    const { projectConfig } = told
    this.global = globalThis
    this.global.global = globalThis
    this.before = world()
    this.enter(told, context)
    this.moduleMocker = new ModuleMocker(globalThis)
    const timerConfig = { idToRef: (id) => id, refToId: (ref) => ref }
    this.fakeTimers = new LegacyFakeTimers({
      config: projectConfig,
      global: globalThis,
      moduleMocker: this.moduleMocker,
      timerConfig,
    })
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis })
  }

  /** What kinds of world add to it, before a test's mocks and timers are made. */
  enter() {}

  async setup() {}

  async teardown() {
    this.moduleMocker.restoreAllMocks()
    this.fakeTimers.dispose()
    this.fakeTimersModern.dispose()
    putBack(this.before)
  }

  exportConditions() {
    return ['node', 'node-addons']
  }

  /** None: runtime.cjs compiles for this one. */
  getVmContext() {
    return null
  }
}

function world() {
  return {
    globals: new Map(
      Object.getOwnPropertyNames(globalThis).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
    ),
    env: { ...process.env },
    exit: process.exit,
    exitCode: process.exitCode,
    cwd: process.cwd(),
    listeners: new Map(process.eventNames().map((event) => [event, process.listeners(event)])),
  }
}

function putBack({ globals, env, exit, exitCode, cwd, listeners }) {
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!globals.has(name)) delete globalThis[name]
  for (const symbol of Object.getOwnPropertySymbols(globalThis))
    if (RUNNERS.has(symbol.description)) delete globalThis[symbol]
  for (const [name, descriptor] of globals)
    if (descriptor.configurable) Object.defineProperty(globalThis, name, descriptor)
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value
  process.exit = exit
  process.exitCode = exitCode
  if (process.cwd() !== cwd) process.chdir(cwd)
  for (const event of process.eventNames()) {
    const kept = listeners.get(event) ?? []
    for (const one of process.listeners(event)) if (!kept.includes(one)) process.removeListener(event, one)
  }
}
