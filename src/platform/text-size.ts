import { largeType } from '../large-type'

/** A browser's own size of text, which its settings change, px. */
const PLAIN_PX = 16
/** An iPhone's, which the system's setting changes, px. */
const APPLE_PX = 17

/** What becomes of a style's size, px; NaN where nobody lays anything out. */
function drawnPx(style: string): number {
  const probe = document.createElement('i')
  probe.style.cssText = style
  document.body.append(probe)
  const px = Number.parseFloat(getComputedStyle(probe).fontSize)
  probe.remove()
  return px
}

/** How much larger than drawn the reader wants text, as the browser, the system or the app around it says: nobody is asked, it is measured. */
function wishedScale(): number {
  const all = [
    drawnPx('font-size:medium') / PLAIN_PX,
    // a Mac's is smaller, and no setting
    drawnPx(`font-size:${APPLE_PX}px;font:-apple-system-body`) / APPLE_PX,
    // WeChat on iPhones writes it here; what it would do by that the sizes do themselves (src/app.scss)
    Number.parseFloat(document.body.style.getPropertyValue('-webkit-text-size-adjust')) / 100,
  ]
  return Math.max(...all.filter(Number.isFinite), 1)
}

/** Keeps all of the document at the size that its reader wants (src/tokens.scss). */
export function followTextSize(): void {
  const { style, classList } = document.documentElement
  const size = () => {
    const now = largeType.now()
    style.setProperty('--type', String(now.scale))
    classList.toggle('elder', largeType.roomy(now))
  }
  const measure = () => {
    // apps on Android, WeChat among them, make every size larger by themselves, asked or not
    style.setProperty('--zoom', String(drawnPx('font-size:100px') / 100 || 1))
    largeType.wished(wishedScale())
  }
  measure()
  size()
  largeType.listen(size)
  new MutationObserver(measure).observe(document.body, { attributeFilter: ['style'] })
  if (!window.ResizeObserver) return
  const probe = document.createElement('i')
  probe.style.cssText = 'position:absolute;visibility:hidden;width:1em;font-size:medium'
  document.body.append(probe)
  new ResizeObserver(measure).observe(probe)
}
