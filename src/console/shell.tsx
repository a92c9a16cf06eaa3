import type { OperatorSession } from '@contract'
import { Component, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useAnew } from '../use-anew'
import { BrakeBar, BrakeKey } from './brake-bar'
import { useInbox } from './inbox'
import { Login } from './login'
import { PAGES, type Page, SECTIONS } from './pages'
import { Password } from './password'
import { may } from './permissions'
import { go, Link, leaveBy, useBrowserSteps, useMatch, usePlace } from './router'
import { useScroll } from './scroll'
import { SearchBox } from './search-box'
import { useOperator, useSession, useWorker } from './session'
import { logOut } from './session-calls'
import { Button, Empty, Loading, Notice, PageHead, Toasts } from './ui'
import { useUnread } from './unread'
import { ROLE_WORDS } from './words'

/**
 * What is seen depends on who is there: nobody, somebody with a password to change or a second factor to set up, or an operator at work.
 * Whose session expires logs in over the page that they were at, and finds it as they left it; anybody else finds nothing of it.
 */
export function Shell() {
  useBrowserSteps()
  const session = useSession()
  const worker = useWorker()
  const inside = useRef<string | null>(null)
  const door = doorOf(session)
  if (!worker) inside.current = null
  else if (!door) inside.current = worker.username
  const open = worker !== null && inside.current === worker.username
  return (
    <>
      {open && door ? <Over>{door}</Over> : door}
      {open && <House key={worker.username} covered={door !== null} />}
    </>
  )
}

/** What has to be done before anything else; null: nothing. */
function doorOf(session: OperatorSession | null): ReactNode {
  if (!session) return <Login />
  if (session.operator.mustChangePassword) return <Password due />
  if (!session.secondFactorDue) return null
  return (
    <Boundary>
      <Suspense fallback={<Loading lines={8} />}>
        <SecondFactor due />
      </Suspense>
    </Boundary>
  )
}

/** Over everything, dialogs too, and in nobody's way once it is gone: the page below keeps what was typed, and where it was scrolled to. */
function Over({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDialogElement>(null)
  const show = () => box.current?.isConnected && !box.current.open && box.current.showModal()
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is opened once
  useEffect(() => {
    const dialog = box.current
    show()
    return () => dialog?.close()
  }, [])
  return (
    <dialog ref={box} className="c-over" aria-label="登录" onCancel={(event) => event.preventDefault()} onClose={show}>
      {children}
    </dialog>
  )
}

function House({ covered }: { covered: boolean }) {
  const { path } = usePlace()
  const main = useRef<HTMLElement>(null)
  useEffect(() => {
    if (/^(index|login(\/index)?)?$/.test(path)) go('home', { replace: true })
  }, [path])
  useScroll(main, path)
  return (
    // React of before 19 doesn't know the attribute by its type
    <div className="console c-house" {...(covered && ({ inert: '', 'aria-hidden': true } as object))}>
      <button type="button" className="c-skip" onClick={() => main.current?.focus()}>
        跳到正文
      </button>
      <Side />
      <main ref={main} className="c-main" tabIndex={-1}>
        <BrakeBar />
        <Offline />
        <Boundary key={path}>
          <Suspense fallback={<Loading lines={8} />}>
            <Current />
          </Suspense>
        </Boundary>
      </main>
      <Toasts />
    </div>
  )
}

/** Said on every page: what is seen may be old, and what is done doesn't arrive. */
function Offline() {
  const [offline, setOffline] = useState(() => navigator.onLine === false)
  useEffect(() => {
    const look = () => setOffline(navigator.onLine === false)
    window.addEventListener('online', look)
    window.addEventListener('offline', look)
    return () => {
      window.removeEventListener('online', look)
      window.removeEventListener('offline', look)
    }
  }, [])
  return (
    <div role="status">
      {offline && (
        <Notice>网络不通：看到的可能不是最新的，现在提交不了。填写的内容请留在页面上，网络恢复后再继续。</Notice>
      )}
    </div>
  )
}

/** Brings what makes pictures of secrets, which few need more than once. */
const SecondFactor = lazy(() => import('./second-factor'))

/** Each page is a chunk of its own, loaded when it is first opened. */
const VIEWS = new Map(PAGES.map((page) => [page, lazy(page.load)]))

function Current() {
  const operator = useOperator()
  const { path } = usePlace()
  const found = useMatch(PAGES)
  if (path === 'password') return <Password />
  if (path === 'second-factor') return <SecondFactor />
  if (!found) return <Nothing title="没有这一页" text="地址可能已变，请从左边进入。" />
  if (!may(operator, found.page.permission))
    return <Nothing title="没有权限" text="您的角色或网点不能打开这一页，需要时请联系管理员。" />
  const View = VIEWS.get(found.page)!
  return <View key={path} params={found.params} />
}

function Nothing({ title, text }: { title: string; text: string }) {
  return (
    <>
      <PageHead title={title} />
      <Empty title={text} />
    </>
  )
}

function Side() {
  const operator = useOperator()
  const waiting = useInbox(operator.username)
  const unread = useUnread(operator.username)
  const section = useMatch(PAGES)?.page.section
  const { path } = usePlace()
  // on a narrow screen the menu closes when a page was chosen
  const [open, setOpen] = useAnew(false, path)
  return (
    <header className={`c-side ${open ? 'c-side--open' : ''}`}>
      <div className="c-side__brand">
        <Link to="home">发牌 · 运营台</Link>
        <button type="button" className="c-side__menu" aria-expanded={open} onClick={() => setOpen(!open)}>
          菜单
        </button>
      </div>
      {path !== 'search' && <SearchBox />}
      <nav className="c-side__nav" aria-label="主导航">
        <ul>
          {SECTIONS.filter(([name]) => may(operator, firstOf(name).permission)).map(([name, words]) => (
            <li key={name}>
              <Link to={name} className="c-side__link" aria-current={section === name ? 'page' : undefined}>
                {words}
                {name === 'reviews' && waiting ? <Badge count={String(waiting)} heard="项待我复核" /> : null}
                {name === 'notifications' && unread?.unread ? (
                  <Badge count={`${unread.unread}${unread.more ? '+' : ''}`} heard="条未读" />
                ) : null}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="c-side__foot">
        <p className="c-side__name">{operator.name}</p>
        <p className="c-side__roles">
          {operator.roles.map((role) => ROLE_WORDS[role]).join('、')}
          {operator.branchCode && ` · 网点 ${operator.branchCode}`}
        </p>
        <BrakeKey />
        <div className="c-side__keys">
          {!operator.singleSignOn && <Link to="password">修改密码</Link>}
          <Link to="second-factor">两步验证</Link>
          <Button kind="text" onClick={() => leaveBy(() => void logOut())}>
            退出
          </Button>
        </div>
      </div>
    </header>
  )
}

const firstOf = (section: string): Page => PAGES.find((page) => page.section === section)!

function Badge({ count, heard }: { count: string; heard: string }) {
  return (
    <span className="c-badge">
      {count}
      <span className="heard">{heard}</span>
    </span>
  )
}

/** A page that breaks takes only itself down; a chunk that can't be loaded (a new version, no network) too. */
class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <Empty title="页面没有打开：网络不通，或刚刚更新过。">
        <Button onClick={() => location.reload()}>重新载入</Button>
      </Empty>
    )
  }
}
