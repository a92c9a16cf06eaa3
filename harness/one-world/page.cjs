const { createRequire } = require('node:module')
const OneWorld = require('./environment.cjs')

/** jsdom is the one of jest's own environment. */
const requireOfJest = createRequire(require.resolve('jest-environment-jsdom'))
const selectors = requireOfJest('jsdom/lib/jsdom/living/helpers/selectors.js')
selectors.matchesDontThrow = byTag(selectors.matchesDontThrow)
const { JSDOM, VirtualConsole } = requireOfJest('jsdom')
const styles = requireOfJest('jsdom/lib/jsdom/living/helpers/style-rules.js')

/** What node has of the web and jsdom has not: pages don't find it, as in the oldest of web views. */
const NONE = ['fetch', 'Request', 'Response', 'BroadcastChannel', 'MessageChannel', 'TextEncoder', 'TextDecoder']
/** What stays node's: jest's fake timers replace them there. */
const NODES =
  /^(_.*|console|performance|queueMicrotask|(set|clear)(Timeout|Interval)|window|self|parent|top|frames|defaultView)$/

/**
 * A test file of pages runs in its worker's own world as well (environment.cjs): a window's names are names of that world, and the
 * window is the worker's, since packages keep its document. What a file changes of it is put back after it.
 */
module.exports = class Page extends OneWorld {
  enter({ projectConfig }, context) {
    Object.assign(globalThis, projectConfig.globals)
    page ??= open()
    page.enter(context.console)
  }

  /** React keeps the first `setImmediate` that it is given for what it hands to later, and must not be given a file's fake one. */
  async setup() {
    await super.setup()
    globalThis.IS_REACT_ACT_ENVIRONMENT = true
    await require('react').act(async () => {})
    delete globalThis.IS_REACT_ACT_ENVIRONMENT
  }

  async teardown() {
    await super.teardown()
    page.leave()
  }

  exportConditions() {
    return ['browser']
  }
}

/** The worker's one window. */
let page

function open() {
  let console
  const virtualConsole = new VirtualConsole()
  virtualConsole.on('jsdomError', (error) => console.error(error))
  const dom = new JSDOM('<!DOCTYPE html>', { pretendToBeVisual: true, url: 'http://localhost/', virtualConsole })
  const { window } = dom
  const { document } = window
  Object.defineProperty(document, 'defaultView', { configurable: true, get: () => globalThis })
  window.getComputedStyle = lazily(window.getComputedStyle)
  // What nobody in the test listens for fails it.
  window.addEventListener('error', ({ error }) => {
    if (error && listenersOf(window).error.length === 1) process.emit('uncaughtException', error)
  })
  const names = namesOf(window)
  const before = stateOf(window)
  const timers = keptTimers()
  return {
    enter(its) {
      console = its
      Object.defineProperties(globalThis, names)
      for (const name of NONE) delete globalThis[name]
      Object.assign(globalThis, timers.own)
    },
    leave() {
      timers.stop()
      const { _sessionHistory: past } = window
      past.clearHistoryTraversalTasks()
      past._currentIndex = 0
      past.removeAllEntriesAfterCurrentEntry()
      window.history.replaceState(null, '', '/')
      for (const storage of [window.localStorage, window.sessionStorage]) storage.clear()
      dom.cookieJar.removeAllCookiesSync()
      document.head.replaceChildren()
      document.body.replaceChildren()
      for (const one of [document.documentElement, document.head, document.body])
        for (const name of one.getAttributeNames()) one.removeAttribute(name)
      putBack(before)
    },
  }
}

/** jsdom's own view of one of its objects. */
const { implSymbol } = requireOfJest('jsdom/lib/jsdom/living/generated/utils.js')
const insideOf = (one) => one?.[implSymbol]
const listenersOf = (one) => insideOf(one)._eventListeners

/** A style's selector that names another tag needs no matching; jsdom would match some hundred and fifty of them for each element. */
function byTag(matches) {
  const tags = new Map()
  return (element, selector) => {
    if (!tags.has(selector)) tags.set(selector, tagsOf(selector))
    return tags.get(selector)?.has(element._localName) === false ? false : matches(element, selector)
  }
}

/** The tags that a selector ends with, or undefined where it says no such thing. */
function tagsOf(selector) {
  const ends = selector
    ?.split(',')
    .map((one) => /(?:^|[\s>+~])([a-z][a-z0-9]*)(?:\[[^\]]*\]|:[\w-]+)*$/.exec(one.trim())?.[1])
  return ends?.every(Boolean) ? new Set(ends) : undefined
}

/**
 * jsdom's answer, of which only what is asked for is worked out: a query by role wants to know of each element whether it shows, and
 * jsdom would tell it fifteen colours as well.
 */
function lazily(computed) {
  return (element, pseudo) => {
    const inside = insideOf(element)
    if (!inside || pseudo) return computed(element, pseudo)
    const worth = (name) =>
      name in styles.propertiesWithResolvedValueImplemented
        ? styles.getResolvedValue(inside, name)
        : styles.getDeclarationForElement(inside).getPropertyValue(name)
    const rest = new Proxy({}, { get: (_, name) => Reflect.get(computed(element), name) })
    return Object.create(rest, {
      display: { get: () => worth('display') },
      visibility: { get: () => worth('visibility') },
      getPropertyValue: { value: worth },
    })
  }
}

/** Timers like node's, of which none outlives its file. */
function keptTimers() {
  const started = []
  const own = {}
  for (const name of ['setTimeout', 'setInterval']) {
    const start = globalThis[name]
    own[name] = (...told) => {
      const timer = start(...told)
      started.push(timer)
      return timer
    }
  }
  return { own, stop: () => started.splice(0).forEach(clearTimeout) }
}

/** What a test may change: properties of the window and of what it is made of, and who listens. */
function stateOf(window) {
  const { document, navigator, history, location, screen } = window
  const nodes = [window, document, document.documentElement, document.head, document.body]
  const kinds = Object.getOwnPropertyNames(window)
    .filter((name) => /^[A-Z]/.test(name) && window[name] !== globalThis[name])
    .flatMap((name) => [window[name], window[name].prototype])
  return {
    properties: [...nodes, navigator, history, location, screen, ...kinds]
      .filter((one) => one instanceof Object)
      .map((one) => [one, Object.getOwnPropertyDescriptors(one)]),
    listeners: nodes.map((one) => [one, Object.entries(listenersOf(one)).map(([type, all]) => [type, [...all]])]),
  }
}

function putBack({ properties, listeners }) {
  for (const [one, kept] of properties)
    for (const name of new Set([...Reflect.ownKeys(one), ...Reflect.ownKeys(kept)])) {
      const [was, is] = [kept[name], Object.getOwnPropertyDescriptor(one, name)]
      if (!was) delete one[name]
      else if (was.value !== is?.value || was.get !== is?.get || was.set !== is?.set)
        Object.defineProperty(one, name, was)
    }
  for (const [one, kept] of listeners)
    insideOf(one)._eventListeners = Object.assign(
      Object.create(null),
      Object.fromEntries(kept.map(([type, all]) => [type, [...all]])),
    )
}

/** The window's own names and those of its kind, as names of the world. */
function namesOf(window) {
  const own = {}
  for (let kind = window; kind !== Object.prototype; kind = Object.getPrototypeOf(kind))
    for (const name of Object.getOwnPropertyNames(kind)) {
      const value = window[name]
      if (name in own || NODES.test(name) || name === 'constructor' || Object.is(value, globalThis[name])) continue
      const isVerb = typeof value === 'function' && /^[a-z]/.test(name)
      own[name] =
        typeof value === 'function'
          ? { configurable: true, enumerable: true, writable: true, value: isVerb ? value.bind(window) : value }
          : {
              configurable: true,
              enumerable: true,
              get: () => window[name],
              set: (given) => Reflect.set(window, name, given),
            }
    }
  for (const name of ['window', 'self', 'parent', 'top', 'frames'])
    own[name] = { configurable: true, enumerable: true, writable: true, value: globalThis }
  return own
}
