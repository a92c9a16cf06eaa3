import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { Box } from '../../src/components/base.weapp'
import { LargeType } from '../../src/components/large-type'
import { largeType } from '../../src/large-type'
import { followTextSize } from '../../src/platform/text-size'
import { followTextSize as followWeChat } from '../../src/platform/text-size.weapp'
import { fake } from '../support/taro'

const root = document.documentElement
const said = () => [root.style.getPropertyValue('--type'), root.style.getPropertyValue('--zoom')]

beforeEach(() => fake.reset())
afterEach(() => {
  cleanup()
  jest.restoreAllMocks()
  document.body.removeAttribute('style')
  largeType.wished(1)
  if (largeType.now().on) largeType.toggle()
})

describe('大字', () => {
  it('is kept on this device until it is pressed again', () => {
    render(<LargeType />)
    const button = () => screen.getByRole('button', { name: '大字' })
    expect(button().getAttribute('aria-pressed')).toBe('false')
    fireEvent.click(button())
    expect(button().getAttribute('aria-pressed')).toBe('true')
    expect(fake.storage.get('fapai.large-type')).toBe(true)
    fireEvent.click(button())
    expect(fake.storage.has('fapai.large-type')).toBe(false)
  })

  it('is nothing to choose where the reader’s own setting is as large', () => {
    render(<LargeType />)
    act(() => largeType.wished(1.5))
    expect(screen.queryByRole('button')).toBeNull()
    act(() => largeType.wished(1.2))
    expect(screen.getByRole('button')).toBeTruthy()
  })
})

describe('what the reader of a page in a browser wants', () => {
  /** A browser whose own size is so many px, and that makes every size larger by itself. */
  const lays = (mediumPx: number, zoom = 1) =>
    jest.spyOn(window, 'getComputedStyle').mockImplementation((one) => {
      const { style } = one as HTMLElement
      const px = style.fontSize === 'medium' ? mediumPx : Number.parseFloat(style.fontSize)
      return { fontSize: `${px * zoom}px` } as CSSStyleDeclaration
    })

  it.each([
    ['nothing', 16, 1, ['1', '1'], false],
    ['the browser’s setting', 24, 1, ['1.5', '1'], true],
    ['an app on Android that makes all larger by itself, which is taken back', 16, 1.3, ['1.3', '1.3'], false],
    ['more than fits', 64, 1, ['2', '1'], true],
    ['less than can be read', 9, 1, ['1', '1'], false],
  ])('%s', (_, mediumPx, zoom, type, elder) => {
    lays(mediumPx, zoom)
    followTextSize()
    expect([said(), root.classList.contains('elder')]).toEqual([type, elder])
  })

  it('WeChat on an iPhone, where it is changed while the page is open', async () => {
    lays(16)
    followTextSize()
    await act(async () => document.body.style.setProperty('-webkit-text-size-adjust', '175%'))
    expect([said(), root.classList.contains('elder')]).toEqual([['1.75', '1'], true])
  })
})

describe('the mini-program', () => {
  const page = () => document.querySelector<HTMLElement>('.page')!
  const drawn = () => [JSON.parse(page().dataset.props!).style, page().className]
  const open = () =>
    render(
      <Box className="page" role="main">
        付款
      </Box>,
    )

  it.each([
    [{}, 1, 'page'],
    [{ fontSizeSetting: 17 }, 1, 'page'],
    [{ fontSizeSetting: 34 }, 2, 'page elder'],
    [{ fontSizeSetting: 22, fontSizeScaleFactor: 1.25 }, 1.25, 'page'],
  ])('takes WeChat’s setting: %j', (settings, scale, className) => {
    fake.appBaseInfo = settings
    followWeChat()
    open()
    expect(drawn()).toEqual([{ '--type': scale }, className])
  })

  it('and takes it anew when its person comes back from having changed it', () => {
    fake.appBaseInfo = {}
    followWeChat()
    open()
    fake.appBaseInfo = { fontSizeScaleFactor: 1.6 }
    act(() => fake.appShow.forEach((shown) => void shown()))
    expect(drawn()).toEqual([{ '--type': 1.6 }, 'page elder'])
  })

  it('has 大字 too', () => {
    open()
    act(() => largeType.toggle())
    expect(page().className).toBe('page elder')
  })
})
