import { readFileSync } from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import {
  type Handings,
  type Listeners,
  type Scan,
  type WeappEvent,
  type WeappServer,
  type WeappSocket,
  wxOf,
} from './weapp-wx'
import { type Templates, templatesOf } from './wxml'

/**
 * Runs a built mini-program in node, without WeChat: its real bundles in a vm context whose `wx`, `App`, `Page` and
 * `Component` are ours. Collects `setData` into page data and reads it through the package's own base.wxml. It shows what
 * a page says and does, not how it looks.
 */
export interface Weapp {
  /** Opens a page as WeChat would: `open('pages/pay/index', { q: '…' })`. */
  open(route: string, query?: Record<string, string>): Promise<WeappPage>
  /** The page on the screen; changes when the program navigates. */
  page(): WeappPage
  storage: Map<string, unknown>
  /** WebSockets the program opened, oldest first. */
  sockets: WeappSocket[]
  /** What the camera reads next, in turn; with none the person puts the scanner away. */
  scans: Scan[]
  handings: Handings
  /** WeChat tells the program of something. */
  tell(event: WeappEvent, value?: object): void
  /** Ends it: its timers would keep node alive. */
  stop(): void
}

export interface WeappPage {
  route: string
  query: Record<string, string>
  /** Views in the order of the page. */
  views(): View[]
  /** All text of the page, or of the views of a class, in order. */
  text(className?: string): string
  /** Taps the button that says (or is labelled) this. Throws when there is none, or it is disabled. */
  tap(name: string): void
  /** Types into the field that is labelled this, instead of what was in it. Throws when there is none. */
  type(label: string, value: string): void
  /** The deepest nesting of views. */
  depth(): number
  /** What the page was given by `setData`, a JSON each time. */
  given: string[]
}

/** A view as base.wxml would make it: its tag, attributes and text. */
export interface View {
  tag: string
  attributes: Record<string, unknown>
  text: string
  sid: string
  depth: number
}

interface Node {
  nn?: string
  sid?: string
  cn?: Node[]
  [key: string]: unknown
}
interface Instance {
  data: { root?: Node }
  route: string
  eh?: (event: object) => void
  onLoad?: (query: object) => void
  onShow?: () => void
  onReady?: () => void
  onHide?: () => void
  onUnload?: () => void
  setData(changes: Record<string, unknown>, done?: () => void): void
  given: string[]
  [key: string]: unknown
}

export function startWeapp(root: string, server: WeappServer): Weapp {
  const templates = templatesOf(readFileSync(path.join(root, 'base.wxml'), 'utf8'))
  const storage = new Map<string, unknown>()
  const pages = new Map<string, object>()
  const sockets: WeappSocket[] = []
  const listeners: Listeners = new Map()
  const scans: Scan[] = []
  const handings: Handings = { asked: [], cancels: false, heard: [] }
  const stack: { instance: Instance; page: WeappPage }[] = []
  let app: Record<string, unknown> = {}

  const close = () => stack.pop()?.instance.onUnload?.()
  const open = async (route: string, query: Record<string, string> = {}) => {
    loading = route
    if (!pages.has(route)) run(`${route}.js`)
    const instance = instanceOf(pages.get(route) ?? fail(`${route} registered no page`), route)
    const page = pageOf(instance, query, templates)
    stack.push({ instance, page })
    instance.onLoad?.(query)
    instance.onShow?.()
    instance.onReady?.()
    return page
  }
  const navigate = (leave: () => void) => (options: { url: string; success?: (value: object) => void }) => {
    const [route = '', search = ''] = options.url.replace(/^\//, '').split('?')
    leave()
    void open(route, Object.fromEntries(new URLSearchParams(search)))
    options.success?.({ errMsg: 'ok' })
  }
  const wx = {
    ...wxOf(server, storage, sockets, listeners, scans, handings),
    navigateTo: navigate(() => stack.at(-1)?.instance.onHide?.()),
    redirectTo: navigate(close),
    reLaunch: navigate(() => {
      while (stack.length > 0) close()
    }),
    navigateBack(options: { success?: (value: object) => void }) {
      close()
      stack.at(-1)?.instance.onShow?.()
      options.success?.({ errMsg: 'ok' })
    },
  }
  let loading = ''
  const timers = timersOf()
  const context = vm.createContext({
    wx,
    console,
    ...timers.given,
    // biome-ignore-start lint/correctness/noComponentHookFactories: the names are WeChat's, not components of React
    App: (given: Record<string, unknown>) => {
      app = given
    },
    Page: (given: object) => void pages.set(loading, given),
    Component: () => {},
    Behavior: (given: object) => given,
    // biome-ignore-end lint/correctness/noComponentHookFactories: as above
    getApp: () => app,
    getCurrentPages: () => stack.map(({ instance }) => instance),
  })
  const run = moduleRunner(root, context)
  run('app.js')
  const launch = app.onLaunch as ((options: object) => void) | undefined
  launch?.call(app, { path: '', query: {}, scene: 1001 })

  return {
    open,
    storage,
    sockets,
    scans,
    handings,
    tell(event, value) {
      for (const listener of [...(listeners.get(event) ?? [])]) listener(value)
    },
    page: () => stack.at(-1)?.page ?? fail('no page is open'),
    stop: timers.stop,
  }
}

/** Node's timers for the program, with a way to end them all. */
function timersOf() {
  const running = new Set<NodeJS.Timeout>()
  const kept = (timer: NodeJS.Timeout) => {
    running.add(timer)
    return timer
  }
  const clear = (timer: NodeJS.Timeout | undefined) => {
    clearTimeout(timer)
    if (timer) running.delete(timer)
  }
  const given = {
    setTimeout: (...args: Parameters<typeof setTimeout>) => kept(setTimeout(...args)),
    setInterval: (...args: Parameters<typeof setInterval>) => kept(setInterval(...args)),
    clearTimeout: clear,
    clearInterval: clear,
  }
  return { given, stop: () => running.forEach(clear) }
}

/** `require` as WeChat has it: files of the package, each run once. */
function moduleRunner(root: string, context: vm.Context) {
  const loaded = new Map<string, { exports: unknown }>()
  const run = (file: string): unknown => {
    const name = path.posix.normalize(file.endsWith('.js') ? file : `${file}.js`)
    const known = loaded.get(name)
    if (known) return known.exports
    const module = { exports: {} }
    loaded.set(name, module)
    const source = `(function (require, module, exports) {${readFileSync(path.join(root, name), 'utf8')}\n})`
    const require = (wanted: string) => run(path.posix.join(path.posix.dirname(name), wanted))
    vm.runInContext(source, context, { filename: name })(require, module, module.exports)
    return module.exports
  }
  return run
}

function instanceOf(given: object, route: string): Instance {
  const instance = { ...given, route, data: structuredClone((given as Instance).data ?? {}) } as Instance
  instance.given = []
  instance.setData = (changes, done) => {
    instance.given.push(JSON.stringify(changes))
    for (const [place, value] of Object.entries(changes)) put(instance.data, place, value)
    if (done) setTimeout(done, 0)
  }
  return instance
}

/** `put(data, 'root.cn.[0].v', 'x')`, as `setData` reads its keys. */
function put(data: object, place: string, value: unknown) {
  const steps = place.split('.').map((step) => step.replace(/^\[(\d+)\]$/, '$1'))
  const last = steps.pop() ?? ''
  let at = data as Record<string, unknown>
  for (const step of steps) {
    at[step] ??= {}
    at = at[step] as Record<string, unknown>
  }
  at[last] = value
}

function pageOf(instance: Instance, query: Record<string, string>, templates: Templates): WeappPage {
  const views = () => (instance.data.root?.cn ?? []).flatMap((node) => viewsOf(node, templates, 1))
  const happen = ({ sid }: View, type: string, detail = {}) => {
    const target = { id: sid, dataset: { sid } }
    instance.eh?.({ type, target, currentTarget: target, detail, touches: [], timeStamp: Date.now() })
  }
  return {
    route: instance.route,
    query,
    views,
    given: instance.given,
    text: (className) =>
      className === undefined
        ? (instance.data.root?.cn ?? []).map((node) => textOf(node, templates)).join('')
        : views()
            .filter(({ attributes }) =>
              String(attributes.class ?? '')
                .split(' ')
                .includes(className),
            )
            .map(({ text }) => text)
            .join(''),
    tap(name) {
      const named = ({ attributes, text }: View) =>
        attributes['aria-role'] === 'button' && (attributes['aria-label'] === name || text === name)
      const button = views().find(named) ?? fail(`no button ${name} in: ${textOf(instance.data.root ?? {}, templates)}`)
      if (button.attributes['aria-disabled']) fail(`the button ${name} is disabled`)
      happen(button, 'tap')
    },
    type(label, value) {
      const labelled = ({ tag, attributes }: View) => tag === 'input' && attributes['aria-label'] === label
      happen(views().find(labelled) ?? fail(`no field ${label}`), 'input', { value })
    },
    depth: () => Math.max(0, ...views().map(({ depth }) => depth)),
  }
}

function viewsOf(node: Node, templates: Templates, depth: number): View[] {
  const template = templates.get(String(node.nn)) ?? fail(`base.wxml has no template for ${node.nn}`)
  if (template.tag === '#text') return []
  const attributes = Object.fromEntries([...template.attributes].map(([name, key]) => [name, node[key]]))
  const own = { tag: template.tag, attributes, text: textOf(node, templates), sid: String(node.sid), depth }
  return [own, ...childrenOf(node).flatMap((child) => viewsOf(child, templates, depth + 1))]
}

function textOf(node: Node, templates: Templates): string {
  if (templates.get(String(node.nn))?.tag === '#text') return String(node.v ?? '')
  return childrenOf(node)
    .map((child) => textOf(child, templates))
    .join('')
}

function childrenOf(node: Node): Node[] {
  return Object.values(node.cn ?? []).filter((child) => child?.nn !== undefined)
}

function fail(message: string): never {
  throw new Error(message)
}
