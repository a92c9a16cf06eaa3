import type { Page } from 'playwright-core'

/** How a page looks, measured in the browser: what can't be read, hit or told from its paper. */

/**
 * How large the page's reader wants text, as WeChat on an iPhone tells it: 1 is as drawn, 2 twice that.
 */
export async function wishText(page: Page, scale: number): Promise<void> {
  // the page hears of it before it is asked anything else; a frame would be long in coming where another page is in front
  await page.evaluate((wished) => {
    document.body.style.setProperty('-webkit-text-size-adjust', `${wished * 100}%`)
  }, scale)
}

/**
 * Texts that can't be read whole: over the side of the window, of their button or of what cuts them off, longer than their field, or written over one
 * another. What is only scrolled away is none of them; of what lies over a page, that alone counts. `leastPx`: and those smaller than that.
 */
export function textFaults(page: Page, leastPx = 0): Promise<string[]> {
  return page.evaluate((least) => {
    interface Sides {
      left: number
      right: number
      top: number
      bottom: number
    }
    const faults: string[] = []
    const dialogs = document.querySelectorAll('dialog[open]')
    const root = dialogs[dialogs.length - 1] ?? document.body
    const seen: { words: string; own: Element; box: Sides }[] = []
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const text = walker.currentNode
      const words = text.textContent?.trim()
      const own = text.parentElement
      if (!words || !own || own.closest('script, style, .heard') || !own.checkVisibility()) continue
      const px = Number.parseFloat(getComputedStyle(own).fontSize)
      if (px < least && !own.closest('[aria-hidden=true]')) faults.push(`${words} is ${px} px`)
      const range = document.createRange()
      range.selectNodeContents(text)
      for (const rect of range.getClientRects()) {
        if (rect.width <= 1) continue
        // of the line's height the letters take about so much; what is left may touch the next line's
        const middle = (rect.top + rect.bottom) / 2
        const box: Sides = { left: rect.left, right: rect.right, top: middle - px * 0.38, bottom: middle + px * 0.38 }
        let cut = box.left < -1 || box.right > innerWidth + 1
        for (let one: Element | null = own; one; one = one.parentElement) {
          const { overflowX, overflowY, position } = getComputedStyle(one)
          const side = one.getBoundingClientRect()
          const beside = box.left < side.left - 1 || box.right > side.right + 1
          const beyond = box.top < side.top - 1 || box.bottom > side.bottom + 1
          if (one.matches('button') && (beside || beyond)) cut = true
          if (overflowX !== 'visible' && beside) cut = true
          if (/hidden|clip/.test(overflowY) && beyond && one !== document.body) cut = true
          if (/auto|scroll/.test(overflowY)) {
            box.top = Math.max(box.top, side.top)
            box.bottom = Math.min(box.bottom, side.bottom)
          }
          if (position === 'fixed') break
        }
        if (cut) faults.push(`cut: ${words}`)
        if (box.bottom > box.top) seen.push({ words, own, box })
      }
    }
    seen.forEach(({ words, own, box }, i) => {
      for (const other of seen.slice(i + 1)) {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
        if (own !== other.own && wide > 2 && high > 2) faults.push(`over one another: ${words} | ${other.words}`)
      }
    })
    const pen = document.createElement('canvas').getContext('2d')
    for (const field of root.querySelectorAll<HTMLInputElement>('input.field')) {
      const { font, paddingLeft, paddingRight } = getComputedStyle(field)
      const words = field.value || field.placeholder
      const room = field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
      if (pen) pen.font = font
      if (pen && pen.measureText(words).width > room + 1) faults.push(`longer than its field: ${words}`)
    }
    return [...new Set(faults)]
  }, leastPx)
}

/** Controls smaller than a finger: each as `name 44×30`. */
export function smallTargets(page: Page, leastPx: number): Promise<string[]> {
  return page.evaluate((least) => {
    const controls = document.querySelectorAll('button, a, select, label, [role=button], [role=link], [role=tab]')
    return [...controls].flatMap((control) => {
      const { width, height } = control.getBoundingClientRect()
      // half a pixel for the rounding of fractional layouts
      const fits = width + 0.5 >= least && height + 0.5 >= least
      const name = control.getAttribute('aria-label') ?? control.textContent
      return fits || width === 0 ? [] : [`${name} ${width}×${height}`]
    })
  }, leastPx)
}

/**
 * Every visible text of the page with its contrast by WCAG 2 (1–21), from computed colours: the text's over the
 * backgrounds below it, see-through ones blended.
 */
export function textContrasts(page: Page): Promise<{ text: string; ratio: number }[]> {
  return page.evaluate(() => {
    type Colour = [red: number, green: number, blue: number, alpha: number]
    const colourOf = (css: string): Colour => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number)
      return [red, green, blue, alpha]
    }
    const over = (top: Colour, below: Colour): Colour => {
      const blend = (i: 0 | 1 | 2) => top[i] * top[3] + below[i] * (1 - top[3])
      return [blend(0), blend(1), blend(2), 1]
    }
    const backgroundOf = (element: Element | null): Colour => {
      if (!element) return [255, 255, 255, 1]
      const own = colourOf(getComputedStyle(element).backgroundColor)
      return own[3] === 1 ? own : over(own, backgroundOf(element.parentElement))
    }
    const luminance = (colour: Colour): number => {
      const linear = (i: 0 | 1 | 2) => {
        const part = colour[i] / 255
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      }
      return 0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2)
    }
    const ownText = (element: Element) =>
      [...element.childNodes].flatMap((node) => (node instanceof Text ? [node.data.trim()] : [])).join('')
    return [...document.querySelectorAll('body *')].flatMap((element) => {
      const { width } = element.getBoundingClientRect()
      const text = ownText(element)
      // one pixel wide: written for screen readers only
      if (!text || width <= 1 || /^(SCRIPT|STYLE)$/.test(element.tagName)) return []
      const background = backgroundOf(element)
      const ink = luminance(over(colourOf(getComputedStyle(element).color), background))
      const paper = luminance(background)
      return [{ text, ratio: (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) }]
    })
  })
}

/** Animations that run and take time, by name. */
export function movements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document.getAnimations().flatMap((one) => {
      const takesMs = Number(one.effect?.getComputedTiming().duration ?? 0)
      return takesMs > 0 && one.playState === 'running' ? [(one as CSSAnimation).animationName ?? 'transition'] : []
    }),
  )
}
